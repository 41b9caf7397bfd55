#!/usr/bin/env bash
# The contract suites of the training backends that a plain checkout lacks: TensorFlow on the library of PyPI's tensorflow-cpu, and WebGPU on SwiftShader, the
# software adapter that comes with Debian's chromium. Needs npm and python3; installs g++ and chromium where they are missing and it may.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/node_modules/.bin:$PATH"
chromium=/usr/lib/chromium

missing=()
command -v g++ >/dev/null || missing+=(g++)
[ -e "$chromium/libvk_swiftshader.so" ] || missing+=(chromium)
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -qq
  apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
fi

# Each suite is one that tells what is missing where its backend is: so that it is there is asked first.
suite() {
  node -e '
    const { describeBackends } = await import("./libs/training/src/backend/index.ts");
    const found = (await describeBackends()).find(({ name }) => name === process.argv[1]);
    console.log(found.available ? found.detail : `${found.reason}; ${found.remedy}`);
    process.exit(found.available ? 0 : 1);
  ' --input-type=module "$1"
  # A software adapter is slow.
  vitest run --testTimeout 240000 "libs/training/src/backend/$1"
}

[ -d .superbatch/tensorflow/node_modules ] || node libs/training/src/backend/tensorflow/install.ts
suite tensorflow
[ -d .superbatch/webgpu/node_modules ] || node libs/training/src/backend/webgpu/install.ts
# The Vulkan loader that chromium brings, and its software driver.
export LD_LIBRARY_PATH="$chromium" VK_DRIVER_FILES="$chromium/vk_swiftshader_icd.json"
suite webgpu
