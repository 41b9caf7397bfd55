import { surrogate } from "@superbatch/contracts";
import { HealthDefinition } from "nice-grpc-server-health";
import { describe, expect, it } from "vitest";
import { probeService } from "./probe.ts";
import { implement } from "./service.ts";
import { startTestService } from "./testing/index.ts";

const answer = async () => ({});
const entry = implement(surrogate.SurrogateServiceDefinition, {
  describe: answer,
  fit: answer,
  posterior: answer,
  release: answer,
});
const [serving, notServing] = [1, 2];

describe("health", () => {
  it("tells liveness, readiness and each dependency apart; only what is required decides", async () => {
    const dependencies = { store: "required", cache: "optional" } as const;
    await using test = await startTestService([entry], { dependencies });
    const health = test.client(HealthDefinition);
    const names = ["", "liveness", "readiness", "superbatch.surrogate.v1.SurrogateService", "store", "cache"];
    const states = async () => Promise.all(names.map(async (service) => (await health.check({ service })).status));
    expect(await states()).toEqual([notServing, serving, notServing, notServing, notServing, notServing]);
    test.service.setDependency("store", true);
    expect(await states()).toEqual([serving, serving, serving, serving, serving, notServing]);
    test.service.setDependency("cache", true);
    expect(await states()).toEqual(names.map(() => serving));
    test.service.setDependency("store", false);
    expect(await states()).toEqual([notServing, serving, notServing, notServing, notServing, serving]);
    expect(() => test.service.setDependency("nothing", true)).toThrow(RangeError);
    await expect(health.check({ service: "nothing" })).rejects.toMatchObject({ code: 5 });
  });

  it("of a service is followed by those that depend on it", async () => {
    const looks: boolean[] = [];
    let look = Promise.withResolvers<void>();
    const next = async (wanted: boolean) => {
      while (looks.at(-1) !== wanted) {
        look = Promise.withResolvers();
        await look.promise;
      }
    };
    const test = await startTestService([entry], { dependencies: { store: "required" } });
    const onLook = (yes: boolean) => {
      looks.push(yes);
      look.resolve();
    };
    const end = probeService(test.address, { onLook, seconds: 0.5 });
    await next(false);
    test.service.setDependency("store", true);
    await next(true);
    await test.stop();
    await next(false);
    end();
    end();
  });
});
