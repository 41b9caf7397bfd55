import { fileURLToPath } from "node:url";
import { installPython } from "../python.ts";

/** The interpreter of the benchmarks' Python environment, with PyTorch in it (its first installation takes minutes). */
export function torchEnvironment(log: (line: string) => void): string {
  installPython(["numpy", "torch"], log);
  return fileURLToPath(new URL("../../../../.superbatch/venv-bench/bin/python", import.meta.url));
}
