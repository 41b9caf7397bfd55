#!/usr/bin/env bash
# Parameter importance against SALib and Optuna as they are now: the stored numbers are theirs, and ours agree with them.
set -euo pipefail
cd "$(dirname "$0")/../../.."
venv=.superbatch/venv-importance
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check SALib optuna scikit-learn
"$venv/bin/python" libs/insight/golden/importance.py --check
node tools/setup.mjs node_modules/vitest/vitest.mjs run libs/insight
