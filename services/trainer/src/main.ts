import { homedir } from "node:os";
import { join } from "node:path";
import { runService } from "@superbatch/rpc";
import { composeTrainer } from "./compose.ts";
import { config } from "./config.ts";
import { describeTrainer } from "./describe.ts";

const describing = process.argv[2] === "describe";
if (describing) process.argv.splice(2, 1);

await runService(config, async ({ config: given, ...composition }) => {
  const { dataDir = process.env.SUPERBATCH_DATA_DIR, cacheDir = join(homedir(), ".cache", "superbatch") } = given;
  const complete = { ...given, dataDir, cacheDir };
  if (describing) {
    process.stdout.write(await describeTrainer(complete));
    // A native library may keep threads of its own.
    process.exit();
  }
  return composeTrainer({ ...composition, config: complete });
});
