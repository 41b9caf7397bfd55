import { describe, expect, it } from "vitest";
import { createTurns } from "./turns.ts";

describe("turns", () => {
  /** Finds what there is, a thing at a time. */
  function lookout(things: number) {
    const state = { looks: 0, things };
    const look = async () => {
      state.looks++;
      await new Promise((resolve) => setImmediate(resolve));
      return state.things-- > 0 ? { thing: state.looks } : { blocked: "nothing" };
    };
    return { state, look };
  }
  const denialOf = (found: { blocked?: string } | { thing: number }) =>
    "blocked" in found ? found.blocked : undefined;

  it("let as many look as there are things, and one more", async () => {
    const turns = createTurns<string>();
    const { state, look } = lookout(3);
    const found = await Promise.all(Array.from({ length: 50 }, () => turns.take(look, denialOf)));
    expect(found.filter((each) => "thing" in each)).toHaveLength(3);
    expect(state.looks).toBe(4);
  });

  it("share no denial that is older than the question", async () => {
    const turns = createTurns<string>();
    const { state, look } = lookout(0);
    await turns.take(look, denialOf);
    state.things = 1;
    expect(await turns.take(look, denialOf)).toHaveProperty("thing");
  });

  it("survive a failure", async () => {
    const turns = createTurns<string>();
    const { state, look } = lookout(0);
    const failing = turns.take(() => Promise.reject(new Error("gone")), denialOf);
    const rest = [turns.take(look, denialOf), turns.take(look, denialOf)];
    await expect(failing).rejects.toThrow("gone");
    expect(await Promise.all(rest)).toEqual(Array(2).fill({ blocked: "nothing" }));
    expect(state.looks).toBe(1);
  });
});
