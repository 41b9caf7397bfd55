// A helper of team.ts: sleeps until it is given a list of kernel calls, and carries it out on the shared memory.
import { parentPort, workerData } from "node:worker_threads";
import { instantiateKernels } from "./module.ts";
import { controlWords, type HelperData, polls } from "./team.ts";

const { module, memory, calls, control, names } = workerData as HelperData;
const kernels = instantiateKernels(module, memory) as unknown as Record<string, (...values: number[]) => void>;
const functions = names.map((name) => kernels[name]);
parentPort?.postMessage("ready");

for (let done = 0; ; ) {
  for (let i = 0; Atomics.load(control, controlWords.asked) === done; i++) {
    if (i >= polls) Atomics.wait(control, controlWords.asked, done);
  }
  done++;
  try {
    const length = Atomics.load(control, controlWords.length);
    for (let at = 0; at < length; ) {
      const count = calls[at + 1];
      functions[calls[at]](...calls.subarray(at + 2, at + 2 + count));
      at += 2 + count;
    }
  } catch {
    Atomics.store(control, controlWords.failed, 1);
  }
  Atomics.store(control, controlWords.done, done);
  Atomics.notify(control, controlWords.done);
}
