import { openBackend } from "../index.ts";
import { backendContract } from "../testing.ts";

backendContract("wasm, three threads", () => openBackend("wasm", { threads: 3 }));
