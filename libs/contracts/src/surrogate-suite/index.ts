import { ClientError, Status } from "nice-grpc-common";
import { ContractBreach } from "./breach.ts";
import { dataChecks } from "./data-checks.ts";
import { errorChecks } from "./error-checks.ts";
import { posteriorChecks } from "./posterior-checks.ts";
import type { Subject, SurrogateClient } from "./subject.ts";
import type { SurrogateCheck } from "./suite.ts";

export { ContractBreach } from "./breach.ts";
export type { Subject, SurrogateClient } from "./subject.ts";
export type { SurrogateCheck } from "./suite.ts";

/** What any surrogate server must do, in whatever language. */
export const surrogateChecks: readonly SurrogateCheck[] = [...dataChecks, ...posteriorChecks, ...errorChecks];

export interface SuiteOptions {
  /** Longest wait for a small fit after long ones were cancelled, seconds. @default 60 */
  readonly patienceSeconds?: number;
  /** Only the checks of one group. @default all */
  readonly group?: SurrogateCheck["group"];
}

export const surrogateCheckGroups: readonly SurrogateCheck["group"][] = [
  ...new Set(surrogateChecks.map(({ group }) => group)),
];

export interface CheckResult {
  readonly group: SurrogateCheck["group"];
  readonly name: string;
  /** What is wrong, in one sentence; absent if the check passed. */
  readonly breach?: string;
}

/**
 * Examines a server, one check after the other; a breach does not end it.
 *
 * @param client - a client with the error-details middleware of nice-grpc-error-details, and without retries of INTERNAL.
 * @throws the ClientError with UNAVAILABLE if nothing answers: that says nothing about the contract.
 */
export async function* examineSurrogate(
  client: SurrogateClient,
  options: SuiteOptions = {},
): AsyncGenerator<CheckResult> {
  const subject: Subject = { client, patienceSeconds: options.patienceSeconds ?? 60 };
  await client.describe({}).catch((error: unknown) => {
    // Any other failure is a breach, which the first check tells.
    if (error instanceof ClientError && error.code === Status.UNAVAILABLE) throw error;
  });
  for (const { group, name, run } of surrogateChecks) {
    if (options.group !== undefined && group !== options.group) continue;
    const breach = await breachOf(run, subject);
    yield { group, name, ...(breach !== undefined && { breach }) };
  }
}

async function breachOf(run: SurrogateCheck["run"], subject: Subject): Promise<string | undefined> {
  try {
    await run(subject);
    return undefined;
  } catch (error) {
    if (error instanceof ContractBreach) return error.message;
    if (error instanceof ClientError) {
      return `${error.path.split("/").at(-1)} must succeed here, but failed with ${Status[error.code]}: ${error.details}`;
    }
    return `the call failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}
