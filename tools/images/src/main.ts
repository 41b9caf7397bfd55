import { join, resolve } from "node:path";
import { Command } from "commander";
import { bundle, root } from "./bundle.ts";
import { writeSbom } from "./sbom.ts";
import { imageSpecs } from "./services.ts";

const names = imageSpecs.map(({ name }) => name);

await new Command("bundle")
  .description(
    "Bundles services for their images: a folder for each, with one program and what it reads, and its bill of materials.",
  )
  .argument("[services...]", `of ${names.join(", ")}; default: all`)
  .option("--out <folder>", "where the folders are written", join(root, "build/images"))
  .action(async (chosen: string[], { out }: { out: string }, command: Command) => {
    const unknown = chosen.find((name) => !names.includes(name));
    if (unknown !== undefined) command.error(`there is no service ${unknown}; there are ${names.join(", ")}`);
    for (const spec of imageSpecs.filter(({ name }) => chosen.length === 0 || chosen.includes(name))) {
      const folder = resolve(out, spec.name);
      const packages = await bundle(spec, folder);
      writeSbom(spec.name, packages, folder);
      console.log(`${spec.name}: ${folder} (${packages.length} packages)`);
    }
  })
  .parseAsync();
