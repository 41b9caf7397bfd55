/** A process of trainers: `node trainer-main.ts CONFIG`, where CONFIG is {@link TrainerProcessConfig} as JSON. Ends when their studies are completed. */
import { optimizer } from "@superbatch/contracts";
import { createRng } from "@superbatch/random";
import { createClient } from "@superbatch/rpc";
import { openJournal } from "./journal.ts";
import { createRecorder } from "./recorder.ts";
import { train } from "./trainer.ts";

export interface TrainerProcessConfig {
  /** Unique among all processes of the run. */
  readonly name: string;
  /** Of the optimizers, for the client: several with round robin. */
  readonly address: string;
  readonly journal: string;
  /** Study of each trainer. */
  readonly studies: readonly string[];
  readonly workSeconds: number;
  readonly seed: number;
}

/** Trainers that share a connection. */
const perConnection = 5;

// The soak has ended, however it did.
process.once("disconnect", () => process.exit(1));
process.channel?.unref();

const config = JSON.parse(process.argv[2]!) as TrainerProcessConfig;
const journal = openJournal(config.journal);
const recorder = createRecorder(journal, config.name);
const rng = createRng(config.seed);
// Calls are repeated until they are answered: whatever happens passes within the deadline.
const retry = { attempts: 10_000, baseMilliseconds: 50, maxMilliseconds: 1_000 };
const groups = Math.ceil(config.studies.length / perConnection);
const handles = Array.from({ length: groups }, () =>
  createClient(optimizer.OptimizerServiceDefinition, config.address, { retry, deadlineSeconds: 180 }),
);
await Promise.all(
  config.studies.map((study, i) =>
    train({
      client: handles[i % groups]!.client,
      recorder,
      worker: `${config.name}-${i}`,
      study,
      rng: rng.fork(i),
      workSeconds: config.workSeconds,
    }),
  ),
);
for (const { close } of handles) close();
journal.close();
