#!/usr/bin/env bash
# Builds an OpenTelemetry Collector with the parts that deploy/ configures, Jaeger, and Prometheus with promtool into .superbatch/observability. Needs Go. What is
# there already in the wanted version is left; the first time takes some ten minutes of two cores.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/go-flags.sh
target=$PWD/.superbatch/observability
mkdir -p "$target"

# once NAME FILES... -- COMMAND...: runs the command unless it has been for the same files.
once() {
  local name=$1 files=()
  shift
  while [ "$1" != -- ]; do files+=("$1"); shift; done
  shift
  local stamp
  stamp=$(cat "${files[@]}" | sha256sum)
  [ -x "$target/$name" ] && [ "$(cat "$target/$name.stamp" 2>/dev/null)" = "$stamp" ] && return
  echo "building $name ($(date -u +%T))"
  "$@"
  echo "$stamp" >"$target/$name.stamp"
}

# The parts of the collector are named in builder.yaml, from which its builder makes a program.
collector() {
  go run go.opentelemetry.io/collector/cmd/builder@v0.155.0 --config tools/observability/collector/builder.yaml --skip-compilation >/dev/null 2>"$target/builder.log" ||
    { cat "$target/builder.log" >&2; return 1; }
  go build -C "$target/collector" -ldflags '-s -w' -o "$target/otelcol" .
}
tool() { go build -C "tools/observability/$1" -ldflags '-s -w' "${@:2}"; }

once otelcol tools/observability/collector/builder.yaml -- collector
once jaeger tools/observability/jaeger/go.{mod,sum} -- tool jaeger -o "$target/" github.com/jaegertracing/jaeger/cmd/jaeger
once prometheus tools/observability/prometheus/go.{mod,sum} -- tool prometheus -tags remove_all_sd -o "$target/" \
  github.com/prometheus/prometheus/cmd/prometheus github.com/prometheus/prometheus/cmd/promtool
