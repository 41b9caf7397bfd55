import type { SuggestOptions } from "@superbatch/acquisition";

/** How a study proceeds: by a surrogate and an acquisition, or at random. */
export type Method =
  | {
      readonly name: string;
      readonly kind: "model";
      readonly options: SuggestOptions;
      readonly fidelity: "free" | "target";
    }
  | { readonly name: string; readonly kind: "random" };

export const methods: readonly Method[] = [
  { name: "entropy search per cost", kind: "model", options: {}, fidelity: "free" },
  {
    name: "knowledge gradient per cost",
    kind: "model",
    options: { acquisition: "knowledge-gradient" },
    fidelity: "free",
  },
  {
    name: "max-value entropy per cost",
    kind: "model",
    options: { acquisition: "max-value-entropy" },
    fidelity: "free",
  },
  { name: "entropy search at the target", kind: "model", options: {}, fidelity: "target" },
  {
    name: "expected improvement at the target",
    kind: "model",
    options: { acquisition: "expected-improvement" },
    fidelity: "target",
  },
  { name: "random at the target", kind: "random" },
];
