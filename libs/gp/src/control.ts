import type { FitControl } from "./model.ts";

/** @throws an error of name AbortError when `shouldStop` answers true; whatever it throws itself. */
export function throwIfStopped({ shouldStop }: FitControl): void {
  if (shouldStop?.()) throw Object.assign(new Error("the fit was stopped"), { name: "AbortError" });
}
