#!/usr/bin/env bash
# Reads deploy/compose.yaml as docker compose does, with the specification's reference implementation: schema, interpolation, references. Needs Go.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/go-flags.sh
read_compose() { go run github.com/compose-spec/compose-go/v2/cmd@v2.16.2 deploy/compose.yaml; }
services=$(read_compose | sed -n '/^services:/,/^[a-z]/p' | grep -c '^    [a-z-]*:$')
[ "$services" = 10 ] || { echo "FAILED  $services services, wanted 10"; exit 1; }
# What it mounts is there.
for path in $(sed -n 's|.*\(\./[a-z/.-]*\):/.*|\1|p' deploy/compose.yaml); do
  [ -e "deploy/$path" ] || { echo "FAILED  deploy/$path is not there"; exit 1; }
done
# Its collector, Jaeger and Prometheus are those that tools/observability builds and tests. Their sources have versions of their own: Jaeger 2.13 is module v1.76, Prometheus 3.16 is v0.316.
version() { sed -n "s|.*$1 v\([0-9.]*\).*|\1|p" "tools/observability/$2" | head -n 1; }
IFS=. read -r _ minor patch <<<"$(version 'github.com/prometheus/prometheus' prometheus/go.mod)"
prometheus=v3.$((minor - 300)).$patch
IFS=. read -r _ minor patch <<<"$(version 'github.com/jaegertracing/jaeger' jaeger/go.mod)"
jaeger=2.$((minor - 63)).$patch
collector=$(version 'processor/tailsamplingprocessor' collector/builder.yaml)
for image in "prom/prometheus:$prometheus" "jaegertracing/jaeger:$jaeger" "otel/opentelemetry-collector-contrib:$collector"; do
  grep -qF "image: $image" deploy/compose.yaml || { echo "FAILED  deploy/compose.yaml does not name $image, which is what is tested"; exit 1; }
done
echo "ok      $services services, what they mount, and the versions that are tested"
