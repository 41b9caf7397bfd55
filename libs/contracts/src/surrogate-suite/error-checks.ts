import { matrixFromRows } from "@superbatch/linalg";
import { Status } from "nice-grpc-common";
import { matrixToProto, vectorToProto } from "../convert/matrix.ts";
import { Inference } from "../generated/superbatch/common/v1/gaussian_process.ts";
import { Output } from "../generated/superbatch/surrogate/v1/surrogate_service.ts";
import { demand } from "./breach.ts";
import { columns, type FitRequest, fitRequest, nothing, probes } from "./requests.ts";
import { demandStatus, errorOf, fieldsOf, fitAndProbe, posterior, reasonIn, type Subject } from "./subject.ts";
import type { SurrogateCheck } from "./suite.ts";

async function namesEveryField({ client }: Subject): Promise<void> {
  const y = vectorToProto(Float64Array.of(1, Number.NaN, 3));
  const cost = vectorToProto(Float64Array.of(1, 0, 2));
  const what = "a fit with y = NaN, a cost of 0 and 1,000 samples";
  const error = await errorOf(client.fit(fitRequest(3, { y, cost, samples: 1000 })), what);
  demandStatus(error, Status.INVALID_ARGUMENT, what);
  // Of a value the path may say which: y.data[1].
  const fields = [...new Set(fieldsOf(error).map((path) => path.split(".")[0]))].join(", ");
  demand(
    fields === "cost, samples, y",
    `${what} must be refused naming the fields cost, samples, y all at once, not ${fields || "none"}`,
  );
}

const refusals: readonly [what: string, changes: FitRequest, field: string][] = [
  ["a fit without columns", { dimensions: [] }, "dimensions"],
  ["a column of no kind", { dimensions: [columns[0]!, { name: "B" }] }, "dimensions[1]"],
  ["a matrix whose data is too short", { x: { rows: 3, columns: 2, data: Buffer.alloc(8) } }, "x.data"],
  ["points with another number of columns", { x: { rows: 3, columns: 3, data: Buffer.alloc(72) } }, "x"],
  ["a y of another length than x", { y: vectorToProto(Float64Array.of(1, 2)) }, "y"],
  ["a fit without cost", { cost: undefined }, "cost"],
  ["an infer_from of more than the observations", { inferFrom: 4 }, "infer_from"],
];

async function refusesBadFits({ client }: Subject): Promise<void> {
  for (const [what, changes, field] of refusals) {
    const error = await errorOf(client.fit(fitRequest(3, changes)), what);
    demandStatus(error, Status.INVALID_ARGUMENT, what);
    const fields = fieldsOf(error);
    demand(
      fields.includes(field),
      `${what} must be refused naming the field ${field}, not ${fields.join(", ") || "none"}`,
    );
  }
}

async function refusesTooMany({ client }: Subject): Promise<void> {
  const { maxObservations } = await client.describe({});
  // Where there is no limit, or one that takes too long to reach, there is nothing to see.
  if (maxObservations === 0 || maxObservations > 200_000) return;
  const n = maxObservations + 1;
  const ones = vectorToProto(new Float64Array(n).fill(0.5));
  const dimensions = [columns[0]!];
  const what = `a fit of ${n} observations, one more than max_observations,`;
  const error = await errorOf(client.fit({ dimensions, x: ones, y: ones, cost: ones }), what);
  demandStatus(error, Status.RESOURCE_EXHAUSTED, what);
}

async function saysThatAModelIsGone(subject: Subject): Promise<void> {
  const { client } = subject;
  const { model } = await client.fit(fitRequest(4));
  await client.release({ model });
  await client.release({ model });
  for (const gone of [model, "no-such-model", ""]) {
    const what = `Posterior of ${gone === model ? "a released model" : `the unknown model "${gone}"`}`;
    const error = await errorOf(
      client.posterior({ model: gone, output: Output.OBJECTIVE, anchors: matrixToProto(probes) }),
      what,
    );
    demandStatus(error, Status.NOT_FOUND, what);
    const reason = reasonIn(error);
    demand(
      reason === "MODEL_NOT_FOUND",
      `${what} must be refused with the reason MODEL_NOT_FOUND, so that the caller fits again, not ${reason ?? "without one"}`,
    );
  }
}

async function refusesBadQuestions(subject: Subject): Promise<void> {
  const { client } = subject;
  const { model } = await client.fit(fitRequest(4));
  const other = matrixToProto(matrixFromRows([[0.5, 0.5, 0.5]]));
  const questions = [
    ["anchors with other columns than the model's", { output: Output.OBJECTIVE, anchors: other }, "anchors"],
    ["points with other columns than the model's", { output: Output.OBJECTIVE, points: other }, "points"],
    ["a question for no output", { output: Output.UNSPECIFIED, anchors: matrixToProto(probes) }, "output"],
  ] as const;
  for (const [what, question, field] of questions) {
    const error = await errorOf(client.posterior({ model, ...question }), what);
    demandStatus(error, Status.INVALID_ARGUMENT, what);
    demand(
      fieldsOf(error).join() === field,
      `${what} must be refused naming the field ${field}, not ${fieldsOf(error).join(", ") || "none"}`,
    );
  }
  await posterior(subject, model, Output.OBJECTIVE, probes, nothing);
}

/** Long fits that nobody waits for any more must not keep the next caller waiting. */
async function stopsWhenCancelled(subject: Subject): Promise<void> {
  const { client, patienceSeconds } = subject;
  const controller = new AbortController();
  const long = Array.from({ length: 4 }, (_, i) =>
    fitRequest(150, { inference: Inference.MCMC, samples: 100, seed: 99 + i }),
  );
  const calls = long.map((request) =>
    client.fit(request, { signal: controller.signal }).catch((error: unknown) => error),
  );
  // Answered after the fits were received, since all travel on one connection in order.
  await client.describe({});
  controller.abort();
  await Promise.all(calls);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), patienceSeconds * 1000);
  });
  const next = fitAndProbe(subject, fitRequest(4, { seed: 100 }));
  try {
    const outcome = await Promise.race([next, late]);
    demand(
      outcome !== "late",
      `cancelling a fit must stop its work: after four long fits were cancelled, a small one was not answered within ${patienceSeconds} s`,
    );
  } finally {
    clearTimeout(timer);
    next.catch(() => {});
  }
}

export const errorChecks: readonly SurrogateCheck[] = [
  { group: "errors", name: "names every bad field at once", run: namesEveryField },
  { group: "errors", name: "refuses fits of wrong shape with INVALID_ARGUMENT and the field", run: refusesBadFits },
  { group: "errors", name: "refuses more than max_observations with RESOURCE_EXHAUSTED", run: refusesTooMany },
  { group: "errors", name: "says MODEL_NOT_FOUND of a model that is gone", run: saysThatAModelIsGone },
  { group: "errors", name: "refuses questions of wrong shape", run: refusesBadQuestions },
  { group: "cancellation", name: "stops the work of a cancelled fit, and goes on", run: stopsWhenCancelled },
];
