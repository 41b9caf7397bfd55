#!/usr/bin/env bash
# The dashboard in a real browser. Installs Debian's Chromium where there is none.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ -z "${CHROMIUM:-}" ] && ! command -v chromium >/dev/null && ! command -v google-chrome >/dev/null; then
  sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
fi
npm run --silent test:browser
