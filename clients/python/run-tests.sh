#!/usr/bin/env bash
# Tests of the Python client: makes its virtual environment under .superbatch/, generates the stubs, checks the types, runs pytest, and compares learning curves of both trainers.
# Where SUPERBATCH_DATA_DIR names the folder of CIFAR-10, that is on CIFAR-10, and the PyTorch example trains on it. Needs Python 3.10 or newer and the repository's Node packages
# (npm run setup).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
venv="$root/.superbatch/python"

"$here/environment.sh"
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
