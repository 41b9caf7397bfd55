import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./bundle.ts";

interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
}

interface Component {
  readonly "bom-ref": string;
  readonly [property: string]: unknown;
}

/**
 * Writes `sbom.cdx.json` (CycloneDX 1.6): every package of which anything is in the bundle, with version, license and hash as locked.
 *
 * @param packages - places in node_modules as the lock file names them: `node_modules/pino`.
 */
export function writeSbom(service: string, packages: readonly string[], folder: string): void {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, LockedPackage>;
  };
  const { version, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<string, string>;
  // One version may lie in several places.
  const byRef = new Map(
    packages.map((place) => componentOf(place, lock.packages[place] ?? {})).map((each) => [each["bom-ref"], each]),
  );
  const bom = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        "bom-ref": `superbatch-${service}@${version}`,
        type: "application",
        name: `superbatch-${service}`,
        version,
        licenses: [{ license: { id: license } }],
      },
    },
    components: [...byRef.values()],
  };
  writeFileSync(join(folder, "sbom.cdx.json"), `${JSON.stringify(bom, undefined, 1)}\n`);
}

function componentOf(place: string, { version, license, integrity }: LockedPackage): Component {
  const name = place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return {
    "bom-ref": purl,
    type: "library",
    name,
    version,
    purl,
    ...(license && {
      licenses: [/ (OR|AND) |^\(/.test(license) ? { expression: license } : { license: { name: license } }],
    }),
    ...(integrity?.startsWith("sha512-") && {
      hashes: [{ alg: "SHA-512", content: Buffer.from(integrity.slice(7), "base64").toString("hex") }],
    }),
  };
}
