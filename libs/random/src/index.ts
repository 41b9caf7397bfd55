export { createRng, normalCdf, normalQuantile, type Rng, restoreRng } from "./rng.ts";
