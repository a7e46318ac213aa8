#!/bin/bash
# Builds dist/busybox, the BusyBox of the guest and of the busybox image: Debian's source package of busybox-static for i386 with its own
# configuration and one option more, FEATURE_SH_EXTRA_QUIET (no banner when a shell starts). Without root; same inputs, same bytes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=1:1.35.0-4+deb12u1
export LC_ALL=C
umask 022

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$here/dist"

# The C library and the kernel's headers are of the target, not of the machine that builds.
"$here/fetch-packages.sh" "$work/debs" "$work/packages" libc6-dev:i386 libcrypt-dev:i386 linux-libc-dev:i386
for deb in "$work"/debs/*.deb; do dpkg -x "$deb" "$work/sysroot"; done
"$here/fetch-source.sh" "$work/source" "$work/sources" "busybox=$version"
cat "$work/packages" "$work/sources" >"$here/dist/busybox.packages"
dpkg-source --no-check -x "$work"/source/busybox_*.dsc "$work/busybox" >/dev/null

cd "$work/busybox"
mkdir build
sed 's/^# CONFIG_FEATURE_SH_EXTRA_QUIET is not set$/CONFIG_FEATURE_SH_EXTRA_QUIET=y/' debian/config/pkg/static >build/.config
cp build/.config build/asked
library=$work/sysroot/usr/lib/i386-linux-gnu
headers="-isystem $work/sysroot/usr/include/i386-linux-gnu -isystem $work/sysroot/usr/include"
# Debian's flags but those for a program that is loaded anywhere: a static one has a fixed place. No path of this machine gets in.
flags="-march=i686 -fstack-protector-strong -Wformat -Wdate-time -D_FORTIFY_SOURCE=2 -fno-pie -ffile-prefix-map=$work=. $headers"
make() {
  command make -C build -f "$work/busybox/Makefile" KBUILD_SRC="$work/busybox" CROSS_COMPILE=i686-linux-gnu- "$@"
}
export KCONFIG_NOTIMESTAMP=1 SOURCE_DATE_EPOCH=1700000000
(yes '' || true) | make silentoldconfig >/dev/null 2>&1
diff -u build/asked build/.config
make -j"$(nproc)" busybox BB_EXTRA_VERSION="Debian $version, quiet" \
  CONFIG_EXTRA_CFLAGS="$flags" CONFIG_EXTRA_LDFLAGS="-no-pie -B$library -L$library -Wl,-z,relro -Wl,--build-id=none" >"$work/log" 2>&1 || {
  tail -30 "$work/log" >&2
  exit 1
}
install -m 755 build/busybox "$here/dist/busybox"
