import {
  ClientError,
  ConfigError,
  errorMetadata,
  type FieldViolation,
  fieldViolations,
  isAbortError,
  reasonOf,
  Status,
} from "@superbatch/rpc";
import { type ExitCode, exitCodes } from "./exit-codes.ts";

/** An error that a command explains itself. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;
  readonly remedy: string;
  readonly fields: readonly FieldViolation[];

  constructor(
    message: string,
    options: { exitCode?: ExitCode; remedy?: string; fields?: readonly FieldViolation[] } = {},
  ) {
    super(message);
    this.name = "CommandError";
    this.exitCode = options.exitCode ?? exitCodes.failed;
    this.remedy = options.remedy ?? "";
    this.fields = options.fields ?? [];
  }
}

/** What was wrong with the arguments. */
export function usageError(message: string, remedy = ""): CommandError {
  return new CommandError(message, { exitCode: exitCodes.usage, remedy });
}

/** An error as it is told: to people in lines, to programs as JSON. */
export interface Failure {
  readonly exitCode: ExitCode;
  readonly message: string;
  /** The service's reason, such as STUDY_NOT_FOUND. */
  readonly reason?: string;
  readonly fields: readonly FieldViolation[];
  /** What to do. */
  readonly remedy: string;
}

const codes: Readonly<Partial<Record<Status, ExitCode>>> = {
  [Status.INVALID_ARGUMENT]: exitCodes.usage,
  [Status.NOT_FOUND]: exitCodes.notFound,
  [Status.UNAVAILABLE]: exitCodes.unavailable,
  [Status.DEADLINE_EXCEEDED]: exitCodes.unavailable,
  [Status.UNAUTHENTICATED]: exitCodes.denied,
  [Status.PERMISSION_DENIED]: exitCodes.denied,
};

/** @param address - of the service that was asked, for errors of the connection. */
export function failureOf(error: unknown, address: string): Failure {
  if (error instanceof CommandError) {
    const { exitCode, message, remedy, fields } = error;
    return { exitCode, message, remedy, fields };
  }
  if (error instanceof ConfigError)
    return { exitCode: exitCodes.usage, message: error.problems.join("\n"), fields: [], remedy: "" };
  if (isAbortError(error)) return { exitCode: exitCodes.interrupted, message: "Interrupted", fields: [], remedy: "" };
  if (!(error instanceof ClientError)) {
    const message = error instanceof Error ? error.message : String(error);
    return { exitCode: exitCodes.failed, message, fields: [], remedy: "" };
  }
  const reason = reasonOf(error);
  const exitCode = codes[error.code] ?? exitCodes.failed;
  const fields = fieldViolations(error);
  const unreachable = error.code === Status.UNAVAILABLE && reason === undefined;
  return {
    exitCode,
    // The fields are listed below the message, which would otherwise repeat them.
    message: unreachable
      ? `Nothing answers at ${address}: ${connectionDetail(error.details)}`
      : fields.length > 0
        ? "The request has invalid fields"
        : error.details,
    ...(reason !== undefined && { reason }),
    fields,
    remedy: unreachable
      ? "Start the services with superbatch up, or name where they are with --address or SUPERBATCH_ADDRESS."
      : (errorMetadata(error).remedy ??
        (error.code === Status.DEADLINE_EXCEEDED
          ? `See that the service at ${address} is well: superbatch doctor.`
          : "")),
  };
}

/** Of gRPC's account of all its attempts, what the last one met. */
function connectionDetail(details: string): string {
  return /connect E[A-Z]+/.exec(details)?.[0] ?? details;
}

/** The failure in lines for a terminal. */
export function failureLines({ message, fields, remedy }: Failure): string[] {
  return [
    `superbatch: ${message}`,
    ...fields.map(({ path, message: detail }) => `  ${path}: ${detail}`),
    ...(remedy === "" ? [] : [`  ${remedy}`]),
  ];
}
