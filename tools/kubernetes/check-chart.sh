#!/usr/bin/env bash
# Checks the Helm chart: helm lint, renders it with many sets of values, validates every object against Kubernetes' own schemas, and holds that wrong values
# are refused with a message that says what to do. Needs Go and Python 3, from which it gets helm and kubernetes-validate into .superbatch.
set -euo pipefail
cd "$(dirname "$0")/../.."
chart=deploy/helm/superbatch
tools=$PWD/.superbatch/kubernetes
kubernetes=1.37.0
mkdir -p "$tools"
tools/kubernetes/cluster/build.sh helm
[ -x "$tools/venv/bin/kubernetes-validate" ] || { python3 -m venv "$tools/venv" && "$tools/venv/bin/pip" install -q "kubernetes-validate==1.37.*"; }

failed=0
for values in tools/kubernetes/values/*.yaml; do
  name=$(basename "$values" .yaml)
  expected=$(sed -n 's/^# refused: //p' "$values")
  if rendered=$("$tools/helm" template test "$chart" --namespace superbatch --values "$values" 2>&1); then
    if [ -n "$expected" ]; then echo "FAILED  $name: rendered, though it should be refused"; failed=1; continue; fi
    "$tools/helm" lint --quiet "$chart" --values "$values" >/dev/null || { echo "FAILED  $name: helm lint"; failed=1; }
    # Objects of operators (cert-manager, KEDA, Prometheus) have no schema among Kubernetes' own: they are counted, not validated.
    printf '%s\n' "$rendered" > "$tools/rendered.yaml"
    "$tools/venv/bin/python" tools/kubernetes/check-objects.py "$kubernetes" "$tools/rendered.yaml" "$name" || failed=1
  elif [ -z "$expected" ] || ! grep -qF -- "$expected" <<<"$rendered"; then
    echo "FAILED  $name: $rendered"; failed=1
  else
    echo "ok      $name: refused: $expected"
  fi
done
exit $failed
