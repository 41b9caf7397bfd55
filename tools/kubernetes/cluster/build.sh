#!/usr/bin/env bash
# Builds etcd, Kubernetes' control plane, kubectl, KWOK (which plays nodes) and helm from Go's module proxy into .superbatch/kubernetes, and fetches the
# CustomResourceDefinitions of the operators that the chart has objects for; with arguments, only the programs that these name. What is there in the wanted version is left;
# the first time takes some 15 minutes of a core.
set -euo pipefail
cd "$(dirname "$0")/../../.."
. tools/go-flags.sh
tools=$PWD/.superbatch/kubernetes
mkdir -p "$tools"
kubernetes=v1.37.2

# missing VERSION NAME...: those of the programs that are not there in that version, of those that are asked for.
asked=" $* "
missing() {
  for name in "${@:2}"; do
    [ "$asked" = "  " ] || [[ $asked == *" $name "* ]] || continue
    [ -x "$tools/$name" ] && [ "$(cat "$tools/$name.version" 2>/dev/null)" = "$1" ] || echo "$name"
  done
}
# once VERSION NAME... -- COMMAND...: runs the command, with the programs that are missing, unless none is.
once() {
  local version=$1 names=()
  shift
  while [ "$1" != -- ]; do names+=("$1"); shift; done
  shift
  mapfile -t names < <(missing "$version" "${names[@]}")
  [ ${#names[@]} -gt 0 ] || return 0
  echo "building ${names[*]} $version ($(date -u +%T))"
  "$@" "${names[@]}"
  for name in "${names[@]}"; do echo "$version" >"$tools/$name.version"; done
}
from_module() { GOBIN=$tools go install -ldflags '-s -w' "$1"; }
etcd() { go build -C tools/kubernetes/cluster/etcd -ldflags '-s -w' -o "$tools/etcd" go.etcd.io/etcd/server/v3; }
# The programs say of which version they are by what the linker is told.
control_plane() {
  local version=k8s.io/component-base/version
  go build -C tools/kubernetes/cluster -ldflags "-s -w -X $version.gitVersion=$kubernetes -X $version.gitMajor=1 -X $version.gitMinor=37" -o "$tools/" \
    "${@/#/k8s.io/kubernetes/cmd/}"
}

once v4.3.1 helm -- from_module helm.sh/helm/v4/cmd/helm@v4.3.1
once v0.8.0 kwok -- from_module sigs.k8s.io/kwok/cmd/kwok@v0.8.0
once v3.7.3 etcd -- etcd
once $kubernetes kube-apiserver kube-controller-manager kube-scheduler kubectl -- control_plane
[ $# = 0 ] || exit 0

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
