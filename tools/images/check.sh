#!/usr/bin/env bash
# Bundles the services, builds their images, and lets what deploy/compose.yaml describes run from them: npm run images:check. Needs root on Debian, Python 3, and Go for the
# programs of others. See src/containers/main.ts.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/go-flags.sh
missing=()
for package in crun umoci skopeo; do command -v $package >/dev/null || missing+=($package); done
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -qq
  apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
fi
tools/observability/build.sh
tools/kubernetes/cluster/build.sh helm
npm run --silent images >/dev/null
venv=.superbatch/images
[ -x $venv/bin/python ] || python3 -m venv $venv
$venv/bin/pip install --quiet --disable-pip-version-check 'cyclonedx-python-lib[json-validation]>=11'
$venv/bin/python tools/images/check-sboms.py build/images/*/sbom.cdx.json
tools/images/build.sh
# As `docker compose` reads it.
(cd deploy && go run github.com/compose-spec/compose-go/v2/cmd@v2.16.2 compose.yaml) >build/compose.yaml
# In namespaces of its own: no port, mount or process of it is seen outside, and none outlives it. crun wants version 2 of cgroups, and makes none of its own.
exec unshare --net --mount --pid --fork --kill-child --mount-proc sh -c '
  mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns
  umount -R /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup
  exec node_modules/.bin/node tools/images/src/containers/main.ts'
