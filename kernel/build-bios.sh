#!/bin/bash
# Takes v86's firmware from Debian's seabios: the 128 KB bios.bin and the standard VGA option ROM.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$here/dist"
"$here/fetch-packages.sh" "$work/debs" "$here/dist/bios.packages" seabios
dpkg -x "$work"/debs/*.deb "$work/unpacked"
install -m 644 "$work/unpacked/usr/share/seabios/bios.bin" "$here/dist/bios.bin"
install -m 644 "$work/unpacked/usr/share/seabios/vgabios-stdvga.bin" "$here/dist/vgabios.bin"
