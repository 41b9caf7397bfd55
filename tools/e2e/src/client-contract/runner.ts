import { setTimeout as sleep } from "node:timers/promises";
import {
  type Client,
  type ConnectOptions,
  connect,
  StopEarly,
  StudyCompleted,
  type Trial,
  TrialCancelled,
} from "@superbatch/client";
import { common, optimizer } from "@superbatch/contracts";
import { createClient, fieldViolations, reasonOf, Status, statusOf } from "@superbatch/rpc";
import { at, type Expectation, fill, type Step, same } from "./step.ts";

/** Where the services are, as every language's runner is told. */
export interface Settings {
  readonly address: string;
  readonly token: string;
  readonly ca: string;
  readonly otherCa: string;
  readonly run: string;
}

interface Outcome {
  readonly command?: string;
  readonly outcome?: string;
  readonly response?: unknown;
  readonly error?: unknown;
}

const { methods } = optimizer.OptimizerServiceDefinition;
type Method = keyof typeof methods;

interface CodecOf {
  fromJSON(json: unknown): unknown;
  toJSON(message: unknown): unknown;
}

/** Takes the steps of one scenario by the TypeScript client. */
export class Runner implements Disposable {
  readonly #settings: Settings;
  readonly #saved: Map<string, string>;
  readonly #trials = new Map<string, Trial>();
  #options: ConnectOptions;
  #client: Client;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#saved = new Map([["run", settings.run]]);
    this.#options = this.#optionsFor({});
    this.#client = connect(settings.address, this.#options);
  }

  /** @throws {Error} if the step does not lead to what is expected. */
  async take(step: Step): Promise<void> {
    const result = await this.#do(step).catch((error: unknown): Outcome => ({ error }));
    check(result, step.expect ?? {}, this.#saved);
    for (const [name, path] of Object.entries(step.save ?? {}))
      this.#saved.set(name, String(at(result.response, path)));
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }

  #optionsFor({ token = "right", ca = "right" }: { readonly token?: string; readonly ca?: string }): ConnectOptions {
    const tokens: Record<string, string | undefined> = {
      right: this.#settings.token,
      wrong: `not-${this.#settings.token}`,
    };
    const authorities: Record<string, string | undefined> = { right: this.#settings.ca, other: this.#settings.otherCa };
    const [bearer, authority] = [tokens[token], authorities[ca]];
    return { deadlineSeconds: 5, ...(bearer && { token: bearer }), ...(authority && { authority }) };
  }

  async #do(step: Step): Promise<Outcome> {
    const trial = this.#trials.get(step.report ?? step.complete ?? step.fail ?? step.giveBack ?? "");
    if (step.call !== undefined) return this.#call(step.call, fill(step.request ?? {}, this.#saved));
    if (step.ask !== undefined) return this.#ask(step.ask, fill(step.study, this.#saved) as string);
    if (step.report !== undefined) return command(trial!.report(step.step!, step.value!));
    if (step.complete !== undefined) {
      const { value = 0, cost = {}, stoppedEarly = false } = step;
      await trial!.complete({ value, cost, stoppedEarly });
    }
    if (step.fail !== undefined) await (step.infeasible ? trial!.infeasible(step.reason!) : trial!.fail(step.reason!));
    if (step.giveBack !== undefined) await trial!.giveBack();
    if (step.sleep !== undefined) await sleep(step.sleep * 1000);
    if (step.connect !== undefined) {
      this.#client.close();
      this.#options = this.#optionsFor(step.connect);
      this.#client = connect(this.#settings.address, this.#options);
    }
    return {};
  }

  async #ask(name: string, study: string): Promise<Outcome> {
    try {
      this.#trials.set(name, await (await this.#client.study(study)).ask());
      return { outcome: "trial" };
    } catch (error) {
      if (error instanceof StudyCompleted) return { outcome: "completed" };
      throw error;
    }
  }

  /** Sends a request in JSON by the stub's method of that name, or, with a whole path, an empty one. */
  async #call(name: string, request: unknown): Promise<Outcome> {
    if (name.startsWith("/")) return { response: await this.#callPath(name) };
    const method = `${name[0]!.toLowerCase()}${name.slice(1)}` as Method;
    const { requestType, responseType } = methods[method] as { requestType: CodecOf; responseType: CodecOf };
    const call = this.#client.api[method] as (message: unknown) => Promise<unknown>;
    return { response: responseType.toJSON(await call(requestType.fromJSON(request))) };
  }

  async #callPath(path: string): Promise<unknown> {
    const [, fullName, name] = path.split("/") as [string, string, string];
    const { BooleanDomain } = common;
    const method = { name, requestType: BooleanDomain, responseType: BooleanDomain, options: {} } as const;
    const unary = { ...method, requestStream: false, responseStream: false } as const;
    const definition = { name: fullName.split(".").at(-1)!, fullName, methods: { any: unary } } as const;
    const { client, close } = createClient(definition, this.#settings.address, this.#options);
    try {
      return await client.any({});
    } finally {
      close();
    }
  }
}

async function command(reported: Promise<void>): Promise<Outcome> {
  try {
    await reported;
    return { command: "continue" };
  } catch (error) {
    if (error instanceof StopEarly) return { command: "stop_early" };
    if (error instanceof TrialCancelled) return { command: "cancel" };
    throw error;
  }
}

function check(result: Outcome, expected: Expectation, saved: ReadonlyMap<string, string>): void {
  const status = result.error === undefined ? Status.OK : statusOf(result.error);
  if (status === undefined) throw result.error;
  const paths = fieldViolations(result.error).map(({ path }) => path);
  const facts = {
    status: Status[status],
    reason: reasonOf(result.error) ?? "",
    fields: paths.sort().join(" "),
    command: result.command ?? "",
    outcome: result.outcome ?? "",
  };
  const wanted = { status: "OK", reason: "", command: "", outcome: "", ...expected };
  for (const key of ["status", "reason", "command", "outcome"] as const) {
    if (facts[key] !== wanted[key])
      throw new Error(`expected ${key} ${wanted[key]}, got ${facts[key]}: ${String(result.error ?? "")}`);
  }
  const fields = (expected.fields ?? []).toSorted().join(" ");
  if (facts.fields !== fields) throw new Error(`expected the fields ${fields}, got ${facts.fields}`);
  for (const [path, value] of Object.entries(expected.response ?? {})) {
    const actual = at(result.response, path);
    if (!same(actual, fill(value, saved))) throw new Error(`expected ${path} to be ${value}, got ${actual}`);
  }
}
