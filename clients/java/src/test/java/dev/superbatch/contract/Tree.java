package dev.superbatch.contract;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Values of YAML and JSON as maps, lists, texts, numbers and flags. */
final class Tree {
  private static final Pattern REFERENCE = Pattern.compile("\\$\\{(\\w+)}");

  private Tree() {}

  @SuppressWarnings("unchecked")
  static Map<String, Object> map(Object tree) {
    return tree == null ? Map.of() : (Map<String, Object>) tree;
  }

  @SuppressWarnings("unchecked")
  static <T> List<T> list(Object tree) {
    return tree == null ? List.of() : (List<T>) tree;
  }

  /** Replaces ${name} by what was saved, in all texts of a tree. */
  static Object fill(Object tree, Map<String, String> saved) {
    if (tree instanceof String text) {
      return REFERENCE.matcher(text).replaceAll(match -> saved.get(match.group(1)));
    }
    if (tree instanceof Map) {
      Map<String, Object> filled = new LinkedHashMap<>();
      map(tree).forEach((key, value) -> filled.put(key, fill(value, saved)));
      return filled;
    }
    return tree instanceof List ? list(tree).stream().map(item -> fill(item, saved)).toList() : tree;
  }

  /** A value by its path, such as leases[0].trial.name; null if it is not there. */
  static Object at(Object tree, String path) {
    Object node = tree;
    for (String key : path.replace("[", ".").replace("]", "").split("\\.")) {
      if (node instanceof List) {
        List<Object> items = list(node);
        int index = Integer.parseInt(key);
        node = index < items.size() ? items.get(index) : null;
      } else {
        node = node instanceof Map ? map(node).get(key) : null;
      }
    }
    return node;
  }

  /** Whether a value of proto3 JSON is that of the file: what JSON leaves out is 0, empty or false, and 64-bit numbers are texts. */
  static boolean same(Object actual, Object expected) {
    if (actual == null) {
      return "".equals(expected) || Boolean.FALSE.equals(expected) || expected instanceof Number number && number.doubleValue() == 0;
    }
    if (expected instanceof Number number) {
      return Double.parseDouble(actual.toString()) == number.doubleValue();
    }
    return actual.equals(expected);
  }
}
