import { openBackend } from "../index.ts";
import { backendContract } from "../testing.ts";

backendContract("wasm", () => openBackend("wasm"));
