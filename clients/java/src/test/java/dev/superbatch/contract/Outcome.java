package dev.superbatch.contract;

import dev.superbatch.FieldViolation;
import dev.superbatch.SuperbatchException;
import java.util.List;
import java.util.Map;

/** What a step led to. */
record Outcome(SuperbatchException error, String command, String outcome, Object response) {
  static final Outcome OK = new Outcome(null, "", "", null);

  static Outcome refused(SuperbatchException error) {
    return new Outcome(error, "", "", null);
  }

  /** What is not as expected, in words; null if all is. */
  String difference(Map<?, ?> expected, Map<String, String> saved) {
    String status = error == null ? "OK" : error.code().name();
    String reason = error == null ? "" : error.reason();
    String wanted = text(expected, "status", "OK") + " " + text(expected, "reason", "");
    if (!wanted.equals(status + " " + reason)) {
      return "expected " + wanted + ", got " + status + " " + reason + ": " + error;
    }
    List<String> fields = error == null ? List.of() : error.violations().stream().map(FieldViolation::path).sorted().toList();
    Object wantedFields = expected.containsKey("fields") ? expected.get("fields") : List.of();
    if (!fields.equals(wantedFields)) {
      return "expected the fields " + wantedFields + ", got " + fields;
    }
    if (!command.equals(text(expected, "command", "")) || !outcome.equals(text(expected, "outcome", ""))) {
      return "expected " + expected + ", got " + command + outcome;
    }
    if (expected.get("response") instanceof Map<?, ?> values) {
      for (Map.Entry<?, ?> value : values.entrySet()) {
        Object actual = Json.at(response, (String) value.getKey());
        if (!Json.same(actual, Json.fill(value.getValue(), saved))) {
          return "expected " + value + ", got " + actual;
        }
      }
    }
    return null;
  }

  private static String text(Map<?, ?> map, String key, String absent) {
    return map.containsKey(key) ? String.valueOf(map.get(key)) : absent;
  }
}
