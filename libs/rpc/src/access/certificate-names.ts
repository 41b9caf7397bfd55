import type { PeerCertificate } from "node:tls";

/** Kinds of names as OpenSSL writes them, and as ours. */
const kinds: Readonly<Record<string, string>> = { DNS: "dns", URI: "uri", email: "email", "IP Address": "ip" };

/**
 * The names that a verified certificate gives its holder, alternative names first: `dns:trainer-1.example.org`, `uri:spiffe://…`, `cn:…`.
 * Node quotes names with separators in them as JSON, so that one name cannot pass for two (CVE-2021-44532).
 */
export function certificateNames({ subject, subjectaltname = "" }: PeerCertificate): string[] {
  const names: string[] = [];
  for (const [, kind, text] of subjectaltname.matchAll(/(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)/g)) {
    const ours = kinds[kind!];
    if (ours !== undefined) names.push(`${ours}:${text!.startsWith('"') ? (JSON.parse(text!) as string) : text}`);
  }
  const common: unknown = subject?.CN;
  for (const name of Array.isArray(common) ? common : [common]) if (typeof name === "string") names.push(`cn:${name}`);
  return names;
}
