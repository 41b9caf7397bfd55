import { setTimeout as sleep } from "node:timers/promises";
import { surrogate } from "@superbatch/contracts";
import { Metadata } from "nice-grpc-common";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { statusOf } from "./error-details.ts";
import { Status } from "./index.ts";
import { implement } from "./service.ts";
import { startTestService, type TestService } from "./testing/index.ts";

const { SurrogateServiceDefinition } = surrogate;
let service: TestService;
let aborted: PromiseWithResolvers<void>;
let calls: number;

beforeEach(async () => {
  aborted = Promise.withResolvers();
  calls = 0;
  const answer = async () => ({});
  service = await startTestService([
    implement(SurrogateServiceDefinition, {
      describe: answer,
      posterior: answer,
      release: answer,
      async fit(_, { signal }) {
        calls++;
        await sleep(60_000, undefined, { signal }).catch(() => aborted.resolve());
        return {};
      },
    }),
  ]);
});
afterEach(() => service.stop());

const soon = () => new Date(Date.now() + 50);

describe("deadline", () => {
  it("ends the call on both sides", async () => {
    const client = service.client(SurrogateServiceDefinition);
    // On a busy machine a deadline may pass before its call arrives.
    while (calls === 0) {
      expect(await client.fit({}, { deadline: soon() }).catch(statusOf)).toBe(Status.DEADLINE_EXCEEDED);
    }
    await aborted.promise;
  });

  it("is told to the server, which stops by itself", async () => {
    // A deadline only in the metadata: what a client that died meanwhile has left.
    const metadata = Metadata().set("grpc-timeout", "50m");
    const client = service.client(SurrogateServiceDefinition, { deadlineSeconds: 1e6, retry: { calls: "none" } });
    expect(await client.fit({}, { metadata }).catch(statusOf)).toBe(Status.DEADLINE_EXCEEDED);
    await aborted.promise;
  });

  it("has a default for unary calls", async () => {
    const client = service.client(SurrogateServiceDefinition, { deadlineSeconds: 0.05 });
    expect(await client.fit({}).catch(statusOf)).toBe(Status.DEADLINE_EXCEEDED);
  });

  it("that has passed sends nothing", async () => {
    const call = service.client(SurrogateServiceDefinition).fit({}, { deadline: new Date(0) });
    expect(await call.catch(statusOf)).toBe(Status.DEADLINE_EXCEEDED);
    expect(calls).toBe(0);
  });

  it("is not confused with the caller leaving", async () => {
    const controller = new AbortController();
    const call = service.client(SurrogateServiceDefinition).fit({}, { deadline: soon(), signal: controller.signal });
    controller.abort();
    expect(await call.catch(statusOf)).toBe(Status.CANCELLED);
  });

  it("bounds waiting for a server that is away", async () => {
    await service.service.stop();
    const client = service.client(SurrogateServiceDefinition, { retry: { calls: "all", attempts: 1000 } });
    const outcome = await client.describe({}, { deadline: new Date(Date.now() + 300) }).catch(statusOf);
    expect([Status.DEADLINE_EXCEEDED, Status.UNAVAILABLE]).toContain(outcome);
  });
});
