#!/usr/bin/env bash
# Makes the stubs of every client from proto/, by the plugins that npm, PyPI, Go's module proxy and Maven have: `clients/generate.sh`, or with the languages that are wanted:
# `clients/generate.sh python go`. Needs the language's own toolchain: Python 3.10 or newer, Go 1.26, a JDK of at least 17 with Maven.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
node "$root/tools/setup.mjs"    # the pinned Node, buf, and TypeScript's stubs
export PATH="$root/node_modules/.bin:$PATH"

python() {
  local venv="$root/.superbatch/python"
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check 'grpcio-tools>=1.70' 'googleapis-common-protos>=1.66'
  "$venv/bin/python" "$root/clients/python/generate.py"
}
go() { (cd "$root/clients/go" && command go generate ./...); }
java() { (cd "$root/clients/java" && mvn --quiet --batch-mode generate-sources); }
typescript() { :; }

for language in "${@:-typescript python go java}"; do
  for name in $language; do
    "$name"
    echo "$name: stubs made"
  done
done
