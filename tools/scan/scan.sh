#!/usr/bin/env bash
# Looks for secrets in the repository's whole history (gitleaks), and for known vulnerabilities in its packages (npm audit). Needs Go, to install
# gitleaks, or gitleaks itself. A registry that answers no audits is told and passed over; a finding is a failure.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
export PATH="$root/.superbatch/bin:$PATH"
. tools/go-flags.sh
command -v gitleaks >/dev/null || GOBIN="$root/.superbatch/bin" go install github.com/zricethezav/gitleaks/v8@v8.30.1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A scanner that finds nothing anywhere would find nothing here either.
printf 'token = "ghp_%s"\n' "$(head -c 400 /dev/urandom | base64 | tr -dc 'a-zA-Z0-9' | head -c 36)" >"$work/planted.txt"
if gitleaks dir --no-banner --log-level error --redact "$work" >/dev/null 2>&1; then
  echo "gitleaks does not find a planted token" >&2
  exit 1
fi
gitleaks git --no-banner --redact .

npm audit --json >"$work/audit.json" 2>/dev/null || true
node - "$work/audit.json" <<'SCRIPT'
const { readFileSync } = require("node:fs");
let report;
try {
  report = JSON.parse(readFileSync(process.argv[2], "utf8"));
} catch {
  report = { message: "npm audit printed no report" };
}
const counts = report.metadata?.vulnerabilities;
if (!counts) {
  console.log(`npm audit: not done, the registry answers no audits (${report.message ?? report.error?.summary ?? "no reason given"})`);
  process.exit(0);
}
for (const [name, { severity, range }] of Object.entries(report.vulnerabilities)) console.log(`npm audit: ${name} ${range}: ${severity}`);
console.log(`npm audit: ${counts.total} findings`);
process.exit(counts.total === 0 ? 0 : 1);
SCRIPT
