#!/usr/bin/env bash
# One study tuned by a TypeScript trainer on tfjs and a Python trainer on PyTorch at once: makes the Python environment, then runs two-fleets.ts. On CIFAR-10 where
# SUPERBATCH_DATA_DIR names its folder, else on digits.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
venv="$root/.superbatch/python"
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check 'numpy>=1.26' 'grpcio>=1.70' 'grpcio-tools>=1.70' 'googleapis-common-protos>=1.66' \
  'typing-extensions>=4.12' torch 'opentelemetry-sdk>=1.28' 'opentelemetry-exporter-otlp-proto-http>=1.28'
[ -x "$root/node_modules/.bin/node" ] || (cd "$root" && npm run --silent setup)
"$venv/bin/python" "$root/clients/python/generate.py"
if [ ! -d "${SUPERBATCH_DATA_DIR:-}" ]; then unset SUPERBATCH_DATA_DIR; fi
exec "$root/node_modules/.bin/node" "$root/tools/e2e/src/two-fleets.ts"
