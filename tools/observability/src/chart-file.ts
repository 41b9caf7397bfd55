import { join } from "node:path";
import { root } from "./program.ts";

/** Path of a file that the chart, deploy/compose.yaml and the checks have in common. */
export const chartFile = (name: string): string => join(root, "deploy/helm/superbatch/files", name);
