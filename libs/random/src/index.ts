export { createRng, normalCdf, normalQuantile, type Rng, restoreRng } from "./rng.ts";
export { createSobol, type SobolOptions, type SobolSequence } from "./sobol.ts";
export { maxSobolDimensions } from "./sobol-directions.ts";
