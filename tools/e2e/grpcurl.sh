#!/usr/bin/env bash
# A client that has never seen the protos, in another language: lists the services by reflection, creates a study, and is told every
# error of a bad one. Needs Go (to install grpcurl) or grpcurl itself.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
export PATH="$root/node_modules/.bin:$PATH"
. "$root/tools/go-flags.sh"
work=$(mktemp -d)
if ! command -v grpcurl >/dev/null; then
  GOBIN="$root/.superbatch/bin" go install github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.4
  export PATH="$root/.superbatch/bin:$PATH"
fi
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait; rm -rf "$work"' EXIT

# start NAME ARGS...: starts a service on a free port and prints its address.
start() {
  local name=$1; shift
  node "$root/services/$name/src/main.ts" --listen 127.0.0.1:0 "$@" >"$work/$name.out" 2>"$work/$name.log" &
  pids+=($!)
  for _ in $(seq 200); do
    address=$(sed -n 's/.*"address":"\([^"]*\)".*/\1/p' "$work/$name.out" | head -n 1)
    [ -n "$address" ] && return
    sleep 0.1
  done
  cat "$work/$name.log" >&2
  return 1
}

start surrogate-model
start optimizer --store "sqlite:$work/store.sqlite" --surrogate-address "$address"

services=$(grpcurl -plaintext "$address" list)
echo "$services"
grep -qx superbatch.optimizer.v1.OptimizerService <<<"$services"
grpcurl -plaintext -d '{"service": ""}' "$address" grpc.health.v1.Health/Check | grep -q SERVING

created=$(grpcurl -plaintext -d '{
  "study_id": "from-grpcurl",
  "study": {"spec": {
    "objective": {"metric": "validation_error"},
    "budget": {"max_trials": 10},
    "space": {"parameters": [
      {"name": "learning_rate", "float": {"min": 0.001, "max": 1, "scale": "SCALE_LOG"}},
      {"name": "super_batch", "integer": {"min": 128, "max": 1024, "scale": "SCALE_LOG"}, "fidelity": {"target": 50000}}
    ]}
  }}
}' "$address" superbatch.optimizer.v1.OptimizerService/CreateStudy)
grep -q 'projects/default/studies/from-grpcurl' <<<"$created"
leased=$(grpcurl -plaintext -d '{"study": "projects/default/studies/from-grpcurl", "worker": "a shell", "wait_seconds": 20}' \
  "$address" superbatch.optimizer.v1.OptimizerService/LeaseTrials)
grep -q '"learning_rate"' <<<"$leased"

if refused=$(grpcurl -plaintext -d '{
  "study": {"spec": {"objective": {"metric": "e"}, "space": {"parameters": [
    {"name": "a", "float": {"min": 1, "max": 0}},
    {"name": "a", "float": {"min": 0, "max": 1, "scale": "SCALE_LOG"}},
    {"name": "b", "boolean": {}, "condition": {"parent": "nobody", "values": [{"flag": true}]}},
    {"name": "c", "integer": {"min": 1, "max": 8}, "fidelity": {}}
  ]}}}
}' "$address" superbatch.optimizer.v1.OptimizerService/CreateStudy 2>&1); then
  echo "a bad study was accepted: $refused" >&2
  exit 1
fi
echo "$refused"
for path in 'parameters\[0\].float' 'parameters\[1\].name' 'parameters\[1\].float' 'parameters\[2\].condition.parent' 'parameters\[3\].fidelity.target'; do
  grep -q "$path" <<<"$refused"
done
grep -q InvalidArgument <<<"$refused"
echo "grpcurl: 5 checks passed"
