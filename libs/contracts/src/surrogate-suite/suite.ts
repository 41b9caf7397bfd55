import type { Subject } from "./subject.ts";

/** One thing that the contract of a surrogate demands. */
export interface SurrogateCheck {
  readonly group: "data" | "posterior" | "errors" | "cancellation";
  /** What a server that passes does, as the rest of a sentence. */
  readonly name: string;
  /** @throws {ContractBreach} naming what is wrong; whatever a call throws that should have succeeded. */
  run(subject: Subject): Promise<void>;
}
