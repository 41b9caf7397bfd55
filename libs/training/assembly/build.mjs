// Builds what is not in the repository: the kernels in their four variants, and the bundle of tfjs' gradients. Run by `npm run generate`.
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { build } from "rolldown";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

const always = "--optimizeLevel 3 --runtime stub --noAssert --importMemory --enable simd --enable relaxed-simd".split(" ");
const shared = "--enable threads --sharedMemory --initialMemory 1 --maximumMemory 65536".split(" ");

for (const bits of [128, 256]) {
  for (const [suffix, options] of [["", []], ["-shared", shared]]) {
    const output = ["--use", `WIDE=${bits === 256 ? 1 : 0}`, "--outFile", `build/kernels-${bits}${suffix}.wasm`];
    const { error, stderr } = await asc.main(["assembly/index.ts", ...always, ...options, ...output]);
    process.stderr.write(stderr.toString());
    if (error) throw error;
  }
}

await build({
  input: "assembly/gradients.mjs",
  platform: "node",
  logLevel: "warn",
  output: { file: "build/gradients.mjs", format: "esm", minify: true },
});
