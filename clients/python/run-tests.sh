#!/usr/bin/env bash
# Tests of the Python client: makes its virtual environment under .superbatch/, generates the stubs, checks the types, runs pytest, and compares learning curves of both trainers.
# Where SUPERBATCH_DATA_DIR names the folder of CIFAR-10, that is on CIFAR-10, and the PyTorch example trains on it. Needs Python 3.10 or newer and the repository's Node packages
# (npm run setup).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
venv="$root/.superbatch/python"

[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
# pip answers at once when all is there.
"$venv/bin/pip" install --quiet --disable-pip-version-check 'numpy>=1.26' 'grpcio>=1.70' 'grpcio-tools>=1.70' \
  'googleapis-common-protos>=1.66' 'typing-extensions>=4.12' 'pytest>=8' 'pandas>=2' 'pyyaml>=6' \
  'mypy>=1.11' 'pyright>=1.1' 'types-protobuf>=5' 'grpc-stubs>=1.53' 'types-PyYAML' torch botorch 'optuna>=4' 'ray[tune]>=2.9' 'google-vizier>=0.1.21' \
  'opentelemetry-sdk>=1.28' 'opentelemetry-exporter-otlp-proto-http>=1.28'
[ -x "$root/node_modules/.bin/node" ] || (cd "$root" && npm run --silent setup)

"$venv/bin/python" "$here/generate.py"
export PYTHONPATH="$here/src"
cd "$here"
# pyright runs on Node: the repository's own, so that it looks for no other.
export PATH="$root/node_modules/.bin:$PATH"
"$venv/bin/mypy"
"$venv/bin/pyright" --pythonpath "$venv/bin/python"
OMP_NUM_THREADS=1 "$venv/bin/python" -m pytest "$@"

data=${SUPERBATCH_DATA_DIR:-}
if [ -n "$data" ] && [ -d "$data" ]; then
  # One thread: a small network gains nothing from more, and waiting threads lose much on a busy machine. A low threshold: in so few steps tau stays small.
  OMP_NUM_THREADS=1 "$venv/bin/python" "$root/examples/06-importance-sampling-pytorch/train.py" --data-dir "$data" --preset small --compare --threshold 1.03
  OMP_NUM_THREADS=1 "$venv/bin/python" tests/compare_curves.py --data-dir "$data"
else
  OMP_NUM_THREADS=1 "$venv/bin/python" tests/compare_curves.py
  echo "CIFAR-10 is not here (SUPERBATCH_DATA_DIR): the PyTorch example was not run"
fi
