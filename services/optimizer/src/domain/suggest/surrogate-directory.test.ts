import { createMatrix } from "@superbatch/linalg";
import { describe, expect, it } from "vitest";
import type { Surrogate } from "./surrogate.ts";
import { type AddressRule, createSurrogateDirectory } from "./surrogate-directory.ts";

const { signal } = new AbortController();
const data = { dimensions: [], x: createMatrix(0, 0), y: new Float64Array(0), cost: new Float64Array(0) };

function directory(addresses: AddressRule = "loopback", connect?: (address: string) => Surrogate) {
  const connected: string[] = [];
  return {
    connected,
    ...createSurrogateDirectory({
      own: "gp:1",
      named: new Map([["forest", "forest:2"]]),
      addresses,
      connect(address, known) {
        connected.push(known ? address : `${address} without token`);
        return connect?.(address) ?? { fit: async () => async () => [] };
      },
    }),
  };
}

describe("directory of surrogates", () => {
  it("tries the study's choice, then its fallback, each connected once", () => {
    const { choose, connected } = directory();
    expect(choose({}).map(({ name }) => name)).toEqual([""]);
    expect(choose({ surrogate: "forest" }).map(({ name }) => name)).toEqual(["forest", ""]);
    expect(choose({ surrogate: "127.0.0.1:5", fallbackSurrogate: "forest" }).map(({ name }) => name)).toEqual([
      "127.0.0.1:5",
      "forest",
    ]);
    expect(choose({ surrogate: "forest", fallbackSurrogate: "forest" })).toHaveLength(1);
    expect(connected).toEqual(["gp:1", "forest:2", "127.0.0.1:5 without token"]);
  });

  it.each<[AddressRule, string[], string[]]>([
    [
      "loopback",
      ["", "forest", "127.0.0.1:7603", "localhost:7603", "[::1]:7603"],
      ["tree", "10.0.0.1:7603", "127.0.0.1", "127.0.0.1:0"],
    ],
    ["any", ["forest", "10.0.0.1:7603"], ["tree"]],
    ["none", ["", "forest"], ["127.0.0.1:7603"]],
  ])("with addresses: %s accepts and refuses", (rule, accepted, refused) => {
    const { problemOf } = directory(rule);
    for (const name of accepted) expect(problemOf(name)).toBeUndefined();
    for (const name of refused) expect(problemOf(name)).toMatch(/must be one of the surrogates .*\(forest\)/);
  });

  it("fails, rather than asking another one, where a name is not known any more", async () => {
    const [gone, own] = directory().choose({ surrogate: "tree" });
    await expect(gone!.surrogate.fit(data, { seed: 1 }, signal)).rejects.toThrow("knows no surrogate tree");
    await own!.surrogate.fit(data, { seed: 1 }, signal);
  });

  it("gives up fits and questions that are late, and stops their work", async () => {
    const stopped: boolean[] = [];
    const never = (work: AbortSignal) =>
      new Promise<never>(() => work.addEventListener("abort", () => stopped.push(true)));
    const lateFit = directory("loopback", () => ({ fit: (_, __, work) => never(work) }));
    const [slow] = lateFit.choose({ surrogateSeconds: 0.02 });
    await expect(slow!.surrogate.fit(data, { seed: 1 }, signal)).rejects.toThrow("did not answer within 0.02 s");
    const lateAnswer = directory("loopback", () => ({ fit: async () => (_, __, ___, work) => never(work!) }));
    const posterior = await lateAnswer.choose({ surrogateSeconds: 0.02 })[0]!.surrogate.fit(data, { seed: 1 }, signal);
    await expect(posterior("objective", data.x, data.x, signal)).rejects.toThrow("did not answer within 0.02 s");
    expect(stopped).toEqual([true, true]);
  });
});
