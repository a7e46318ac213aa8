#!/bin/bash
# build.sh [all | kernel | busybox | rootfs | disk | bios | agent]...: rebuilds parts of dist/ and rewrites their lock entries.
# UPDATE=1 accepts package versions that lock.json does not name.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tsx=$here/../node_modules/.bin/tsx
[ $# -gt 0 ] || set -- all
[ "$1" != all ] || set -- kernel busybox rootfs disk bios agent
for part in "$@"; do
  case $part in
    kernel | busybox | rootfs | disk | bios) "$here/build-$part.sh" ;;
    agent) "$here/agent/build.sh" ;;
    *) echo "build.sh: no part is named $part" >&2; exit 2 ;;
  esac
  "$tsx" "$here/write-lock.ts" "$part"
done
