import { type optimizer, pointFromProto } from "@superbatch/contracts";
import type { Point } from "@superbatch/search-space";

/** Files of one attempt. */
export interface AttemptFiles {
  /** JSON object of the trial's parameters. */
  readonly parameters: string;
  /** JSON lines that the program appends. */
  readonly metrics: string;
  /** What the program prints. */
  readonly log: string;
}

/** The variables by which a program learns its trial. docs/reference/cli.md lists them. */
export function attemptEnvironment(
  lease: optimizer.TrialLease,
  study: string,
  files: AttemptFiles,
): Record<string, string> {
  const trial = lease.trial!;
  const point = pointFromProto(trial.parameters);
  const parameters = Object.entries(point).map(([name, value]) => [
    `SUPERBATCH_PARAM_${variableName(name)}`,
    String(value),
  ]);
  return {
    ...Object.fromEntries(parameters),
    SUPERBATCH_STUDY: study,
    SUPERBATCH_TRIAL: trial.name,
    SUPERBATCH_TRIAL_NUMBER: String(trial.number),
    SUPERBATCH_ATTEMPT: String(trial.attempts),
    SUPERBATCH_SEED: String(lease.seed),
    SUPERBATCH_METRIC: lease.metric,
    SUPERBATCH_PARAMETERS_FILE: files.parameters,
    SUPERBATCH_METRICS_FILE: files.metrics,
    // The W3C variable that OpenTelemetry's SDKs and tools read: the program's spans join the trial's trace.
    TRACEPARENT: trial.traceparent,
  };
}

/** A parameter's name as part of a variable's: capitals, and _ for what else a name may hold. */
export function variableName(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9_]/g, "_");
}

/**
 * Arguments with `{NAME}` replaced by the parameter's value, or by a file or fact of the trial: {parameters_file}, {metrics_file}, {trial},
 * {seed}. Braces around anything else stay as they are; an inactive parameter is the empty text.
 *
 * @param names - of all parameters of the space, inactive ones included
 */
export function fillTemplate(
  args: readonly string[],
  names: readonly string[],
  point: Point,
  facts: Readonly<Record<string, string>>,
): string[] {
  return args.map((arg) =>
    arg.replaceAll(/\{([A-Za-z_][\w.-]*)\}/g, (whole, name: string) => {
      if (Object.hasOwn(point, name)) return String(point[name]);
      if (names.includes(name)) return "";
      return facts[name] ?? whole;
    }),
  );
}
