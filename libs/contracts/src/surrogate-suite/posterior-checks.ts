import type { JointGaussian } from "@superbatch/linalg";
import { Inference } from "../generated/superbatch/common/v1/gaussian_process.ts";
import { Output } from "../generated/superbatch/surrogate/v1/surrogate_service.ts";
import { demand } from "./breach.ts";
import { type FitRequest, fitRequest, nothing, probes, rowsOf, smoothData } from "./requests.ts";
import { averageAt, bothOutputs, fitAndProbe, posterior, type Subject } from "./subject.ts";
import type { SurrogateCheck } from "./suite.ts";

const outputName = (i: number) => (i === 0 ? "objective" : "log cost");

/** Whether two numbers agree but for round-off, on the scale of `unit`. */
const agree = (a: number, b: number, unit: number) => Math.abs(a - b) <= 1e-6 * Math.max(unit, Math.abs(a), 1e-9);

async function validGaussians(subject: Subject): Promise<void> {
  await fitAndProbe(subject, fitRequest(12));
  await fitAndProbe(subject, fitRequest(12, { inference: Inference.MCMC, samples: 3 }));
}

/** Anchors and points at the same places must tell the same. */
async function jointAgreesWithMarginal(subject: Subject): Promise<void> {
  const outputs = await fitAndProbe(subject, fitRequest(12));
  outputs.forEach((samples, o) => {
    samples.forEach((sample, s) => {
      checkAgreement(sample, `${outputName(o)}, sample ${s}`);
    });
  });
}

function checkAgreement(sample: JointGaussian, where: string): void {
  const { anchorMean, anchorCovariance, anchorNoise, mean, variance, noise, cross } = sample;
  const r = anchorMean.length;
  const unit = Math.max(...variance);
  const spread = Math.sqrt(unit);
  for (let i = 0; i < r; i++) {
    const same = (name: string, joint: number, marginal: number, scale: number) =>
      demand(
        agree(joint, marginal, scale),
        () =>
          `joint and marginal disagree at the same place (${where}): ${name} of anchor ${i} is ${joint}, of the point ${marginal}`,
      );
    same("the mean", anchorMean[i]!, mean[i]!, spread);
    same("the variance", anchorCovariance.data[i * r + i]!, variance[i]!, unit);
    same("the noise", anchorNoise[i]!, noise[i]!, unit);
    for (let j = 0; j < r; j++) {
      same(`the covariance with place ${j}`, anchorCovariance.data[i * r + j]!, cross.data[i * r + j]!, unit);
    }
  }
}

/** What is said of a place must not depend on what else is asked in the same call. */
async function placesAreIndependent(subject: Subject): Promise<void> {
  const { model } = await subject.client.fit(fitRequest(12));
  const order = [2, 0, 3, 1];
  for (const [o, output] of bothOutputs.entries()) {
    const whole = await posterior(subject, model, output, probes, probes);
    const turned = await posterior(subject, model, output, rowsOf(probes, order), nothing);
    const alone = await posterior(subject, model, output, nothing, rowsOf(probes, [1]));
    for (const [s, sample] of whole.entries()) {
      const unit = Math.max(...sample.variance);
      const at = `(${outputName(o)}, sample ${s})`;
      demand(
        agree(alone[s]!.mean[0]!, sample.mean[1]!, Math.sqrt(unit)) &&
          agree(alone[s]!.variance[0]!, sample.variance[1]!, unit),
        `a point asked alone must have the mean and variance that it has among others ${at}`,
      );
      order.forEach((from, i) => {
        order.forEach((other, j) => {
          demand(
            agree(turned[s]!.anchorCovariance.data[i * 4 + j]!, sample.anchorCovariance.data[from * 4 + other]!, unit),
            `anchors in another order must have the same covariances ${at}`,
          );
        });
      });
    }
  }
}

async function learns(subject: Subject): Promise<void> {
  const { x, y, cost } = smoothData(30);
  const { model } = await subject.client.fit(fitRequest(30));
  const objective = await posterior(subject, model, Output.OBJECTIVE, nothing, x);
  const logCost = await posterior(subject, model, Output.LOG_COST, nothing, x);
  const error = (predict: (i: number) => number, truth: (i: number) => number) =>
    Math.sqrt(y.reduce((sum, _, i) => sum + (predict(i) - truth(i)) ** 2, 0) / y.length);
  const objectiveError = error(
    (i) => averageAt(objective, i),
    (i) => y[i]!,
  );
  demand(
    objectiveError < 2,
    `after 30 observations of a smooth objective (standard deviation 6) its mean at them must be in the objective's units, within 2 of it; it is ${objectiveError.toPrecision(3)} away`,
  );
  const costError = error(
    (i) => averageAt(logCost, i),
    (i) => Math.log(cost[i]!),
  );
  demand(
    costError < 0.3,
    `the log-cost output must predict the natural logarithm of cost, within 0.3 after 30 smooth observations; it is ${costError.toPrecision(3)} away`,
  );
}

async function partsMayBeEmpty(subject: Subject): Promise<void> {
  const { model } = await subject.client.fit(fitRequest(5));
  await posterior(subject, model, Output.OBJECTIVE, probes, nothing);
  await posterior(subject, model, Output.OBJECTIVE, nothing, probes);
  await posterior(subject, model, Output.OBJECTIVE, nothing, nothing);
}

/** The same request with the same seed, also after the model was forgotten. */
async function isDeterministic(subject: Subject): Promise<void> {
  const request = fitRequest(10, { inference: Inference.MCMC, samples: 2, seed: 123 });
  const first = await fitAndProbe(subject, request);
  await forget(subject, request);
  demandEqual(first, await fitAndProbe(subject, request), "also after Release");
}

/** Whether the model of the observations to infer from is there, was forgotten or was never fitted must not matter. */
async function doesNotRemember(subject: Subject): Promise<void> {
  const mcmc: FitRequest = { inference: Inference.MCMC, samples: 2, seed: 124 };
  const [part, whole] = [fitRequest(9, mcmc), fitRequest(14, { ...mcmc, inferFrom: 9 })];
  const first = await fitAndProbe(subject, whole);
  await forget(subject, part);
  await forget(subject, whole);
  demandEqual(first, await fitAndProbe(subject, whole), "also where the model of the first observations was forgotten");
  await forget(subject, whole);
  await subject.client.fit(part);
  demandEqual(first, await fitAndProbe(subject, whole), "also after a fit of the first observations alone");
}

async function forget({ client }: Subject, request: FitRequest): Promise<void> {
  await client.release({ model: (await client.fit(request)).model });
}

type Outputs = Awaited<ReturnType<typeof fitAndProbe>>;

function demandEqual(first: Outputs, second: Outputs, when: string): void {
  first.forEach((samples, o) => {
    const again = second[o]!;
    demand(samples.length === again.length, "an equal request must give a model with as many samples");
    samples.forEach(({ mean, variance }, s) => {
      const unit = Math.max(...variance);
      const equal =
        mean.every((value, i) => agree(value, again[s]!.mean[i]!, Math.sqrt(unit))) &&
        variance.every((value, i) => agree(value, again[s]!.variance[i]!, unit));
      demand(
        equal,
        `the same request with the same seed must give an equivalent model, ${when}: the ${outputName(o)} of sample ${s} differs`,
      );
    });
  });
}

export const posteriorChecks: readonly SurrogateCheck[] = [
  { group: "posterior", name: "gives valid Gaussians: shapes, finite, positive semidefinite", run: validGaussians },
  { group: "posterior", name: "says the same jointly and marginally", run: jointAgreesWithMarginal },
  { group: "posterior", name: "says of a place the same whatever else is asked", run: placesAreIndependent },
  { group: "posterior", name: "learns a smooth objective and the logarithm of cost, in their own units", run: learns },
  { group: "posterior", name: "answers without anchors and without points", run: partsMayBeEmpty },
  { group: "posterior", name: "is a function of the request and its seed", run: isDeterministic },
  { group: "posterior", name: "is a function of the request whatever was fitted before", run: doesNotRemember },
];
