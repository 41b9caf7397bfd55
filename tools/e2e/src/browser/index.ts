export type { OptimizerClient } from "../services.ts";
export { startOptimizer } from "../services.ts";
export { type Browser, launchChromium } from "./chromium.ts";
export { startDashboard } from "./dashboard.ts";
export { createStudy, exampleSpec } from "./play-study.ts";
