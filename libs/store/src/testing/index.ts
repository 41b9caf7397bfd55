export { describeStore, type StoreHarness } from "./contract.ts";
export { fixtures } from "./fixtures.ts";
