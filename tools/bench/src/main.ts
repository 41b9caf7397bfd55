import { readdirSync } from "node:fs";
import Table from "cli-table3";
import { Command } from "commander";
import type { Benchmark, BenchResult } from "./benchmark.ts";

/**
 * `npm run bench -- NAME [--json]`. A benchmark is a file in `suites/` whose default export is a {@link Benchmark}; only the one that is asked
 * for is loaded. Exit status 1 if a bar is missed.
 */
const suites = new URL("./suites/", import.meta.url);

async function load(name: string): Promise<Benchmark> {
  return ((await import(new URL(`${name}.ts`, suites).href)) as { default: Benchmark }).default;
}

function print(result: BenchResult): void {
  const table = new Table({ head: [...result.columns], style: { head: [], border: [] } });
  table.push(...result.rows.map((row) => row.map(format)));
  console.log(table.toString());
  for (const note of result.notes ?? []) console.log(note);
  for (const { name, value, at_least, at_most, pass } of result.bars) {
    const bound = at_least === undefined ? `at most ${at_most}` : `at least ${at_least}`;
    console.log(`${pass ? "met   " : "MISSED"}  ${name}: ${format(value)} (${bound})`);
  }
}

function format(cell: string | number): string {
  return typeof cell === "string" ? cell : Number.isInteger(cell) ? String(cell) : cell.toPrecision(4);
}

const names = readdirSync(suites)
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
  .map((file) => file.slice(0, -".ts".length))
  .sort();

const program = new Command("npm run bench --")
  .description(
    "Runs a benchmark and prints a table. Ratios come from interleaved runs: trust them rather than absolute times.",
  )
  .argument("[name]", `one of: ${names.join(", ")}`)
  .option("--json", "print one JSON object as the last line", false)
  .option("--quick", "fewer repetitions and smaller sizes, to try it out", false);

const name = process.argv.slice(2).find((argument) => !argument.startsWith("-"));
const benchmark = name !== undefined && names.includes(name) ? await load(name) : undefined;
benchmark?.configure?.(program);
program.parse();
if (!benchmark) {
  for (const each of names) console.log(`${each.padEnd(12)} ${(await load(each)).description}`);
  process.exit(name === undefined ? 0 : 2);
}
const { json, quick, ...given } = program.opts<{ json: boolean; quick: boolean }>();
const result = await benchmark.run({ quick, given, log: (line) => console.error(line) });
print(result);
if (json) console.log(JSON.stringify({ benchmark: name, quick, ...result }));
process.exitCode = result.bars.every((bar) => bar.pass) ? 0 : 1;
