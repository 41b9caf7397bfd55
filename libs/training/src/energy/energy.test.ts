// On files and a program that stand in for the machine's: none of ours has RAPL or a GPU.
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openEnergyMeter } from "./energy.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "energy-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function domain(at: string, name: string, microjoules: number | string, range = 1_000_000_000): Promise<void> {
  await mkdir(join(folder, at), { recursive: true });
  await writeFile(join(folder, at, "name"), `${name}\n`);
  await writeFile(join(folder, at, "max_energy_range_uj"), `${range}\n`);
  await writeFile(join(folder, at, "energy_uj"), `${microjoules}\n`);
}

const none = { nvidiaSmi: "/nowhere/nvidia-smi" };

describe("RAPL", () => {
  it("adds packages and memory, and no part of them", async () => {
    await domain("intel-rapl:0", "package-0", 1_000_000);
    await domain("intel-rapl:0:0", "core", 5);
    await domain("intel-rapl:0:1", "dram", 2_000_000);
    await domain("intel-rapl:1", "package-1", 3_000_000);
    await domain("intel-rapl:2", "psys", 7);
    await domain("intel-rapl-mmio:0", "package-0", 9);
    const meter = (await openEnergyMeter({ powercap: folder, ...none }))!;
    expect(meter.source).toBe("RAPL (package-0, dram, package-1)");
    expect(meter.joules()).toBe(0);
    for (const at of ["intel-rapl:0:0", "intel-rapl:2", "intel-rapl-mmio:0"]) await domain(at, "core", 50_000_000);
    await domain("intel-rapl:0", "package-0", 3_500_000);
    await domain("intel-rapl:0:1", "dram", 2_250_000);
    expect(meter.joules()).toBeCloseTo(2.75, 12);
    await domain("intel-rapl:1", "package-1", 4_000_000);
    expect(meter.joules()).toBeCloseTo(3.75, 12);
    meter.close();
  });

  it("goes on when a counter starts again from 0", async () => {
    await domain("intel-rapl:0", "package-0", 9_000_000, 10_000_000);
    const meter = (await openEnergyMeter({ powercap: folder, ...none }))!;
    await domain("intel-rapl:0", "package-0", 500_000, 10_000_000);
    expect(meter.joules()).toBeCloseTo(1.5, 12);
  });

  it("keeps what it has when a counter cannot be read any more", async () => {
    await domain("intel-rapl:0", "package-0", 0);
    const meter = (await openEnergyMeter({ powercap: folder, ...none }))!;
    await domain("intel-rapl:0", "package-0", 2_000_000);
    expect(meter.joules()).toBe(2);
    await rm(join(folder, "intel-rapl:0"), { recursive: true });
    expect(meter.joules()).toBe(2);
  });

  it("is absent where nothing is, or nothing that is a number", async () => {
    expect(await openEnergyMeter({ powercap: join(folder, "missing"), ...none })).toBeUndefined();
    await domain("intel-rapl:0", "package-0", "denied");
    expect(await openEnergyMeter({ powercap: folder, ...none })).toBeUndefined();
  });
});

describe("nvidia-smi", () => {
  async function program(text: string): Promise<string> {
    const file = join(folder, "nvidia-smi");
    await writeFile(file, `#!/bin/sh\n${text}\n`);
    await chmod(file, 0o755);
    return file;
  }

  it("sums the power of all GPUs over time", async () => {
    const nvidiaSmi = await program(
      'echo "$@" > "$(dirname "$0")/arguments"; while true; do echo "0, 300.00"; echo "1, 100.00"; sleep 0.05; done',
    );
    const start = performance.now();
    const meter = (await openEnergyMeter({ powercap: join(folder, "missing"), nvidiaSmi, devices: "0,1" }))!;
    expect(meter.source).toMatch(/^nvidia-smi \([12] GPUs?\)$/);
    const before = meter.joules();
    while (meter.joules() < 20) await new Promise((resolve) => setTimeout(resolve, 20));
    const joules = meter.joules();
    expect(joules).toBeGreaterThan(before);
    // 400 W, for no longer than this test has run.
    expect(joules).toBeLessThanOrEqual((400 * (performance.now() - start)) / 1000);
    meter.close();
  });

  it("is absent where the GPU does not tell, or there is none", async () => {
    const powercap = join(folder, "missing");
    expect(await openEnergyMeter({ powercap, nvidiaSmi: await program('echo "0, [N/A]"') })).toBeUndefined();
    expect(await openEnergyMeter({ powercap, nvidiaSmi: await program("exit 9") })).toBeUndefined();
  });
});
