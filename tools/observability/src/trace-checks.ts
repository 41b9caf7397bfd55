import type { common } from "@superbatch/contracts";
import { attribute, spanName } from "@superbatch/telemetry";
import { type Check, check } from "./check.ts";
import type { Span } from "./jaeger.ts";

/** What the trace of a trial must be. @param cost - the trial's recorded cost */
export function checkTrialTrace(spans: readonly Span[], trial: string, cost: common.Cost): Check[] {
  const byId = new Map(spans.map((span) => [span.id, span]));
  const roots = spans.filter(({ parent }) => parent === undefined);
  const orphans = spans.filter(({ parent }) => parent !== undefined && !byId.has(parent));
  const services = new Set(spans.map(({ service }) => service));
  const processes = new Set(spans.map(({ pid }) => pid));
  const named = (name: string) => spans.filter((span) => span.name === name);

  /** Names of the spans above, from the parent to the root. */
  function above({ parent }: Span): string[] {
    const next = parent === undefined ? undefined : byId.get(parent);
    return next ? [next.name, ...above(next)] : [];
  }
  /** Whether there are such spans of that service, all of them below a span of that name. */
  function hangs(name: string, service: string, below: string): Check {
    const found = named(name);
    const right = found.filter((span) => span.service === service && above(span).includes(below));
    const text = `${right.length} of ${found.length} spans ${name} are of ${service} and below ${below}`;
    return check(text, found.length > 0 && right.length === found.length);
  }

  const sum = (of: readonly Span[], key: string) => of.reduce((total, span) => total + Number(span.attributes[key]), 0);
  const close = (what: string, value: number, recorded: number) =>
    check(
      `${what}: ${value.toFixed(4)}, recorded ${recorded.toFixed(4)}`,
      Math.abs(value - recorded) <= 0.02 * recorded,
    );
  const attempts = named(spanName.train);
  const epochs = named(spanName.trainEpoch);
  return [
    check(
      `one root, ${spanName.trial} of ${trial}`,
      roots.length === 1 && roots[0]!.name === spanName.trial && roots[0]!.attributes[attribute.trial] === trial,
    ),
    check(`no span without its parent (${orphans.length} of ${spans.length})`, orphans.length === 0),
    check(
      `${processes.size} processes: ${[...services].sort().join(", ")}`,
      processes.size >= 4 &&
        ["importance-sampler", "optimizer", "surrogate-model", "trainer"].every((name) => services.has(name)),
    ),
    hangs(spanName.suggest, "optimizer", spanName.trial),
    hangs(spanName.fit, "surrogate-model", spanName.suggest),
    hangs(spanName.posterior, "surrogate-model", spanName.suggest),
    hangs(spanName.train, "trainer", spanName.trial),
    hangs(spanName.trainEpoch, "trainer", spanName.train),
    hangs(spanName.samplerSession, "importance-sampler", spanName.train),
    close("cost on the root", sum(roots, attribute.costTotal), cost.total),
    close("cost on the attempts", sum(attempts, attribute.costTotal), cost.total),
    close("cost on the epochs", sum(epochs, attribute.costTotal), cost.total),
    close("scoring on the attempts", sum(attempts, attribute.costScoring), cost.scoring),
    close("gradient steps on the attempts", sum(attempts, attribute.costGradient), cost.gradient),
    close("evaluation on the attempts", sum(attempts, attribute.costEvaluation), cost.evaluation),
    close("data on the attempts", sum(attempts, attribute.costData), cost.data),
  ];
}
