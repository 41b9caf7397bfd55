import { openNvidia } from "./nvidia.ts";
import { openRapl } from "./rapl.ts";

/** Counts the energy of a machine's processors. What other processes use meanwhile counts too: the hardware does not tell them apart. */
export interface EnergyMeter {
  /** What is counted, in words. */
  readonly source: string;
  /** Joules since the meter was opened, never less than before. To be called at least every ten minutes, so that no counter wraps around unseen. */
  joules(): number;
  close(): void;
}

export interface EnergyOptions {
  /** Folder of the kernel's power capping interface. @default "/sys/class/powercap" */
  readonly powercap?: string;
  /** NVIDIA's tool. @default "nvidia-smi" */
  readonly nvidiaSmi?: string;
  /** GPUs as CUDA_VISIBLE_DEVICES names them. @default all */
  readonly devices?: string | undefined;
}

/** All meters of this machine as one; undefined where it tells nothing. */
export async function openEnergyMeter(options: EnergyOptions = {}): Promise<EnergyMeter | undefined> {
  const { powercap = "/sys/class/powercap", nvidiaSmi = "nvidia-smi", devices } = options;
  const meters = [openRapl(powercap), await openNvidia(nvidiaSmi, devices)].filter((meter) => meter !== undefined);
  if (meters.length === 0) return undefined;
  return {
    source: meters.map(({ source }) => source).join(", "),
    joules: () => meters.reduce((sum, meter) => sum + meter.joules(), 0),
    close() {
      for (const meter of meters) meter.close();
    },
  };
}
