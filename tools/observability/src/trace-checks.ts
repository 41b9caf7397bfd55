import { attribute, spanName } from "@superbatch/telemetry";
import { type Check, check } from "./check.ts";
import type { Span } from "./jaeger.ts";

/** What the trace of a trial must be. @param cost - the trial's recorded cost */
export function checkTrialTrace(spans: readonly Span[], trial: string, cost: number): Check[] {
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

  const costOf = (span: Span) => Number(span.attributes[attribute.costTotal]);
  const sum = (of: readonly Span[]) => of.reduce((total, span) => total + costOf(span), 0);
  const close = (what: string, value: number) =>
    check(`${what} ${value.toFixed(4)}, recorded ${cost.toFixed(4)}`, Math.abs(value - cost) <= 0.02 * cost);
  const phases = [attribute.costScoring, attribute.costGradient, attribute.costEvaluation, attribute.costData];
  const attempts = named(spanName.train);
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
    close("cost of the root", sum(roots)),
    close("cost of the attempts", sum(attempts)),
    close("cost of the epochs", sum(named(spanName.trainEpoch))),
    close(
      "cost of the attempts' phases",
      attempts.reduce((total, span) => total + phases.reduce((a, key) => a + Number(span.attributes[key]), 0), 0),
    ),
  ];
}
