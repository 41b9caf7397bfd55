import type { ModelKind } from "./fitted-model.ts";

/** Kinds of models that this service can fit. */
export const modelNames = ["exact-gp", "random-forest", "neural-linear"] as const;

export type ModelName = (typeof modelNames)[number];

export const modelKinds: Readonly<Record<ModelName, ModelKind>> = {
  "exact-gp": { name: "exact-gp", modelsFidelities: true, appends: true, choosesSamples: true, defaultSamples: 10 },
  "random-forest": {
    name: "random-forest",
    modelsFidelities: false,
    appends: false,
    choosesSamples: false,
    defaultSamples: 1,
  },
  "neural-linear": {
    name: "neural-linear",
    modelsFidelities: false,
    appends: false,
    choosesSamples: true,
    defaultSamples: 5,
  },
};
