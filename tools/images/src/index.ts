export { bundle } from "./bundle.ts";
export { type ImageSpec, imageSpecs } from "./services.ts";
