export { fastNormalQuantile, normalCdf, normalQuantile } from "./normal.ts";
export { createRng, type Rng, restoreRng } from "./rng.ts";
export { createSobol, type SobolOptions, type SobolSequence } from "./sobol.ts";
export { maxSobolDimensions } from "./sobol-directions.ts";
