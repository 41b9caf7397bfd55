/** What a server did that the contract forbids, in one sentence. */
export class ContractBreach extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ContractBreach";
  }
}

/** @param breach - what is wrong if it does not hold. @throws {ContractBreach} */
export function demand(holds: boolean, breach: string | (() => string)): asserts holds {
  if (!holds) throw new ContractBreach(typeof breach === "string" ? breach : breach());
}
