import type { Context } from "../context.ts";
export async function writeReport(_context: Context, _study: string, _output: string | undefined): Promise<void> {}
