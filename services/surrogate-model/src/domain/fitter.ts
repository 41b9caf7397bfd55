import { createMatrix } from "@superbatch/linalg";
import { attribute, spanName, withSpan } from "@superbatch/telemetry";
import { extendsInput, type FitInput } from "./fit-input.ts";
import { type Model, type ModelPart, outputNames } from "./model.ts";
import type { ModelPool } from "./model-pool.ts";
import { type ModelName, modelKinds } from "./models/kinds.ts";
import type { AppendTask, FitTask, ModelSummary, OutputName } from "./task.ts";

export interface Fitter {
  /**
   * Fits both outputs, in two threads where there are two. Adds observations to `previous` if the input allows that and begins with its
   * observations, else starts the inference from where that of `previous` ended.
   *
   * @throws an AbortError after `signal` is aborted; nothing is then left in the threads.
   */
  fit(handle: string, input: FitInput, previous: Model | undefined, signal: AbortSignal): Promise<Model>;
  /** Forgets what the threads hold of a model. */
  drop(parts: readonly ModelPart[]): void;
}

export function createFitter(pool: ModelPool, modelKind: ModelName): Fitter {
  // Two fits of one input may overlap, when the first is called off too late: names are unique, handles are not.
  let fits = 0;

  function drop(parts: readonly ModelPart[]): void {
    // A thread that is lost has nothing left to drop.
    for (const { thread, name } of parts) pool.run<"drop">(thread, { kind: "drop", model: name }).catch(() => {});
  }

  function fitPart(
    output: OutputName,
    thread: number,
    name: string,
    input: FitInput,
    previous: Model | undefined,
    signal: AbortSignal,
  ): Promise<ModelSummary> {
    const { dimensions, x, inference, samples, seed } = input;
    const warmStart = previous && { warmStart: previous.parts[output].summary.warmStart };
    const task: FitTask = {
      kind: "fit",
      modelKind,
      model: name,
      data: { dimensions, x, y: valuesOf(input, output) },
      options: { output, inference, samples, ...warmStart },
      seed: `${seed}/${output}`,
    };
    return pool.run<"fit">(thread, task, signal);
  }

  function appendPart(
    output: OutputName,
    name: string,
    input: FitInput,
    previous: Model,
    signal: AbortSignal,
  ): Promise<ModelSummary> {
    const known = previous.input.y.length;
    const allY = valuesOf(input, output);
    const { rows, columns, data } = input.x;
    const part = previous.parts[output];
    const task: AppendTask = {
      kind: "append",
      model: name,
      previous: part.name,
      x: createMatrix(rows - known, columns, data.slice(known * columns)),
      y: allY.slice(known),
      allY,
    };
    return pool.run<"append">(part.thread, task, signal);
  }

  return {
    drop,
    async fit(handle, input, previous, signal) {
      const number = fits++;
      const mayAppend = input.append && modelKinds[modelKind].appends;
      const base = previous && mayAppend && extendsInput(input, previous.input) ? previous : undefined;
      const first = pool.leastBusy();
      const threads = { objective: first, "log-cost": pool.leastBusy(first) };

      async function make(output: OutputName): Promise<ModelPart> {
        const name = `${handle}/${output}/${number}`;
        const thread = base?.parts[output].thread ?? threads[output];
        const attributes = {
          [attribute.surrogateOutput]: output,
          [attribute.observationCount]: input.y.length,
          [attribute.surrogateAppended]: base !== undefined,
        };
        return withSpan(spanName.fit, attributes, async (span) => {
          const summary = await (base
            ? appendPart(output, name, input, base, signal)
            : fitPart(output, thread, name, input, previous, signal));
          span.setAttribute(attribute.surrogateSamples, summary.samples);
          return { thread, name, summary };
        });
      }

      const results = await Promise.allSettled(outputNames.map(make));
      const made = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
      for (const result of results) {
        if (result.status === "fulfilled") continue;
        // One output without the other is of no use.
        drop(made);
        throw result.reason;
      }
      const parts = { objective: made[0]!, "log-cost": made[1]! };
      const held = made.reduce((bytes, { summary }) => bytes + summary.bytes, 0);
      const bytes = held + input.x.data.byteLength + input.y.byteLength + input.cost.byteLength;
      return { handle, input, parts, appended: base !== undefined, bytes };
    },
  };
}

function valuesOf(input: FitInput, output: OutputName): Float64Array {
  return output === "objective" ? input.y : input.cost.map(Math.log);
}
