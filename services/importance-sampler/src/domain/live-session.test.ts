import type { Answer, SessionSpec, Task } from "@superbatch/is-sgd";
import { describe, expect, it } from "vitest";
import { createLiveSession, type LiveSession } from "./live-session.ts";
import { createSessionRegistry, type SessionLimits } from "./session-registry.ts";

/** Time that stands until it is moved. */
function manualClock() {
  let now = 0;
  let timers: { at: number; action: () => void }[] = [];
  return {
    now: () => now,
    after(seconds: number, action: () => void) {
      const timer = { at: now + seconds, action };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    soon: () => {},
    pass(seconds: number) {
      now += seconds;
      const due = timers.filter(({ at }) => at <= now);
      timers = timers.filter(({ at }) => at > now);
      for (const { action } of due) action();
    },
  };
}

const spec: SessionSpec = { examples: 60, batchSize: 6, superBatchSize: 12, threshold: 0, seed: 2, workers: 2 };
const empty = new Uint8Array(0);

/** A worker that keeps what it gets; it does nothing by itself. */
function worker(name: string) {
  const answers: Answer[] = [];
  const errors: unknown[] = [];
  const outlet = {
    push: (answer: Answer) => void answers.push(answer),
    fail: (error: unknown) => void errors.push(error),
  };
  return {
    name,
    answers,
    errors,
    outlet,
    tasks: (): Task[] => answers.flatMap(({ tasks }) => tasks),
    token: () => answers.at(-1)?.token ?? empty,
    attach(live: LiveSession, extra: Partial<Parameters<LiveSession["attach"]>[0]> = {}) {
      live.attach({ worker: name, shards: [], token: empty, reports: [], ...extra }, outlet, new Error("superseded"));
    },
    reportOf: (task: Task) => ({
      round: task.round,
      part: task.part,
      scores: new Float32Array(task.indices.length).fill(1),
    }),
    report(live: LiveSession) {
      const [task] = live.session.outstanding(name);
      live.report(name, this.reportOf(task));
    },
  };
}

function open(token: Uint8Array = empty, graceSeconds = 10) {
  const clock = manualClock();
  return { clock, live: createLiveSession({ name: "s", spec, token, graceSeconds, clock }) };
}

describe("a live session", () => {
  it("keeps a lost worker's place for the grace period, then goes on without it", () => {
    const { clock, live } = open();
    const [a, b] = [worker("a"), worker("b")];
    a.attach(live);
    b.attach(live);
    a.report(live);
    live.detach("b", b.outlet);
    clock.pass(9);
    expect(live.session.status().rounds).toBe(0);
    clock.pass(2);
    expect(live.session.status().rounds).toBe(1);
    expect(live.session.members().map((member) => member.worker)).toEqual(["a"]);
  });

  it("a worker that comes back in time is given again what it has to do", () => {
    const { clock, live } = open();
    const [a, b, again] = [worker("a"), worker("b"), worker("b")];
    a.attach(live);
    b.attach(live);
    live.detach("b", b.outlet);
    clock.pass(5);
    again.attach(live, { token: b.token() });
    clock.pass(20);
    expect(again.tasks()).toEqual(b.tasks());
    expect(live.session.members()).toHaveLength(2);
  });

  it("a report that was lost with the connection is taken from what the worker kept", () => {
    const { live } = open();
    const [a, b, again] = [worker("a"), worker("b"), worker("b")];
    a.attach(live);
    b.attach(live);
    a.report(live);
    live.detach("b", b.outlet);
    again.attach(live, { token: b.token(), reports: [b.reportOf(b.tasks()[0])] });
    expect(live.session.status().rounds).toBe(1);
  });

  it("rebuilt from the token of a worker that is ahead, goes back for one that is behind", () => {
    const { live } = open();
    const [a, b] = [worker("a"), worker("b")];
    a.attach(live);
    b.attach(live);
    const early = b.token();
    const first = { a: a.reportOf(a.tasks()[0]), b: b.reportOf(b.tasks()[0]) };
    a.report(live);
    b.report(live);
    // The answer to round 0 reached a, but not b, when the replica died.
    const expected = [...b.tasks()];
    const { live: next } = open(a.token());
    const [a2, b2] = [worker("a"), worker("b")];
    a2.attach(next, { token: a.token(), reports: [first.a] });
    b2.attach(next, { token: early, reports: [first.b] });
    expect(next.session.status().rounds).toBe(1);
    expect(b2.tasks()).toEqual(expected);
    a2.report(next);
    b2.report(next);
    expect(next.session.status().rounds).toBe(2);
  });

  it("also when the one ahead has gone on in the meantime", () => {
    const { live } = open();
    const [a, b] = [worker("a"), worker("b")];
    a.attach(live);
    b.attach(live);
    const early = b.token();
    const first = { a: a.reportOf(a.tasks()[0]), b: b.reportOf(b.tasks()[0]) };
    a.report(live);
    b.report(live);
    const { live: next } = open(a.token());
    worker("a").attach(next, { token: a.token(), reports: [first.a] });
    next.report("a", a.reportOf(next.session.outstanding("a")[0]));
    worker("b").attach(next, { token: early, reports: [first.b] });
    expect(next.session.outstanding("a")).toEqual([]);
    next.report("b", b.reportOf(next.session.outstanding("b")[0]));
    expect(next.session.status().rounds).toBe(2);
  });

  it("a worker's second stream ends its first", () => {
    const { live } = open();
    const [one, two] = [worker("a"), worker("a")];
    one.attach(live);
    two.attach(live);
    expect(one.errors).toHaveLength(1);
    live.detach("a", one.outlet);
    expect(live.attached).toBe(1);
  });

  it("sums the time that rounds wait for reports", () => {
    const { clock, live } = open();
    const [a, b] = [worker("a"), worker("b")];
    a.attach(live);
    b.attach(live);
    clock.pass(2);
    a.report(live);
    clock.pass(3);
    b.report(live);
    expect(live.waitingSeconds()).toBe(5);
  });
});

describe("the registry", () => {
  const limits: SessionLimits = {
    sessions: 3,
    sessionsPerTenant: 2,
    examples: 1e6,
    superBatchSize: 1e3,
    historyExamplesPerTenant: 100,
  };
  const one = { ...spec, workers: 1 };

  it("removes sessions in which nothing happened, and ends their streams", () => {
    const clock = manualClock();
    const registry = createSessionRegistry(limits, 100, 10, clock);
    const [idle, busy] = ["idle", "busy"].map((name) => registry.open({ tenant: "t", spec: one, token: empty, name }));
    const w = worker("0");
    w.attach(idle);
    clock.pass(60);
    worker("0").attach(busy);
    clock.pass(60);
    registry.expire(() => new Error("expired"));
    expect(registry.all()).toEqual([busy]);
    expect(w.errors).toHaveLength(1);
  });

  it("limits sessions in all and per tenant, and hides those of other tenants", () => {
    const registry = createSessionRegistry(limits, 100, 10, manualClock());
    const openFor = (tenant: string, name: string) => registry.open({ tenant, spec: one, token: empty, name });
    const first = openFor("t", "x");
    openFor("t", "y");
    expect(() => openFor("t", "z")).toThrow("this tenant");
    openFor("u", "x");
    expect(() => openFor("v", "x")).toThrow("this service");
    expect(registry.find("t", "x")).toBe(first);
    expect(registry.find("v", "x")).toBeUndefined();
    registry.close("t", "y", () => new Error());
    openFor("v", "x");
  });
});
