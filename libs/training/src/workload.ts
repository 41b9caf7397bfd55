import { z } from "zod";
import type { Architecture } from "./architecture/architecture.ts";
import { architectureByName, architectureNames } from "./architecture/registry.ts";
import {
  configurationParameters,
  type ParameterDescription,
  ParameterError,
  type ParameterValues,
  parseConfiguration,
  problemsOf,
  type TrainingConfiguration,
} from "./configuration.ts";
import type { Dataset } from "./dataset/dataset.ts";

/** One trial, ready to be trained. */
export interface WorkloadRun {
  readonly configuration: TrainingConfiguration;
  readonly architecture: Architecture;
}

/** A model and data that can be tuned: what a trainer trains. */
export interface Workload {
  /** Unique among a trainer's workloads; a trial names it in its parameter `workload`. */
  readonly name: string;
  /** All parameters that a trial may set. */
  readonly parameters: readonly ParameterDescription[];
  /** Reads the data, once: later calls return the same data. @throws {DataError} */
  dataset(): Promise<Dataset>;
  /** @param values - a trial's parameters. @throws {ParameterError} naming every parameter at fault. */
  configure(values: ParameterValues): WorkloadRun;
}

/** What makes a workload. */
export interface WorkloadDefinition<Shape extends z.ZodRawShape> {
  readonly name: string;
  /** The data, or how to read them. Read at the first trial that needs them. */
  readonly dataset: Dataset | (() => Promise<Dataset>);
  /**
   * Parameters of the workload's own, next to those that all workloads understand (learning_rate, batch_size, …): zod types by name, with
   * `.describe()` as their documentation. A parameter without default must be in every trial. @default none
   */
  readonly parameters?: Shape;
  /** The network, given the values of the workload's own parameters. */
  readonly architecture: Architecture | ((own: z.output<z.ZodObject<Shape>>) => Architecture);
  /** Values for common parameters that a trial does not have. @default the general defaults */
  readonly defaults?: ParameterValues;
}

/**
 * Makes a model and data of one's own tunable.
 *
 * @throws {ParameterError} if the defaults are not valid. @throws {RangeError} if an own parameter has the name of a common one.
 */
export function defineWorkload<Shape extends z.ZodRawShape = Record<never, never>>(
  definition: WorkloadDefinition<Shape>,
): Workload {
  const { name, architecture, defaults = {} } = definition;
  const common = configurationParameters();
  const own = z.object((definition.parameters ?? {}) as Shape);
  const ownNames = Object.keys(own.shape);
  for (const taken of common) {
    if (ownNames.includes(taken.name))
      throw new RangeError(`${taken.name} is a parameter of every workload: choose another name`);
  }
  parseConfiguration({}, defaults);
  let data: Promise<Dataset> | undefined;
  return {
    name,
    parameters: [...common.map((parameter) => withDefault(parameter, defaults)), ...describeOwn(own.shape)],
    dataset() {
      data ??= Promise.resolve(typeof definition.dataset === "function" ? definition.dataset() : definition.dataset);
      // A failed read is tried again: the user may have supplied the files meanwhile.
      data.catch(() => {
        data = undefined;
      });
      return data;
    },
    configure(values) {
      const entries = Object.entries(values);
      const result = own.safeParse(Object.fromEntries(entries.filter(([key]) => ownNames.includes(key))));
      const problems = result.success ? [] : problemsOf(result.error, ownNames);
      const configuration = attempt(() => {
        return parseConfiguration(Object.fromEntries(entries.filter(([key]) => !ownNames.includes(key))), defaults);
      }, problems);
      if (!configuration || !result.success) throw new ParameterError(problems);
      return {
        configuration,
        architecture: typeof architecture === "function" ? chosen(() => architecture(result.data)) : architecture,
      };
    },
  };
}

/** A workload of the built-in architectures: `architecture` is a parameter of it. */
export function builtInWorkload(
  name: string,
  dataset: () => Promise<Dataset>,
  defaults: ParameterValues = {},
): Workload {
  return defineWorkload({
    name,
    dataset,
    defaults,
    parameters: {
      architecture: z
        .string()
        .default("small_cnn")
        .refine(isArchitecture, `must be one of ${architectureNames.join(", ")}`)
        .describe(`the network: ${architectureNames.join(", ")}; any resnet<6n+2> and wrn_<6n+4>_<k>`),
    },
    architecture: (own) => architectureByName(own.architecture),
  });
}

function isArchitecture(name: string): boolean {
  try {
    architectureByName(name);
    return true;
  } catch {
    return false;
  }
}

/** An architecture; that there is none for the values is a fault of the values. */
function chosen(architecture: () => Architecture): Architecture {
  try {
    return architecture();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ParameterError([{ parameter: "architecture", message: error.message }]);
  }
}

/** The result of `parse`, or undefined with its problems added to `problems`. */
function attempt<T>(parse: () => T, problems: { parameter: string; message: string }[]): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ParameterError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}

function withDefault(parameter: ParameterDescription, defaults: ParameterValues): ParameterDescription {
  return parameter.name in defaults ? { ...parameter, defaultValue: defaults[parameter.name] } : parameter;
}

function describeOwn(shape: z.ZodRawShape): ParameterDescription[] {
  return Object.entries(shape).map(([name, type]) => {
    const described = type as z.ZodType;
    const defaultValue =
      described instanceof z.ZodDefault ? (described.def.defaultValue as number | string | boolean) : undefined;
    return { name, description: described.description ?? "", ...(defaultValue === undefined ? {} : { defaultValue }) };
  });
}
