import { globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Check, check } from "@superbatch/observability/check";
import { has, type Image, type ImageConfig } from "./image.ts";

/** What every image of ours must be. */
export function checkImage(image: Image, config: ImageConfig, version: string, revision: string): Check[] {
  const { target, files } = image;
  const label = (name: string) => config.Labels[`org.opencontainers.image.${name}`];
  const bill = JSON.parse(readFileSync(join(files, "app/sbom.cdx.json"), "utf8")) as {
    metadata: { component: { name: string } };
    components: object[];
  };
  const shells = globSync(["{,usr/}{,local/}{,s}bin/*"], { cwd: files });
  const writable = globSync("{app,usr,etc}/**", { cwd: files, withFileTypes: true })
    .map((each) => join(each.parentPath, each.name))
    .filter((path) => {
      const { uid, mode } = statSync(path);
      return uid !== 0 || (mode & 0o6022) !== 0;
    });
  return [
    check(
      `${target}: labelled ${label("title")} ${label("version")}, ${label("licenses")}, ${label("revision")?.slice(0, 7)}`,
      label("title") === `superbatch-${target}` && label("version") === version && label("revision") === revision,
    ),
    check(
      `${target}: user ${config.User}, ${config.Entrypoint.join(" ")}`,
      config.User === "65532:65532" && config.Entrypoint[0] === "node",
    ),
    check(
      `${target}: the only program is ${shells.join(", ")}`,
      shells.length === 1 && has(image, "usr/local/bin/node"),
    ),
    check(
      `${target}: bill of materials of ${bill.components.length} packages`,
      bill.metadata.component.name === `superbatch-${target}` && bill.components.length > 0,
    ),
    check(`${target}: files that its user could change: ${writable.join(", ") || "none"}`, writable.length === 0),
  ];
}
