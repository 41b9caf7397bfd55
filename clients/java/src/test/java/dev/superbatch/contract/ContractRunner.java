package dev.superbatch.contract;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Runs the client contract (clients/scenarios) against a running optimizer. */
public final class ContractRunner {
  private ContractRunner() {}

  /** Prints one line; exits with 1 if anything is not as expected. */
  public static void main(String[] arguments) throws Exception {
    Object file = Json.read(Files.readString(Path.of(System.getenv("SUPERBATCH_SCENARIOS"))));
    List<?> scenarios = (List<?>) ((Map<?, ?>) file).get("scenarios");
    int steps = 0;
    for (Object each : scenarios) {
      Map<?, ?> scenario = (Map<?, ?>) each;
      List<?> list = (List<?>) scenario.get("steps");
      try (ScenarioRunner runner = new ScenarioRunner()) {
        for (int i = 0; i < list.size(); i++, steps++) {
          try {
            runner.take((Map<?, ?>) list.get(i));
          } catch (AssertionError difference) {
            System.out.println("java: " + scenario.get("name") + ", step " + (i + 1) + ": " + difference.getMessage());
            System.exit(1);
          }
        }
      }
    }
    System.out.println("java: " + scenarios.size() + " scenarios passed, " + steps + " steps");
    System.exit(0);
  }
}
