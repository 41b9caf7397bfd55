import { runService } from "@superbatch/rpc";
import { composeSampler } from "./compose.ts";
import { config } from "./config.ts";

await runService(config, composeSampler);
