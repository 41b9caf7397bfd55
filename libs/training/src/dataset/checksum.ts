import { createHash } from "node:crypto";
import type { Split } from "./dataset.ts";

/** SHA-256 over inputs and labels of the splits in order, hexadecimal. */
export function checksumOf(splits: readonly Split[]): string {
  const hash = createHash("sha256");
  for (const { inputs, labels } of splits) {
    hash.update(bytesOf(inputs));
    hash.update(bytesOf(labels));
  }
  return hash.digest("hex");
}

function bytesOf(values: Uint8Array | Uint16Array | Uint32Array | Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
