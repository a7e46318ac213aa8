#!/bin/bash
# Runs the same OCI configuration by crun and by the agent, natively, and compares what a process in the container sees. Needs root,
# crun, node, clang; makes its own mount name space, so that nothing outside changes but two cgroups, which it removes.
set -euo pipefail
cd "$(dirname "$0")"
out=${OUT:-/tmp/drydock-agent-$(id -u)}
make -s -C .. OUT="$out" agent-native
exec unshare --mount --propagation private "${BASH:-bash}" -euo pipefail -c '
  out=$1
  shift
  work=$(mktemp -d)
  mount -t tmpfs tmpfs /run
  mount -t tmpfs tmpfs "$work"
  # crun decides by the file system at this path which version of cgroups it has to do with.
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  status=0
  node --import tsx differential.ts "$out" "$work" || status=$?
  umount -l "$work"
  rmdir "$work"
  exit $status
' differential "$out"
