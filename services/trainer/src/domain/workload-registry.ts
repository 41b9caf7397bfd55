import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  builtInWorkload,
  type DatasetAvailability,
  type DatasetName,
  datasetNames,
  findDataset,
  loadDataset,
  ParameterError,
  type ParameterValues,
  type Workload,
  type WorkloadRun,
} from "@superbatch/training";

/** What this trainer can train. */
export interface WorkloadRegistry {
  /** Built-in workloads first, then the user's own. */
  readonly workloads: readonly Workload[];
  /**
   * Finds the workload that a trial's parameter `workload`, else `dataset`, names, and configures it by the others.
   *
   * @throws {ParameterError} naming every parameter at fault.
   */
  configure(values: ParameterValues): WorkloadRun & { readonly workload: Workload };
  /** The built-in data sets, found or not. */
  datasets(): Promise<DatasetAvailability[]>;
  /** What LeaseTrials tells the optimizer: `dataset/<name>`, `workload/<name>` and `backend/<name>`, each "true". */
  capabilities(backend: string): Promise<Record<string, string>>;
}

export interface WorkloadRegistryOptions {
  readonly dataDir: string | undefined;
  readonly cacheDir: string | undefined;
  /** Workloads of the user's own. Names must differ from one another and from the built-in data sets. */
  readonly own: readonly Workload[];
}

/** @throws {Error} if two workloads have one name. */
export function createWorkloadRegistry({ dataDir, cacheDir, own }: WorkloadRegistryOptions): WorkloadRegistry {
  const places = { dataDir, cacheDir };
  const builtIn = datasetNames.map((name) => builtInWorkload(name, () => loadDataset(name, places), defaultsOf(name)));
  const workloads = [...builtIn, ...own];
  const byName = new Map(workloads.map((workload) => [workload.name, workload]));
  if (byName.size < workloads.length) {
    throw new Error(`two workloads have the same name; the names are ${workloads.map(({ name }) => name).join(", ")}`);
  }
  const datasets = () => Promise.all(datasetNames.map((name) => findDataset(name, places)));
  return {
    workloads,
    configure({ workload: workloadName, dataset: datasetName, ...values }) {
      const parameter = workloadName === undefined ? "dataset" : "workload";
      const name = workloadName ?? datasetName;
      const known = [...byName.keys()].join(", ");
      if (name === undefined) throw new ParameterError([{ parameter, message: `is required: one of ${known}` }]);
      const workload = byName.get(String(name));
      if (!workload) throw new ParameterError([{ parameter, message: `must be one of ${known}, not ${name}` }]);
      return { workload, ...workload.configure(values) };
    },
    datasets,
    async capabilities(backend) {
      const found = (await datasets()).filter(({ available }) => available);
      const names = [
        `backend/${backend}`,
        ...found.map(({ name }) => `dataset/${name}`),
        ...own.map(({ name }) => `workload/${name}`),
      ];
      return Object.fromEntries(names.map((name) => [name, "true"]));
    },
  };
}

/** Mini-batches that suit the size of the data; everything else is the same for all. */
function defaultsOf(name: DatasetName): ParameterValues {
  return name === "digits" ? { batch_size: 32 } : {};
}

/**
 * Imports the user's modules.
 *
 * @param modules - paths relative to the working directory. @throws {Error} naming the module that has no workload as its default export.
 */
export async function loadWorkloads(modules: readonly string[]): Promise<Workload[]> {
  const loaded = await Promise.all(
    modules.map(async (path): Promise<Workload[]> => {
      const { default: exported } = (await import(pathToFileURL(resolve(path)).href)) as { default?: unknown };
      const list = Array.isArray(exported) ? exported : [exported];
      if (!list.every(isWorkload))
        throw new Error(`${path}: its default export must be a workload made by defineWorkload`);
      return list;
    }),
  );
  return loaded.flat();
}

function isWorkload(value: unknown): value is Workload {
  return typeof value === "object" && value !== null && "configure" in value && "dataset" in value && "name" in value;
}
