package dev.superbatch.contract;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.Yaml;

/** Trees of maps, lists and plain values, as YAML has them; JSON is read as the YAML that it is. */
final class Json {
  private static final Pattern NAME = Pattern.compile("\\$\\{(\\w+)\\}");

  private Json() {}

  static Object read(String text) {
    return new Yaml().load(text);
  }

  static String write(Object tree) {
    if (tree instanceof Map<?, ?> map) {
      StringBuilder text = new StringBuilder("{");
      map.forEach((key, value) -> text.append(text.length() > 1 ? "," : "").append(quote(key)).append(":").append(write(value)));
      return text.append("}").toString();
    }
    if (tree instanceof List<?> list) {
      return "[" + String.join(",", list.stream().map(Json::write).toList()) + "]";
    }
    return tree instanceof String ? quote(tree) : String.valueOf(tree);
  }

  /** Replaces ${name} by what was saved, in all texts of a tree. */
  static Object fill(Object tree, Map<String, String> saved) {
    if (tree instanceof String text) {
      return NAME.matcher(text).replaceAll(match -> Matcher.quoteReplacement(saved.getOrDefault(match.group(1), "")));
    }
    if (tree instanceof Map<?, ?> map) {
      Map<Object, Object> filled = new LinkedHashMap<>();
      map.forEach((key, value) -> filled.put(key, fill(value, saved)));
      return filled;
    }
    return tree instanceof List<?> list ? list.stream().map(item -> fill(item, saved)).toList() : tree;
  }

  /** A value by its path, such as leases[0].trial.name; null if it is not there. */
  static Object at(Object tree, String path) {
    Object found = tree;
    for (String key : path.replace("[", ".").replace("]", "").split("\\.")) {
      if (found instanceof Map<?, ?> map) {
        found = map.get(key);
      } else if (found instanceof List<?> list && Integer.parseInt(key) < list.size()) {
        found = list.get(Integer.parseInt(key));
      } else {
        return null;
      }
    }
    return found;
  }

  /** Whether a value of proto3 JSON is that of the file: what JSON leaves out is 0, empty or false, and 64-bit numbers are texts. */
  static boolean same(Object actual, Object expected) {
    if (actual == null) {
      return List.of("0", "", "false").contains(String.valueOf(expected));
    }
    try {
      return Double.parseDouble(String.valueOf(actual)) == Double.parseDouble(String.valueOf(expected));
    } catch (NumberFormatException text) {
      return String.valueOf(actual).equals(String.valueOf(expected));
    }
  }

  private static String quote(Object text) {
    return '"' + String.valueOf(text).replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
