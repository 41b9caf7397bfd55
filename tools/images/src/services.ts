/** A service as an image. */
export interface ImageSpec {
  /** Folder under services/, and the image's target. */
  readonly name: string;
  /** Packages that stay packages beside the bundle: they read files of their own, or are native. With what they need. */
  readonly packages: readonly string[];
}

const trainerPackages = ["@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-wasm"];

/** Every service of the suite that runs in a container. */
export const imageSpecs: readonly ImageSpec[] = [
  { name: "optimizer", packages: [] },
  { name: "surrogate-model", packages: [] },
  { name: "importance-sampler", packages: [] },
  { name: "trainer", packages: trainerPackages },
  { name: "katib-suggestion", packages: [] },
  { name: "dashboard", packages: ["sodium-native"] },
];
