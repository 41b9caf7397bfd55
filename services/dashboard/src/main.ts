import { runService } from "@superbatch/rpc";
import { composeDashboard } from "./compose.ts";
import { config } from "./config.ts";

await runService(config, composeDashboard);
