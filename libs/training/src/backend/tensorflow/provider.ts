// TensorFlow's own library through tfjs-node-gpu or tfjs-node, where one is installed.
import util from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import type { Availability, Backend, BackendProvider } from "../backend.ts";
import { locateTensorflow, type TensorflowPackage } from "./locate.ts";

/** What helps without the vendor's download. */
const installer =
  "`node libs/training/src/backend/tensorflow/install.ts` (it compiles against the Python package's library)";

let failure: string | undefined;
let loaded = false;

/** Loads the native library; remembers why it failed, since a second try in the same process fails in another way. */
function loadOnce(found: TensorflowPackage): void {
  if (loaded || failure !== undefined) return;
  // tfjs-node 4.22 calls two functions that Node 23 removed.
  const legacy = util as unknown as Record<string, unknown>;
  legacy.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  legacy.isArray ??= Array.isArray;
  const active = tf.engine().backendName as string | null | undefined;
  // Its start-up chatter; warnings and errors stay.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "1";
  try {
    found.load();
    loaded = true;
  } catch (error) {
    failure = error instanceof Error ? error.message.split("\n")[0] : String(error);
  }
  // The package makes itself the active backend when it is loaded; here that is open's part.
  if (active != null) tf.setBackend(active);
}

function usesGpu(): boolean {
  return (tf.findBackend("tensorflow") as { readonly isUsingGpuDevice?: boolean } | null)?.isUsingGpuDevice === true;
}

async function availability(): Promise<Availability> {
  const found = locateTensorflow();
  if (found === undefined) {
    return {
      available: false,
      reason: "neither @tensorflow/tfjs-node-gpu nor @tensorflow/tfjs-node is installed",
      remedy: `run \`npm install @tensorflow/tfjs-node\` (it downloads TensorFlow's library), or ${installer}, or use the backend wasm`,
    };
  }
  const { name } = found;
  loadOnce(found);
  if (failure === undefined) {
    const accelerated = usesGpu();
    const detail = `TensorFlow through ${name}, on the ${accelerated ? "GPU" : "CPU"}`;
    return { available: true, detail, accelerated };
  }
  return {
    available: false,
    reason: `${name} is installed but its native library does not load (${failure})`,
    remedy: `run \`npm rebuild ${name}\` where the vendor's download can be reached, or ${installer}, or use the backend wasm`,
  };
}

async function open(): Promise<Backend> {
  if (!(await tf.setBackend("tensorflow"))) throw new Error("TensorFlow.js could not start its tensorflow backend");
  await tf.ready();
  return {
    name: "tensorflow",
    device: usesGpu() ? "GPU, TensorFlow" : "CPU, TensorFlow",
    memory: () => ({ tensors: tf.memory().numTensors, bytes: tf.memory().numBytes }),
    // tfjs-node runs each operation to its end before it returns; on a GPU, reading a result waits for the stream.
    synchronize: async () => {
      const probe = tf.scalar(0);
      await probe.data();
      probe.dispose();
    },
  };
}

export const tensorflow: BackendProvider = { name: "tensorflow", availability, open };
