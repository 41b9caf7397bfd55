#!/usr/bin/env bash
# Reads deploy/compose.yaml as docker compose does, with the specification's reference implementation: schema, interpolation, references. Needs Go.
set -euo pipefail
cd "$(dirname "$0")/../.."
read_compose() { go run github.com/compose-spec/compose-go/v2/cmd@v2.16.2 deploy/compose.yaml; }
services=$(read_compose | sed -n '/^services:/,/^[a-z]/p' | grep -c '^    [a-z-]*:$')
[ "$services" = 10 ] || { echo "FAILED  $services services, wanted 10"; exit 1; }
# What it mounts is there.
for path in $(sed -n 's|.*\(\./[a-z/.-]*\):/.*|\1|p' deploy/compose.yaml); do
  [ -e "deploy/$path" ] || { echo "FAILED  deploy/$path is not there"; exit 1; }
done
echo "ok      $services services, and what they mount"
