import { openBackend } from "../index.ts";
import { backendContract } from "../testing.ts";

backendContract("wasm, 128-bit vectors", () => openBackend("wasm", { vectorBits: 128 }));
