package dev.superbatch.contract;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.Yaml;

/** Runs the client contract (clients/scenarios) against a running optimizer. */
public final class ContractRunner {
  private ContractRunner() {}

  /** Prints how many scenarios passed, or what was wrong, and ends with 1. */
  public static void main(String[] arguments) throws IOException {
    List<Map<String, Object>> scenarios;
    try (Reader file = Files.newBufferedReader(Path.of(System.getenv("SUPERBATCH_SCENARIOS")))) {
      scenarios = Tree.list(Tree.map(new Yaml().load(file)).get("scenarios"));
    }
    int steps = 0;
    for (Map<String, Object> scenario : scenarios) {
      int number = 0;
      try (ScenarioRunner runner = new ScenarioRunner()) {
        for (Map<String, Object> step : Tree.<Map<String, Object>>list(scenario.get("steps"))) {
          number++;
          runner.take(step);
          steps++;
        }
      } catch (Exception | AssertionError difference) {
        System.out.printf("java: %s, step %d: %s%n", scenario.get("name"), number, difference);
        System.exit(1);
      }
    }
    System.out.printf("java: %d scenarios passed, %d steps%n", scenarios.size(), steps);
  }
}
