#!/usr/bin/env bash
# Renders the chart as a kustomize base into a folder, one file per object, for those who do not use helm: tools/kubernetes/render-base.sh FOLDER [VALUES...]. A release
# attaches it; it is not kept in the repository. Names and namespace are what overlays change.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=${1:?folder to write to}
shift
[ $# -gt 0 ] || set -- tools/kubernetes/values/production.yaml
helm=.superbatch/kubernetes/helm
tools/kubernetes/cluster/build.sh helm
values=()
for file in "$@"; do values+=(--values "$file"); done
rm -rf "$folder"
mkdir -p "$folder"
# Hooks (helm test) are helm's own.
"$helm" template superbatch deploy/helm/superbatch --namespace superbatch --no-hooks "${values[@]}" >"$folder/all.yaml"
python=.superbatch/kubernetes/venv/bin/python
[ -x "$python" ] || python=python3
"$python" - "$folder" <<'PY'
import pathlib, sys, yaml

folder = pathlib.Path(sys.argv[1])
rendered = folder / "all.yaml"
names = []
for each in yaml.safe_load_all(rendered.read_text()):
    if not each:
        continue
    labels = each["metadata"].get("labels", {})
    # What belongs to a release of helm, not to the objects.
    labels.pop("helm.sh/chart", None)
    if labels.get("app.kubernetes.io/managed-by") == "Helm":
        labels["app.kubernetes.io/managed-by"] = "kustomize"
    name = f"{each['kind'].lower()}-{each['metadata']['name']}.yaml"
    (folder / name).write_text(yaml.safe_dump(each, sort_keys=False, width=120))
    names.append(name)
rendered.unlink()
kustomization = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "namespace": "superbatch", "resources": sorted(names)}
(folder / "kustomization.yaml").write_text(yaml.safe_dump(kustomization, sort_keys=False))
print(f"{len(names)} objects in {folder}")
PY
