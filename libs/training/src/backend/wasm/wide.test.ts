import { openBackend } from "../index.ts";
import { backendContract } from "../testing.ts";

// Correct on every machine; only fast where V8 pairs the operations.
backendContract("wasm, 256-bit vectors", () => openBackend("wasm", { vectorBits: 256 }));
