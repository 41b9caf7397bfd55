#!/usr/bin/env bash
# Makes the virtual environment of the Python client's tests, .superbatch/python, with all that its extras need.
set -euo pipefail
venv=$(cd "$(dirname "$0")/../.." && pwd)/.superbatch/python

[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
# pip answers at once when all is there.
"$venv/bin/pip" install --quiet --disable-pip-version-check 'numpy>=1.26' 'grpcio>=1.70' 'grpcio-tools>=1.70' \
  'googleapis-common-protos>=1.66' 'typing-extensions>=4.12' 'pytest>=8' 'pandas>=2' 'pyyaml>=6' \
  'mypy>=1.11' 'pyright>=1.1' 'types-protobuf>=5' 'grpc-stubs>=1.53' 'types-PyYAML' torch botorch 'optuna>=4' 'ray[tune]>=2.9' 'google-vizier>=0.1.21' \
  'opentelemetry-sdk>=1.28' 'opentelemetry-exporter-otlp-proto-http>=1.28'
