import {
  architectureNames,
  type BackendDescription,
  chooseBackend,
  describeBackends,
  openEnergyMeter,
} from "@superbatch/training";
import type { TrainerConfig } from "./config.ts";
import { createWorkloadRegistry, loadWorkloads } from "./domain/workload-registry.ts";

/** `trainer describe`: what this machine can train, on what, and what to do about what is missing. Text for a terminal. */
export async function describeTrainer(config: TrainerConfig): Promise<string> {
  const { dataDir, cacheDir, download, workload, backend } = config;
  const own = await loadWorkloads(workload);
  const registry = createWorkloadRegistry({ dataDir, cacheDir: download ? cacheDir : undefined, own });
  const backends = await describeBackends();
  const chosen = backend === "auto" ? chooseBackend(backends) : backend;
  const energy = await openEnergyMeter({ devices: process.env.CUDA_VISIBLE_DEVICES });
  energy?.close();
  const sections: [string, readonly (readonly [string, string])[]][] = [
    ["backends", backends.map((each) => [each.name, backendText(each, chosen)])],
    [
      "data sets",
      (await registry.datasets()).map(({ name, available, detail }) => [
        name,
        available ? detail : `missing: ${detail}`,
      ]),
    ],
    ["workloads", own.map(({ name }) => [name, "of your own"])],
    ["architectures", [[architectureNames.join(", "), ""]]],
    ["energy", [[energy?.source ?? "not measured: neither RAPL's counters nor nvidia-smi can be read here", ""]]],
  ];
  return sections
    .filter(([, rows]) => rows.length > 0)
    .map(
      ([title, rows]) =>
        `${title}\n${rows.map(([name, text]) => `  ${name.padEnd(15)}${text}`.trimEnd()).join("\n")}\n`,
    )
    .join("\n");
}

function backendText(backend: BackendDescription, chosen: string | undefined): string {
  if (!backend.available) return `missing: ${backend.reason}; ${backend.remedy}`;
  return `${backend.name === chosen ? "used: " : "available: "}${backend.detail}`;
}
