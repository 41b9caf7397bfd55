// tfjs-core's Node bundle leaves out the gradients of its operations, and Node cannot load the package's modules that register
// them (their import paths lack extensions). `npm run generate` bundles those into build/gradients.mjs.
let registered: Promise<unknown> | undefined;

/** Registers the gradients of all of tfjs' operations, once. @throws {Error} where the bundle has not been built. */
export async function registerGradients(): Promise<void> {
  const bundle = new URL("../../build/gradients.mjs", import.meta.url).href;
  registered ??= import(bundle).catch((cause) => {
    throw new Error("the gradients' bundle is not built; run `npm run setup`", { cause });
  });
  await registered;
}
