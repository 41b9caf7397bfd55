import { createRng } from "@superbatch/random";
import { atMost, type Bar, type Benchmark } from "../benchmark.ts";
import { applyHeartbeats, applyLoad, type LoadResult } from "../lease/load.ts";
import { startSuperbatch } from "../lease/superbatch.ts";
import { installPython, installVizier, type PythonPeer, startPython } from "../python.ts";

/** Average training time of a trial, in seconds: trainers ask as often as trials of a second would. */
const work = 1;

/** Trainers that only send heartbeats. */
const holders = 200;

/** With a model: of trials long enough that a suggestion is computed meanwhile, as it is meant. */
const modelled = { work: 4, trainers: 2, past: [0, 100], seconds: 60 };

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
      `With a model: entropy search per unit cost on the surrogate service, ${modelled.trainers} trainers whose trials take ${modelled.work} s on average, for ${modelled.seconds} s.`,
    ];
    const add = (who: string, past: number, trainers: number, { ask, tell, rate, trials }: LoadResult) => {
      rows.push([who, past, trainers, rate, ask.p50, ask.p99, tell.p50, tell.p99, trials]);
      log(
        `${who}, ${past} past, ${trainers} trainers: ask p50 ${ask.p50.toFixed(1)} p99 ${ask.p99.toFixed(1)} ms, tell p99 ${tell.p99.toFixed(1)} ms`,
      );
    };
    const ours = await startSuperbatch();
    const withPeers = given.peers !== false;
    const peers = withPeers ? startPeers(log) : {};
    try {
      for (const past of quick ? [0, 1_000] : [0, 1_000, 10_000])
        for (const trainers of quick ? [1, 50] : [1, 50, 200]) {
          const rng = createRng(`${past} ${trainers}`);
          const result = await applyLoad(await ours.trainers(trainers, past, "random"), { seconds, work, rng });
          add("superbatch", past, trainers, result);
          if (trainers === 50) {
            bars.push(atMost(`p99 of LeaseTrials at 50 trainers, ${past} past trials, ms`, result.ask.p99, 100));
            bars.push(atMost(`p99 of CompleteTrial at 50 trainers, ${past} past trials, ms`, result.tell.p99, 100));
          }
          // Theirs take minutes to be given 10,000 past trials.
          if (past <= 1_000 && trainers <= 50)
            for (const [peer, python] of Object.entries(peers)) {
              const answer = python.request<LoadResult>({ peer, trainers, past, seconds, work });
              add(peer, past, trainers, await answer);
            }
        }
      const beats = await applyHeartbeats(await ours.trainers(holders, 0, "random"), seconds);
      notes.push(
        `${holders} trainers that hold trials and send heartbeats one after the other: ${beats.rate.toFixed(0)} a second, p50 ${beats.p50.toFixed(0)} ms, p99 ${beats.p99.toFixed(0)} ms.`,
      );
      for (const past of modelled.past) {
        const load = { ...modelled, seconds: quick ? 30 : modelled.seconds, rng: createRng(`model ${past}`) };
        const result = await applyLoad(await ours.trainers(load.trainers, past, "entropy-search"), load);
        add("superbatch, with a model", past, load.trainers, result);
        bars.push(atMost(`p50 of LeaseTrials with a model, ${past} past trials, ms`, result.ask.p50, 20));
      }
    } finally {
      for (const python of Object.values(peers)) python.close();
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

/** Optuna and Vizier, each in an environment of its own. */
function startPeers(log: (line: string) => void): Record<string, PythonPeer> {
  installVizier(log);
  installPython(["grpcio", "protobuf", "optuna"], log);
  return { vizier: startPython("lease/peer.py", "vizier"), optuna: startPython("lease/peer.py") };
}
