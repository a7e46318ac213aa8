#!/bin/bash
# Builds dist/disk.ext4.gz: the blocks of an empty 2 GB ext4 that are not zero (format: README.md).
# No journal: the disk lives and dies with the machine state. No lazy initialisation: a sparse disk's tables are zero
# already, and the kernel's thread for it would write them all. Fixed UUID, hash seed and times: same bytes every time.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export LC_ALL=C E2FSPROGS_FAKE_TIME=1700000000 PATH=$PATH:/usr/sbin:/sbin
image=$(mktemp)
trap 'rm -f "$image"' EXIT

truncate -s 2G "$image"
mkfs.ext4 -q -F -b 4096 -I 256 -i 16384 -m 0 -L drydock \
  -U 64727964-6f63-4b00-8000-000000000001 \
  -O '^has_journal,^64bit,^metadata_csum,^resize_inode,^orphan_file,uninit_bg,flex_bg,extent,dir_index,filetype,ext_attr,large_file,huge_file,dir_nlink,extra_isize,sparse_super' \
  -E lazy_itable_init=0,nodiscard,hash_seed=64727964-6f63-4b00-8000-000000000002,root_owner=0:0 \
  "$image"
"$here/../node_modules/.bin/tsx" "$here/pack-disk.ts" "$image" "$here/dist/disk.ext4.gz"
