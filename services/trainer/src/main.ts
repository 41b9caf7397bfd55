import { homedir } from "node:os";
import { join } from "node:path";
import { runService } from "@superbatch/rpc";
import { composeTrainer } from "./compose.ts";
import { config } from "./config.ts";

await runService(config, ({ config: given, ...composition }) => {
  const { dataDir = process.env.SUPERBATCH_DATA_DIR, cacheDir = join(homedir(), ".cache", "superbatch") } = given;
  return composeTrainer({ ...composition, config: { ...given, dataDir, cacheDir } });
});
