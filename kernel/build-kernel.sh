#!/bin/bash
# Builds dist/bzImage and dist/config from Debian's linux-source-6.1 and config/*.config. Same inputs, same bytes,
# wherever it runs. BUILD_DIR keeps the objects for the next time; JOBS says how many compilers run.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source=/usr/src/linux-source-6.1.tar.xz
needs="linux-source-6.1 gcc-i686-linux-gnu make flex bison bc zstd cpio xz-utils"
export LC_ALL=C TZ=UTC
export KBUILD_BUILD_TIMESTAMP='Tue Nov 14 22:13:20 UTC 2023' KBUILD_BUILD_USER=drydock KBUILD_BUILD_HOST=drydock KBUILD_BUILD_VERSION=1
export ARCH=i386 CROSS_COMPILE=i686-linux-gnu-

for tool in i686-linux-gnu-gcc make flex bison bc zstd; do
  command -v $tool >/dev/null || { echo "build-kernel: $tool is missing; apt-get install $needs" >&2; exit 1; }
done
[ -f $source ] || { echo "build-kernel: $source is missing; apt-get install $needs" >&2; exit 1; }

if [ -n "${BUILD_DIR:-}" ]; then
  mkdir -p "$BUILD_DIR"
  build=$(cd "$BUILD_DIR" && pwd)
else
  build=$(mktemp -d)
  trap 'rm -rf "$build"' EXIT
fi
[ -d "$build/linux-source-6.1" ] || tar -xf $source -C "$build"
objects=$build/objects
mkdir -p "$objects"
run_make() { make -s -C "$build/linux-source-6.1" O="$objects" "$@"; }

run_make allnoconfig KCONFIG_ALLCONFIG=/dev/null >/dev/null
cat "$here"/config/*.config >"$objects/.config"
KCONFIG_ALLCONFIG="$objects/.config" run_make allnoconfig >"$objects/config.log" 2>&1 || { cat "$objects/config.log" >&2; exit 1; }

# Kconfig drops a request whose dependencies are missing, and selects what others need, without a word.
failed=0
while IFS= read -r line; do
  name=${line%%=*} value=${line#*=}
  if [ "$value" = n ]; then
    ! grep -q "^$name=" "$objects/.config" || { echo "build-kernel: $name stays on: $(grep "^$name=" "$objects/.config")" >&2; failed=1; }
  else
    grep -qxF -- "$line" "$objects/.config" || { echo "build-kernel: $line was dropped" >&2; failed=1; }
  fi
done < <(grep -h '^CONFIG_' "$here"/config/*.config)
[ $failed = 0 ] || exit 1

[ "${1:-}" != config ] || { cp "$objects/.config" "$here/dist/config"; exit 0; }
run_make -j"${JOBS:-$(nproc)}" bzImage
mkdir -p "$here/dist"
cp "$objects/arch/x86/boot/bzImage" "$here/dist/bzImage"
cp "$objects/.config" "$here/dist/config"
ls -l "$here/dist/bzImage"
