import { setTimeout as sleep } from "node:timers/promises";
import type { Rng } from "@superbatch/random";
import type { Fleet } from "./fleet.ts";
import { now } from "./journal.ts";
import type { System } from "./system.ts";

/** Something that went wrong on purpose. */
export interface Fault {
  readonly kind: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Milliseconds until what was killed was ready again, if something was. */
  readonly ready?: number;
}

interface Action {
  readonly kind: string;
  /** How often it happens, relative to the others: a whole number. */
  readonly weight: number;
  /** @returns milliseconds until what was killed is ready again. */
  run(): Promise<number | undefined>;
}

/**
 * Faults one after the other at random times, until the signal aborts.
 *
 * @param seconds - between the end of one and the beginning of the next, on average.
 * @returns what happened.
 */
export async function injectFaults(
  system: System,
  fleet: Fleet,
  rng: Rng,
  seconds: number,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<Fault[]> {
  const faults: Fault[] = [];
  let deck: Action[] = [];
  const actions = actionsOn(system, fleet, rng).flatMap((action) => Array<Action>(action.weight).fill(action));
  while (!signal.aborted) {
    await sleep(2000 * seconds * rng.uniform(), undefined, { signal }).catch(() => {});
    if (signal.aborted) break;
    // Like cards: every kind comes up before any comes again.
    if (deck.length === 0) deck = [...actions];
    const [action] = deck.splice(rng.integer(deck.length), 1) as [Action];
    const time = now();
    const ready = await action.run();
    faults.push({ kind: action.kind, time, ...(ready !== undefined && { ready }) });
    log(`${action.kind}${ready === undefined ? "" : `, ready again after ${Math.round(ready)} ms`}`);
  }
  return faults;
}

function actionsOn(system: System, fleet: Fleet, rng: Rng): Action[] {
  const { postgres, replicas, surrogate, proxies } = system;
  const pick = <Item>(items: readonly Item[]) => items[rng.integer(items.length)]!;
  const anyProxy = () => pick([...proxies.values()]);
  const actions: Action[] = [
    { kind: "optimizer killed", weight: 3, run: () => pick(replicas).restart("kill", 1000 * rng.uniform()) },
    { kind: "optimizer told to stop", weight: 1, run: () => pick(replicas).restart("drain", 1000 * rng.uniform()) },
    { kind: "surrogate killed", weight: 1, run: () => surrogate.restart("kill", 1000 * rng.uniform()) },
    {
      kind: "trainers killed",
      weight: 2,
      async run() {
        fleet.kill(rng.integer(fleet.size));
        return undefined;
      },
    },
    {
      kind: "connections dropped",
      weight: 2,
      async run() {
        anyProxy().drop();
        return undefined;
      },
    },
    {
      kind: "connections delayed",
      weight: 2,
      run: () => forAWhile((proxy, on) => proxy.delay(on ? 50 + 250 * rng.uniform() : 0)),
    },
    {
      kind: "connections stalled, then dropped",
      weight: 1,
      run: () => forAWhile((proxy, on) => (on ? proxy.stall(true) : recover(proxy))),
    },
  ];
  if (postgres) {
    const restart = (how: "crash" | "kill" | "fast") => async () => {
      const began = performance.now();
      await postgres.restart(how);
      return performance.now() - began;
    };
    actions.push(
      { kind: "database crashed", weight: 1, run: restart("crash") },
      { kind: "database killed", weight: 1, run: restart("kill") },
      { kind: "database restarted", weight: 1, run: restart("fast") },
    );
  }
  return actions;

  function recover(proxy: ReturnType<typeof anyProxy>): void {
    proxy.stall(false);
    proxy.drop();
  }

  async function forAWhile(change: (proxy: ReturnType<typeof anyProxy>, on: boolean) => void): Promise<undefined> {
    const proxy = anyProxy();
    change(proxy, true);
    await sleep(1000 + 3000 * rng.uniform());
    change(proxy, false);
    return undefined;
  }
}
