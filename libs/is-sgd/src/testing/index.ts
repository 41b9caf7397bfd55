export { chiSquareTail } from "./chi-square.ts";
export { drive, type Step } from "./drive.ts";
export { samplerContract } from "./sampler-contract.ts";
