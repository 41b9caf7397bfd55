import { expect, it } from "vitest";
import { abortable } from "./abortable.ts";

const reason = new Error("not wanted any more");

it("passes a result and a rejection through", async () => {
  const { signal } = new AbortController();
  expect(await abortable(Promise.resolve(3), signal)).toBe(3);
  await expect(abortable(Promise.reject(new Error("lost")), signal)).rejects.toThrow("lost");
});

it("rejects as soon as the signal is aborted", async () => {
  const controller = new AbortController();
  const waiting = abortable(new Promise(() => {}), controller.signal);
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
});

it.each([true, false])("leaves no rejection unhandled (aborted before: %s)", async (before) => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on("unhandledRejection", note);
  const controller = new AbortController();
  if (before) controller.abort(reason);
  const late = new Promise((_, reject) => setImmediate(() => reject(new Error("late"))));
  const waiting = abortable(late, controller.signal);
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await new Promise((resolve) => setTimeout(resolve, 10));
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});
