#!/bin/bash
# Builds dist/rootfs.cpio.gz from dist/busybox, rootfs/files and ../tools/links.txt, without root.
# Same inputs, same bytes: sorted names, owner 0, one time stamp, no gzip header.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
epoch=1700000000
export LC_ALL=C
umask 022

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir "$work/root"
cd "$work/root"
mkdir -p bin sbin usr/bin usr/sbin usr/local/bin usr/local/sbin etc/profile.d home/learner lab root tmp \
  proc sys dev run var/lib/drydock var/log var/tmp var/empty mnt newroot
chmod 700 root
chmod 1777 tmp var/tmp
install -m 755 "$here/dist/busybox" bin/busybox
while read -r applet; do ln -s /bin/busybox "$applet"; done <"$here/rootfs/applets.txt"
# The tools of tools/, where Debian has them; they take the places of applets in /usr/bin, never in /bin, where the boot finds its own.
while read -r path target; do
  mkdir -p "$(dirname "$path")"
  ln -sfn "$target" "$path"
done <"$here/../tools/links.txt"
ln -s /run/drydock/docker-init usr/bin/runc
cp -R "$here/rootfs/files/." .
ln -s /proc/self/mounts etc/mtab
find etc -type f -exec chmod 644 {} +
chmod 600 etc/shadow
chmod 755 init

find . -exec touch -h -d "@$epoch" {} +
find . -mindepth 1 -printf '%P\0' | sort -z | cpio --quiet --null -o -H newc -R 0:0 --reproducible | gzip -9n >"$here/dist/rootfs.cpio.gz"
