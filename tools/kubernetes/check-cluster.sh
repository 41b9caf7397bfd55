#!/usr/bin/env bash
# The chart in a real control plane: Kubernetes' API server with etcd, controllers and scheduler; only the nodes are played (KWOK), so that no container runs. Applies what
# each set of values renders to into a namespace that enforces the Pod Security Standard "restricted", twice; then installs, scales, drains, upgrades and uninstalls a release.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
tools/kubernetes/cluster/build.sh
tools=$root/.superbatch/kubernetes
work=$(mktemp -d)
. tools/kubernetes/cluster/start.sh
trap 'stop_cluster; rm -rf "$work"' EXIT
failed=0
report() { printf '%-7s %s\n' "$1" "$2"; [ "$1" = ok ] || failed=1; }
# holds WHAT COMMAND...: whether the command succeeds.
holds() {
  local output
  if output=$("${@:2}" 2>&1); then report ok "$1"; else report FAILED "$1: $(tail -n 5 <<<"$output")"; fi
}
# equals WHAT WANTED COMMAND...: whether the command answers what is wanted, within five minutes: the machine may have much else to do.
equals() {
  local found end=$((SECONDS + 300))
  while [ $SECONDS -lt $end ]; do
    found=$("${@:3}" 2>&1) && [ "$found" = "$2" ] && { report ok "$1: $2"; return; }
    sleep 0.5
  done
  report FAILED "$1: $found, wanted $2"
}

start_cluster
kubectl apply -f "$tools/definitions" >/dev/null
kubectl wait --for condition=Established crd --all --timeout 5m >/dev/null
for node in cpu-1:a:0 cpu-2:b:0 cpu-3:b:0 gpu-1:a:4 gpu-2:b:4; do
  IFS=: read -r name zone gpus <<<"$node"
  kubectl apply -f - >/dev/null <<NODE
apiVersion: v1
kind: Node
metadata:
  name: $name
  labels: { kubernetes.io/hostname: $name, topology.kubernetes.io/zone: $zone$([ "$gpus" = 0 ] || echo ", nvidia.com/gpu.product: NVIDIA-H100-80GB-HBM3") }
  annotations: { kwok.x-k8s.io/node: fake }
spec: { taints: [$([ "$gpus" = 0 ] || echo "{ key: nvidia.com/gpu, value: present, effect: NoSchedule }")] }
status:
  allocatable: { cpu: 16, memory: 64Gi, pods: 110$([ "$gpus" = 0 ] || echo ", nvidia.com/gpu: $gpus") }
  capacity: { cpu: 16, memory: 64Gi, pods: 110$([ "$gpus" = 0 ] || echo ", nvidia.com/gpu: $gpus") }
NODE
done
kubectl wait --for condition=Ready node --all --timeout 5m >/dev/null
kubectl create priorityclass important --value 1000 >/dev/null
# A cluster's storage: a volume for each set of values with the embedded store, one of a class that it names.
for class in "" fast; do
  kubectl apply -f - >/dev/null <<VOLUME
{ apiVersion: v1, kind: PersistentVolume, metadata: { name: "store$class" }, spec: { accessModes: [ReadWriteOnce], storageClassName: "$class", capacity: { storage: 50Gi }, hostPath: { path: /tmp } } }
VOLUME
done

# restricted NAMESPACE
restricted() {
  kubectl create namespace "$1" >/dev/null
  kubectl label namespace "$1" pod-security.kubernetes.io/enforce=restricted pod-security.kubernetes.io/enforce-version=latest >/dev/null
}
for values in tools/kubernetes/values/*.yaml; do
  ! grep -q '^# refused: ' "$values" || continue
  name=$(basename "$values" .yaml)
  restricted "$name"
  helm template "$name" deploy/helm/superbatch --namespace "$name" --no-hooks --values "$values" >"$work/$name.yaml"
  apply() { kubectl apply --server-side --namespace "$name" -f "$work/$name.yaml"; }
  holds "$name: $(grep -c '^kind:' "$work/$name.yaml") objects applied by the server" apply
  # A Deployment's pods are made by a controller: only its status tells whether the namespace let them in.
  holds "$name: all Deployments are available" kubectl wait --for condition=Available deployment --all --namespace "$name" --timeout 5m
  # What the API server makes of an object must not be something else than the chart says.
  generations() { kubectl get --namespace "$name" -f "$work/$name.yaml" -o 'jsonpath={range .items[*]}{.kind} {.metadata.name} {.metadata.generation}{"\n"}{end}'; }
  before=$(generations)
  apply >/dev/null
  unchanged() { diff <(echo "$before") <(generations); }
  holds "$name: applied once more, nothing changes" unchanged
  kubectl delete namespace "$name" --wait=false >/dev/null
done

restricted superbatch
production=tools/kubernetes/values/production.yaml
release() { helm "$1" superbatch deploy/helm/superbatch --namespace superbatch --values $production "${@:2}" --wait --timeout 10m; }
get() { kubectl --namespace superbatch get "$@"; }
# When a claim is bound, or a metric there, is the cluster's affair; here there are two volumes and no metrics.
for claim in datasets checkpoints; do
  kubectl apply --namespace superbatch -f - >/dev/null <<CLAIM
{ apiVersion: v1, kind: PersistentVolumeClaim, metadata: { name: $claim }, spec: { accessModes: [ReadWriteMany], storageClassName: "", volumeName: $claim, resources: { requests: { storage: 1Gi } } } }
---
{ apiVersion: v1, kind: PersistentVolume, metadata: { name: $claim }, spec: { accessModes: [ReadWriteMany], storageClassName: "", capacity: { storage: 1Gi }, hostPath: { path: /tmp } } }
CLAIM
done
holds "helm install, with three fleets" release install
equals "optimizers that are ready" 3 get deployment superbatch-optimizer -o 'jsonpath={.status.readyReplicas}'
equals "addresses behind the optimizer's name" 3 sh -c "'$tools/kubectl' --namespace superbatch get endpointslice -l kubernetes.io/service-name=superbatch-optimizer -o 'jsonpath={.items[*].endpoints[*].addresses[0]}' | wc -w | tr -d ' '"
placed() { get pod -l "app.kubernetes.io/component=$1" -o 'jsonpath={range .items[*]}{.spec.nodeName}{"\n"}{end}' | cut -c1-3 | sort -u | tr '\n' ' '; }
equals "nodes of the fleet with GPUs" "gpu " placed fleet-h100
equals "nodes of the optimizers" "cpu " placed optimizer
spread() { get pod -l app.kubernetes.io/component=optimizer -o 'jsonpath={range .items[*]}{.spec.nodeName}{"\n"}{end}' | sort -u | wc -l | tr -d ' '; }
equals "nodes that the three optimizers are spread over" 3 spread
equals "optimizers that may be taken away at once" 1 get poddisruptionbudget superbatch-optimizer -o 'jsonpath={.status.disruptionsAllowed}'
equals "the HPA of surrogate-model finds what it scales" True get hpa superbatch-surrogate-model -o 'jsonpath={.status.conditions[?(@.type=="AbleToScale")].status}'
equals "surrogates, at least as many as the HPA says" 3 get deployment superbatch-surrogate-model -o 'jsonpath={.status.readyReplicas}'
equals "trainers of the Job that ran" 4 get job -l app.kubernetes.io/component=fleet-nightly -o 'jsonpath={.items[*].status.succeeded}'

# A drain evicts: the budget lets one optimizer go, and the next one only when there is another again.
evict() { kubectl create --raw "/api/v1/namespaces/superbatch/pods/$1/eviction" -f - <<<"{\"apiVersion\":\"policy/v1\",\"kind\":\"Eviction\",\"metadata\":{\"name\":\"$1\"}}"; }
kubectl cordon cpu-1 cpu-2 cpu-3 >/dev/null
read -r one two _ <<<"$(get pod -l app.kubernetes.io/component=optimizer -o 'jsonpath={.items[*].metadata.name}')"
holds "an optimizer is evicted" evict "$one"
refused() { ! evict "$1"; }
holds "a second one is not, while there is no place for another" refused "$two"
kubectl uncordon cpu-1 cpu-2 cpu-3 >/dev/null
equals "optimizers that may be taken away once there is" 1 get poddisruptionbudget superbatch-optimizer -o 'jsonpath={.status.disruptionsAllowed}'

# An upgrade: at no time fewer optimizers that are ready than there shall be.
kubectl --namespace superbatch get deployment superbatch-optimizer --watch -o 'jsonpath={.status.readyReplicas}{"\n"}' >"$work/ready" 2>/dev/null &
watching=$!
holds "helm upgrade to another tag" release upgrade --set images.tag=0.2.0
kill "$watching"
least=$(grep -v '^$' "$work/ready" | sort -n | head -n 1)
[ "$least" = 3 ] && report ok "least optimizers ready meanwhile: 3" || report FAILED "least optimizers ready meanwhile: $least, wanted 3"
equals "trainers of the Job that the upgrade started anew" 4 get job -l app.kubernetes.io/component=fleet-nightly -o 'jsonpath={.items[*].status.succeeded}'
equals "images after it" registry.example.com/team/superbatch-optimizer:0.2.0 get deployment superbatch-optimizer -o 'jsonpath={.spec.template.spec.containers[0].image}'
holds "helm rollback" helm rollback superbatch 1 --namespace superbatch --wait --timeout 10m
holds "helm uninstall" helm uninstall superbatch --namespace superbatch --wait --timeout 10m

# Without helm: the base, as an overlay uses it.
tools/kubernetes/render-base.sh "$work/base" $production >/dev/null
restricted by-kustomize
mkdir "$work/overlay"
printf 'namespace: by-kustomize\nresources: [../base]\nimages: [{ name: registry.example.com/team/superbatch-optimizer, newTag: 9.9.9 }]\n' >"$work/overlay/kustomization.yaml"
kubectl kustomize "$work/overlay" >"$work/overlay.yaml"
holds "kustomize's base, with an overlay: $(grep -c '^kind:' "$work/overlay.yaml") objects applied" kubectl apply --server-side -f "$work/overlay.yaml"
equals "its optimizers that are ready" 3 kubectl --namespace by-kustomize get deployment superbatch-optimizer -o 'jsonpath={.status.readyReplicas}'
exit $failed
