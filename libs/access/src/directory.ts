import { createHash } from "node:crypto";
import { isResourceId } from "@superbatch/contracts";
import { z } from "zod";
import { everyProject, type Principal } from "./principal.ts";
import { roles } from "./role.ts";

/** The principals that a service knows by themselves, each under what it shows of itself. */
export interface Directory {
  /** By the SHA-256 of the bearer token, hexadecimal. */
  readonly byToken: ReadonlyMap<string, KnownPrincipal>;
  /** By a name in the client's certificate: `dns:trainer-1.example.org`, `uri:spiffe://example.org/trainer`, `email:…`, `cn:…`. */
  readonly byCertificate: ReadonlyMap<string, KnownPrincipal>;
  /** By the subject of a token of the identity provider. */
  readonly bySubject: ReadonlyMap<string, KnownPrincipal>;
}

export interface KnownPrincipal extends Principal {
  /** When it ends to be known, milliseconds since the epoch; absent: never. */
  readonly expiresAt?: number;
}

export const emptyDirectory: Directory = { byToken: new Map(), byCertificate: new Map(), bySubject: new Map() };

/** How tokens are kept: a file of digests gives nobody a token. */
export function digestToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

const project = z.string().refine((id) => id === everyProject || isResourceId(id), {
  error: 'must be a project\'s id, or "*" for every project',
});

/** Roles by project, as files and tokens state them. */
export const rolesSchema = z.record(project, z.enum(roles));

const entry = z
  .strictObject({
    id: z.string().min(1).max(128),
    token: z
      .string()
      .regex(/^\S{16,4096}$/, "must have 16 or more characters, none of them blank")
      .optional(),
    tokenSha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, "must be 64 hexadecimal digits")
      .optional(),
    certificate: z
      .string()
      .regex(/^(dns|uri|email|ip|cn):.+$/, "must be dns:, uri:, email:, ip: or cn: and a name")
      .optional(),
    subject: z.string().min(1).optional(),
    expires: z.iso.datetime({ offset: true, error: "must be a time such as 2030-01-31T00:00:00Z" }).optional(),
    roles: rolesSchema,
  })
  .refine(({ token, tokenSha256, certificate, subject }) => token ?? tokenSha256 ?? certificate ?? subject, {
    error: "needs a token, tokenSha256, certificate or subject",
  });

const schema = z.strictObject({ principals: z.array(entry).min(1) });

/**
 * The principals of a file that was parsed.
 *
 * @throws {RangeError} with everything that is wrong, one line each; values are not repeated, since some are secret.
 */
export function readDirectory(content: unknown): Directory {
  const result = schema.safeParse(content);
  if (!result.success) throw new RangeError(result.error.issues.map(describe).join("\n"));
  const byToken = new Map<string, KnownPrincipal>();
  const byCertificate = new Map<string, KnownPrincipal>();
  const bySubject = new Map<string, KnownPrincipal>();
  for (const { id, token, tokenSha256, certificate, subject, expires, roles } of result.data.principals) {
    const known = { id, roles: new Map(Object.entries(roles)), ...(expires && { expiresAt: Date.parse(expires) }) };
    const add = (map: Map<string, KnownPrincipal>, key: string | undefined, what: string) => {
      if (key === undefined) return;
      const other = map.get(key);
      if (other) throw new RangeError(`principals: ${other.id} and ${id} have the same ${what}`);
      map.set(key, known);
    };
    add(byToken, token === undefined ? undefined : digestToken(token), "token");
    add(byToken, tokenSha256, "token");
    add(byCertificate, certificate, "certificate");
    add(bySubject, subject, "subject");
  }
  return { byToken, byCertificate, bySubject };
}

function describe({ path, message }: z.core.$ZodIssue): string {
  const where = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  return `${where.slice(1) || "the file"}: ${message}`;
}
