import type { Cost } from "./common.ts";

/** The phases that a cost is split into; what is in none of them is its total's alone. */
export const costPhases = ["scoring", "gradient", "evaluation", "data"] as const satisfies readonly (keyof Cost)[];
