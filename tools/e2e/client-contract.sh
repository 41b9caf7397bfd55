#!/usr/bin/env bash
# The client contract in TypeScript, Python, Go and Java against real services with TLS and tokens on: makes the stubs, builds the runners, prints one
# line for each language. `tools/e2e/client-contract.sh typescript go`: only these.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/tools/go-flags.sh"
wanted=("${@:-typescript python go java}")
"$root/clients/generate.sh" "${wanted[@]}" >/dev/null
for language in ${wanted[*]}; do
  case $language in
    python)
      "$root/.superbatch/python/bin/pip" install --quiet --disable-pip-version-check 'numpy>=1.26' 'grpcio>=1.70' 'typing-extensions>=4.12' 'pyyaml>=6'
      ;;
    go) (cd "$root/clients/go" && go build -o "$root/.superbatch/bin/client-contract" ./internal/contract) ;;
    java) (cd "$root/clients/java" && mvn --quiet --batch-mode test-compile) ;;
  esac
done
only=$(IFS=,; echo "${wanted[*]}")
exec "$root/node_modules/.bin/node" "$root/tools/e2e/src/client-contract/main.ts" --only "${only// /,}"
