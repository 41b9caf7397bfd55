#!/usr/bin/env bash
# Called by mmdebstrap with the root of the base: leaves what programs need, and says who they are and where names are looked up.
set -euo pipefail
cd "${1:?root of the base}"
rm -rf etc/apt etc/dpkg etc/fstab etc/hostname etc/resolv.conf usr/lib/*/gconv usr/share/{doc,gcc,gdb,lintian} var/{cache,lib}/{apt,dpkg}
printf 'root:x:0:0::/:/usr/sbin/nologin\nnonroot:x:65532:65532::/tmp:/usr/sbin/nologin\n' >etc/passwd
printf 'root:x:0:\nnonroot:x:65532:\n' >etc/group
printf 'passwd: files\ngroup: files\nhosts: files dns\n' >etc/nsswitch.conf
