import { createMatrix } from "@superbatch/linalg";
import { attribute, spanName, withSpan } from "@superbatch/telemetry";
import type { FitInput } from "./fit-input.ts";
import { type Model, type ModelPart, outputNames } from "./model.ts";
import type { ModelPool } from "./model-pool.ts";
import type { ModelName } from "./models/kinds.ts";
import type { ModelSummary, OutputName } from "./task.ts";

export interface Fitter {
  /**
   * Infers hyperparameters from all observations. Both outputs, in two threads where there are two.
   *
   * @throws an AbortError after `signal` is aborted; nothing is then left in the threads.
   */
  fit(handle: string, input: FitInput, signal: AbortSignal): Promise<Model>;
  /**
   * Adds the observations of `input` that `base` does not have, under its hyperparameters. The threads are told before this returns: what
   * drops `base` later does not matter any more.
   *
   * @param base - fitted to the first observations of `input`
   * @throws an AbortError as {@link fit}.
   */
  append(handle: string, input: FitInput, base: Model, signal: AbortSignal): Promise<Model>;
  /** Forgets what the threads hold of a model. */
  drop(parts: readonly ModelPart[]): void;
}

/** What one output is to be made by. */
interface Work {
  readonly thread: number;
  run(name: string): Promise<ModelSummary>;
}

export function createFitter(pool: ModelPool, modelKind: ModelName): Fitter {
  // Two fits of one input may overlap, when the first is called off too late: names are unique, handles are not.
  let fits = 0;

  function drop(parts: readonly ModelPart[]): void {
    // A thread that is lost has nothing left to drop.
    for (const { thread, name } of parts) pool.run<"drop">(thread, { kind: "drop", model: name }).catch(() => {});
  }

  async function make(
    handle: string,
    input: FitInput,
    appended: boolean,
    workOf: (output: OutputName) => Work,
  ): Promise<Model> {
    const number = fits++;
    const makePart = (output: OutputName): Promise<ModelPart> => {
      const name = `${handle}/${output}/${number}`;
      const { thread, run } = workOf(output);
      const attributes = {
        [attribute.surrogateOutput]: output,
        [attribute.observationCount]: input.y.length,
        [attribute.surrogateAppended]: appended,
      };
      return withSpan(spanName.fit, attributes, async (span) => {
        const summary = await run(name);
        span.setAttribute(attribute.surrogateSamples, summary.samples);
        return { thread, name, summary };
      });
    };
    const results = await Promise.allSettled(outputNames.map(makePart));
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
    return { handle, input, parts, appended, bytes };
  }

  return {
    drop,
    fit(handle, input, signal) {
      const { dimensions, x, inference, samples, seed, gaussianProcess } = input;
      const first = pool.leastBusy();
      const threads = { objective: first, "log-cost": pool.leastBusy(first) };
      return make(handle, input, false, (output) => ({
        thread: threads[output],
        run(model) {
          const data = { dimensions, x, y: valuesOf(input, output) };
          const options = { output, inference, ...gaussianProcess, ...(samples > 0 && { samples }) };
          const task = { kind: "fit", modelKind, model, data, options, seed: `${seed}/${output}` } as const;
          return pool.run<"fit">(threads[output], task, signal);
        },
      }));
    },
    append(handle, input, base, signal) {
      const known = base.input.y.length;
      const { rows, columns, data } = input.x;
      const x = createMatrix(rows - known, columns, data.slice(known * columns));
      return make(handle, input, true, (output) => {
        const { thread, name: previous } = base.parts[output];
        return {
          thread,
          run(model) {
            const y = valuesOf(input, output).slice(known);
            return pool.run<"append">(thread, { kind: "append", model, previous, x, y }, signal);
          },
        };
      });
    },
  };
}

function valuesOf(input: FitInput, output: OutputName): Float64Array {
  return output === "objective" ? input.y : input.cost.map(Math.log);
}
