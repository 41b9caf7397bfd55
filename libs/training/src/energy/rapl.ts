// Running average power limit: the counters of Intel's and AMD's processors, as Linux shows them (Documentation/power/powercap).
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EnergyMeter } from "./energy.ts";

interface Domain {
  readonly file: string;
  /** Microjoules at which the counter starts again from 0. */
  readonly range: number;
  last: number;
}

/**
 * @param folder - with a folder `intel-rapl:…` for each domain.
 * @returns undefined where there is none, or none that this process may read: mostly only root may.
 */
export function openRapl(folder: string): EnergyMeter | undefined {
  const domains = namesIn(folder).flatMap((name) => domainOf(join(folder, name)) ?? []);
  if (domains.length === 0) return undefined;
  let microjoules = 0;
  return {
    source: `RAPL (${domains.map(({ name }) => name).join(", ")})`,
    joules() {
      for (const { domain } of domains) {
        const now = numberIn(domain.file) ?? domain.last;
        microjoules += now >= domain.last ? now - domain.last : now + domain.range - domain.last;
        domain.last = now;
      }
      return microjoules / 1e6;
    },
    close() {},
  };
}

/** Whole packages, and memory, which is beside them. Cores and graphics are parts of a package, psys contains all. */
function domainOf(folder: string): { name: string; domain: Domain } | undefined {
  const name = textIn(join(folder, "name")) ?? "";
  if (!/^(package-\d+|dram)$/.test(name)) return undefined;
  const file = join(folder, "energy_uj");
  const last = numberIn(file);
  const range = numberIn(join(folder, "max_energy_range_uj"));
  return last === undefined || range === undefined ? undefined : { name, domain: { file, range, last } };
}

function namesIn(folder: string): string[] {
  try {
    // The same counters appear under intel-rapl-mmio on some machines: once is enough.
    return readdirSync(folder)
      .filter((name) => /^intel-rapl:\d+(:\d+)?$/.test(name))
      .sort();
  } catch {
    return [];
  }
}

function textIn(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return undefined;
  }
}

function numberIn(file: string): number | undefined {
  const text = textIn(file);
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
