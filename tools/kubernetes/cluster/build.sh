#!/usr/bin/env bash
# Builds etcd, Kubernetes' control plane, kubectl, KWOK (which plays nodes), helm and kustomize from Go's module proxy into .superbatch/kubernetes, and fetches the
# CustomResourceDefinitions of the operators that the chart has objects for. What is there in the wanted version is left; the first time takes some 15 minutes of a core.
set -euo pipefail
cd "$(dirname "$0")/../../.."
tools=$PWD/.superbatch/kubernetes
mkdir -p "$tools"
kubernetes=v1.37.2

# once NAME VERSION COMMAND...: runs the command unless it has been for that version.
once() {
  [ -x "$tools/$1" ] && [ "$(cat "$tools/$1.version" 2>/dev/null)" = "$2" ] && return
  echo "building $1 $2 ($(date -u +%T))"
  "${@:3}"
  echo "$2" >"$tools/$1.version"
}
from_module() { GOBIN=$tools go install -trimpath -ldflags '-s -w' "$1"; }

once helm v4.3.1 from_module helm.sh/helm/v4/cmd/helm@v4.3.1
once kustomize v5.8.1 from_module sigs.k8s.io/kustomize/kustomize/v5@v5.8.1
once kwok v0.8.0 from_module sigs.k8s.io/kwok/cmd/kwok@v0.8.0
once etcd v3.7.3 go build -C tools/kubernetes/cluster/etcd -trimpath -ldflags '-s -w' -o "$tools/etcd" go.etcd.io/etcd/server/v3
version=k8s.io/component-base/version
# The programs say of which version they are by what the linker is told.
flags="-s -w -X $version.gitVersion=$kubernetes -X $version.gitMajor=1 -X $version.gitMinor=37"
for program in kube-apiserver kube-controller-manager kube-scheduler kubectl; do
  once $program $kubernetes go build -C tools/kubernetes/cluster -trimpath -ldflags "$flags" -o "$tools/" k8s.io/kubernetes/cmd/$program
done

# files FOLDER MODULE FILE...: copies files of a module.
files() {
  local folder=$tools/$1 dir
  mkdir -p "$folder"
  dir=$(cd "$tools" && go mod download -json "$2" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
  for file in "${@:3}"; do install -m 644 "$dir/$file" "$folder/"; done
}
files definitions github.com/cert-manager/cert-manager@v1.21.2 deploy/crds/cert-manager.io_certificates.yaml
files definitions github.com/kedacore/keda/v2@v2.21.0 config/crd/bases/keda.sh_scaledobjects.yaml
files definitions github.com/prometheus-operator/prometheus-operator@v0.85.0 \
  example/prometheus-operator-crd/monitoring.coreos.com_{prometheusrules,servicemonitors}.yaml
# How the nodes that KWOK plays behave: ready at once, as are their pods; those of Jobs complete.
files stages sigs.k8s.io/kwok@v0.8.0 kustomize/stage/node/fast/node-initialize.yaml kustomize/stage/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml \
  kustomize/stage/pod/fast/pod-{ready,complete,delete}.yaml
