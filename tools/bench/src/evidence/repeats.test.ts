import { describe, expect, it } from "vitest";
import { createEmulator } from "../emulator/emulator.ts";
import { createTable } from "../emulator/table.ts";
import { readRecords, recordsFile } from "../recorded/records.ts";
import { compareRepeats, describeRepeats } from "./repeats.ts";

const { header, runs } = readRecords(recordsFile("cifar10"));
const few = runs.filter(({ family }) => family === "uniform");

describe("repeats of recorded trainings", () => {
  it("deviate as emulated ones do, and say that validation and test errors agree on places", () => {
    const noise = compareRepeats(createEmulator(createTable(header.problem, few)), 1);
    expect(noise.places).toBeGreaterThan(10);
    expect(noise.emulated / noise.recorded).toBeGreaterThan(0.6);
    expect(noise.emulated / noise.recorded).toBeLessThan(1.5);
    expect(noise.difference).toBeLessThan(0.02);
    expect(noise.differenceOfPlace).toBeLessThan(noise.difference ** 2);
  });

  it("are said to be absent where none is", () => {
    const once = few.filter(({ seed }) => seed === 0);
    const places = new Set<string>();
    const distinct = once.filter(({ x }) => !places.has(x.join()) && places.add(x.join()));
    const emulator = createEmulator(createTable(header.problem, distinct.slice(0, 30)));
    expect(compareRepeats(emulator, 1).places).toBe(0);
    expect(describeRepeats(emulator, 0.5, 0.5)).toContain("No place was trained twice");
  });
});
