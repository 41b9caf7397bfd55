// A stand-in for training-thread.ts: what its "training" does is the parameter `behave`.
import { parentPort, threadId, workerData } from "node:worker_threads";
import { DataError, ParameterError } from "@superbatch/training";
import { encodeError, type ThreadCommand, type ThreadEvent } from "./training-messages.ts";

const say = (event: unknown) => parentPort!.postMessage(event as ThreadEvent);
if ((workerData as { backend: string }).backend === "tensorflow") throw new Error("backend tensorflow is unavailable");
let aborted = false;

parentPort!.on("message", (command: ThreadCommand) => {
  if (command.kind === "abort") {
    aborted = true;
    return;
  }
  if (command.kind === "stop_early") return say({ kind: "done", outcome: { stopped: true, threadId } });
  aborted = false;
  switch (command.values.behave) {
    case "finish":
      say({ kind: "step", progress: { step: 1 } });
      say({ kind: "point", point: { step: 2 } });
      return say({ kind: "done", outcome: { seed: command.seed, threadId } });
    case "obey": {
      const timer = setInterval(() => {
        if (!aborted) return;
        clearInterval(timer);
        say({ kind: "failed", error: encodeError(new Error("called off")) });
      }, 5);
      return;
    }
    case "wait":
      return;
    case "block":
      for (;;) if (performance.now() < 0) break;
      return;
    case "exit":
      return process.exit(3);
    case "wrong parameter":
      return say({ kind: "failed", error: encodeError(new ParameterError([{ parameter: "p", message: "wrong" }])) });
    case "corrupt data":
      return say({
        kind: "failed",
        error: encodeError(new DataError({ file: "f", byteOffset: 2, problem: "short", remedy: "Get it" })),
      });
    case "spoil":
      return say({ kind: "failed", error: encodeError(new Error("memory access out of bounds")) });
  }
});
// A thread for WebGPU never gets ready.
if ((workerData as { backend: string }).backend !== "webgpu") {
  say({ kind: "ready", backend: { name: "test", device: "none" } });
}
