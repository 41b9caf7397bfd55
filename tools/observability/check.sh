#!/usr/bin/env bash
# Reads the boards by Grafana's own types, builds a collector, Jaeger and Prometheus, tests the rules, and lets a study's run go through them: npm run observability.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/go-flags.sh
go run -C tools/observability/grafana . "$PWD"/deploy/helm/superbatch/files/boards/*.json
tools/observability/build.sh
promtool=.superbatch/observability/promtool
"$promtool" check rules deploy/helm/superbatch/files/alerts.yaml
"$promtool" test rules tools/observability/alerts.test.yaml
node tools/setup.mjs tools/observability/src/main.ts
