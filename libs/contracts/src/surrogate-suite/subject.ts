import type { JointGaussian, Matrix } from "@superbatch/linalg";
import { ClientError, Status } from "nice-grpc-common";
import { BadRequest, ErrorInfo, RichClientError } from "nice-grpc-error-details";
import { matrixToProto } from "../convert/matrix.ts";
import { Output, type SurrogateServiceClient } from "../generated/superbatch/surrogate/v1/surrogate_service.ts";
import { ContractBreach, demand } from "./breach.ts";
import { readGaussian } from "./gaussian.ts";
import { type FitRequest, probes } from "./requests.ts";

export type SurrogateClient = Pick<SurrogateServiceClient, "describe" | "fit" | "posterior" | "release">;

/** The server that is examined. */
export interface Subject {
  readonly client: SurrogateClient;
  /** Longest wait for a small fit after long ones were cancelled, seconds. */
  readonly patienceSeconds: number;
}

export const bothOutputs = [Output.OBJECTIVE, Output.LOG_COST] as const;

const outputName = (output: Output) => (output === Output.OBJECTIVE ? "objective" : "log cost");

/** The checked posterior of a model. @throws {ContractBreach} */
export async function posterior(
  { client }: Subject,
  model: string,
  output: Output,
  anchors: Matrix,
  points: Matrix,
): Promise<JointGaussian[]> {
  const { samples } = await client.posterior({
    model,
    output,
    anchors: matrixToProto(anchors),
    points: matrixToProto(points),
  });
  const name = outputName(output);
  demand(samples.length > 0, `Posterior of the ${name} must have at least one sample`);
  return samples.map((sample, i) => readGaussian(sample, anchors.rows, points.rows, `${name}, sample ${i}`));
}

/** Objective and log cost of a fit at the probes, as anchors and as points, checked. @throws {ContractBreach} */
export async function fitAndProbe(
  subject: Subject,
  request: FitRequest,
  at: Matrix = probes,
): Promise<[objective: JointGaussian[], logCost: JointGaussian[]]> {
  const { model, samples } = await subject.client.fit(request);
  demand(model !== "", "Fit must answer with a handle");
  const [objective, logCost] = [
    await posterior(subject, model, Output.OBJECTIVE, at, at),
    await posterior(subject, model, Output.LOG_COST, at, at),
  ];
  demand(
    objective.length === samples,
    `Posterior of the objective must have as many samples as Fit said, ${samples}, not ${objective.length}`,
  );
  return [objective, logCost];
}

/** Mean over the samples at point i. */
export function averageAt(samples: readonly JointGaussian[], i: number): number {
  return samples.reduce((sum, { mean }) => sum + mean[i]!, 0) / samples.length;
}

/** The error of a call that has to fail. @throws {ContractBreach} if it succeeds. */
export async function errorOf(call: Promise<unknown>, what: string): Promise<ClientError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  demand(error !== undefined, `${what} must be refused, but was accepted`);
  if (error instanceof ClientError) return error;
  throw new ContractBreach(`${what} must be refused with a gRPC status, not with ${String(error)}`);
}

export function demandStatus(error: ClientError, status: Status, what: string): void {
  demand(
    error.code === status,
    () => `${what} must be refused with ${Status[status]}, not with ${Status[error.code]} (${error.details})`,
  );
}

/** Paths in the error's google.rpc.BadRequest, sorted, each once. */
export function fieldsOf(error: unknown): string[] {
  const details = error instanceof RichClientError ? error.extra : [];
  const badRequest = details.find((detail): detail is BadRequest => detail.$type === BadRequest.$type);
  return [...new Set((badRequest?.fieldViolations ?? []).map(({ field }) => field))].sort();
}

/** Reason in the error's google.rpc.ErrorInfo. */
export function reasonIn(error: unknown): string | undefined {
  const details = error instanceof RichClientError ? error.extra : [];
  return details.find((detail): detail is ErrorInfo => detail.$type === ErrorInfo.$type)?.reason;
}
