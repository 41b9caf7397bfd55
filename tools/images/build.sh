#!/usr/bin/env bash
# Builds the images that deploy/Dockerfile describes without a container engine: tools/images/build.sh [TARGET...], after `npm run images`. They come to lie in one OCI
# layout, build/oci, each under its target's name; `skopeo copy oci:build/oci:optimizer docker://REGISTRY/…` pushes one. Needs root on Debian, from which it gets buildah,
# which builds without a daemon, and mmdebstrap for the base (tools/images/base.Dockerfile).
set -euo pipefail
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- optimizer surrogate-model importance-sampler trainer katib-suggestion dashboard

missing=()
for package in buildah mmdebstrap; do command -v $package >/dev/null || missing+=($package); done
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -qq
  apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
fi

# What buildah mounts meanwhile goes with this namespace, whatever ends the build.
[ -n "${SUPERBATCH_UNSHARED:-}" ] || SUPERBATCH_UNSHARED=1 exec unshare --mount "$0" "$@"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$(node -p 'require("./package.json").version')
revision=$(git rev-parse HEAD)
buildah() { command buildah --storage-driver overlay --root "$work/storage" --runroot "$work/run" "$@"; }
# build TARGET ARGS...: builds an image and puts it into the layout. The same sources give the same layers: files carry the commit's time.
build() {
  buildah bud --isolation chroot --quiet --timestamp "$(git log -1 --format=%ct)" -t "localhost/superbatch-$1" "${@:2}" >/dev/null
  buildah push --quiet "localhost/superbatch-$1" "oci:build/oci:$1"
}
rm -rf build/oci
mkdir -p build

# Only unpacked, not installed: no program of the base runs before Node does.
unpacked() {
  mmdebstrap --quiet --variant=extract --include=libc6,libstdc++6,libgcc-s1 --skip=output/dev --customize-hook="tools/images/trim-base.sh \"\$1\"" "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$1"
}
mkdir "$work/base"
unpacked "$work/base/root.tar"
install node_modules/node/bin/node "$work/base/node"
build base -f tools/images/base.Dockerfile "$work/base"

for target; do
  build "$target" -f deploy/Dockerfile --ignorefile deploy/Dockerfile.dockerignore --target "$target" --build-arg RUNTIME=localhost/superbatch-base \
    --build-arg VERSION="$version" --build-arg REVISION="$revision" .
done
echo "built $*"
