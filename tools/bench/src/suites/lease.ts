import { atMost, type Bar, type Benchmark } from "../benchmark.ts";
import { applyLoad, type LoadResult } from "../lease/load.ts";
import { startSuperbatch } from "../lease/superbatch.ts";
import { installPython, startPython } from "../python.ts";

/** Average training time of a trial, in seconds: trainers ask as often as trials of a second would. */
const work = 1;

const peers = { vizier: "google-vizier[jax]", optuna: "optuna" } as const;

const benchmark: Benchmark = {
  name: "lease",
  description:
    "Latency of LeaseTrials and CompleteTrial, next to asking and telling Vizier's service and Optuna's gRPC storage proxy.",
  configure(command) {
    command.option("--no-peers", "measure ours alone");
  },
  async run({ quick, given, log }) {
    const seconds = quick ? 3 : 8;
    const rows: (string | number)[][] = [];
    const bars: Bar[] = [];
    const notes = [
      `Every trainer asks, waits ${work / 2} to ${work * 1.5} s as if it trained, and tells, for ${seconds} s, of which the second half counts; random search in all; ` +
        "each server over SQLite on the disk, one process, its clients in another.",
    ];
    const add = (who: string, past: number, trainers: number, { ask, tell, rate, trials }: LoadResult) => {
      rows.push([who, past, trainers, rate, ask.p50, ask.p99, tell.p50, tell.p99, trials]);
      log(
        `${who}, ${past} past, ${trainers} trainers: ask p50 ${ask.p50.toFixed(1)} p99 ${ask.p99.toFixed(1)} ms, tell p99 ${tell.p99.toFixed(1)} ms`,
      );
    };
    const ours = await startSuperbatch();
    const withPeers = given.peers !== false;
    if (withPeers) installPython(["grpcio", ...Object.values(peers)], log);
    const python = withPeers ? startPython("lease/peer.py") : undefined;
    try {
      for (const past of quick ? [0, 1_000] : [0, 1_000, 10_000])
        for (const trainers of quick ? [1, 50] : [1, 50, 200]) {
          const result = await applyLoad(await ours.trainers(trainers, past), { seconds, work });
          add("superbatch", past, trainers, result);
          if (trainers === 50) {
            bars.push(atMost(`p99 of LeaseTrials at 50 trainers, ${past} past trials, ms`, result.ask.p99, 100));
            bars.push(atMost(`p99 of CompleteTrial at 50 trainers, ${past} past trials, ms`, result.tell.p99, 100));
          }
          // Theirs take minutes to be given 10,000 past trials.
          if (python && past <= 1_000 && trainers <= 50)
            for (const peer of Object.keys(peers)) {
              const answer = python.request<LoadResult>({ peer, trainers, past, seconds, work });
              add(peer, past, trainers, await answer);
            }
        }
    } finally {
      python?.close();
      ours.stop();
    }
    const columns = [
      "",
      "past trials",
      "trainers",
      "trials/s",
      "ask p50 ms",
      "ask p99 ms",
      "tell p50 ms",
      "tell p99 ms",
      "trials",
    ];
    return { columns, rows, bars, notes };
  },
};

export default benchmark;
