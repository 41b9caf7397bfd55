import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "selfsigned";

/** A certificate with its key, both PEM. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
}

/**
 * Writes NAME.pem and NAME.key for the address 127.0.0.1 and the common name NAME.
 *
 * @param authority - who signs it; absent: it is an authority itself.
 */
export async function writeCertificate(
  folder: string,
  name: string,
  authority?: CertificatePair,
): Promise<CertificatePair> {
  const pair = await generate([{ name: "commonName", value: name }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: authority === undefined },
      { name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] },
    ],
    ...(authority && { ca: authority }),
  });
  writeFileSync(join(folder, `${name}.pem`), pair.cert);
  writeFileSync(join(folder, `${name}.key`), pair.private);
  return { cert: pair.cert, key: pair.private };
}
