#!/bin/bash
# record.sh SOCKET [SOCKET2]: makes recorded/ anew: an image of two layers saved by a real engine (SOCKET2: one with containerd's image store), by skopeo, and files as the tars of GNU,
# busybox and libarchive write them. Needs docker, skopeo, bsdtar and an image busybox; what it makes on the engines it takes away.
set -euo pipefail
cd "$(dirname "$0")"
out=$PWD/recorded
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -rf "$out"
mkdir -p "$out" "$work/files/etc" "$work/files/bin"
cd "$work"

echo one >files/etc/one
printf 'elf' >files/bin/su
chmod 4755 files/bin/su
ln -s ../etc/one files/bin/link
ln files/etc/one files/etc/same
echo 'größe' >"files/etc/größe"
long=files/$(printf 'd%.0s' {1..90})/$(printf 'e%.0s' {1..90})
mkdir -p "$long"
echo deep >"$long/deep"
truncate -s 200000 files/holes
echo end >>files/holes
find files -exec touch -h -d @1700000000 {} +

tar --sort=name --owner=:1000 --group=:50 -C files --format=gnu -cf gnu.tar .
gzip -n9 <gnu.tar >"$out/gnu.tar.gz"
tar --sort=name --owner=:1000 --group=:50 -C files --format=posix -S -cf "$out/gnu-posix-sparse.tar.xz" -J .
bsdtar --uid 1000 --gid 50 -C files --format=pax -cf "$out/bsdtar-pax.tar.bz2" --bzip2 .
bsdtar --uid 1000 --gid 50 -C files --format=gnutar -cf "$out/bsdtar-gnu.tar.zst" --zstd .
"${BUSYBOX:-busybox}" tar -C files -cf - . | gzip -n9 >"$out/busybox.tar.gz"

save() {
  local docker=(docker -H "$1") name=$2
  "${docker[@]}" import -c 'CMD ["/bin/su"]' -c 'ENV A=1' - "$name:1" <gnu.tar >/dev/null
  "${docker[@]}" create --name "$name" "$name:1" >/dev/null
  echo two >two
  "${docker[@]}" cp two "$name:/etc/two"
  "${docker[@]}" commit -m second "$name" "$name:2" >/dev/null
  "${docker[@]}" save -o "$name.tar" "$name:1" "$name:2"
  "${docker[@]}" image inspect -f '{{index .RepoTags 0}} {{.Id}} {{range .RootFS.Layers}}{{.}} {{end}}' "$name:1" "$name:2" >"$out/$name.txt"
  "${docker[@]}" rm "$name" >/dev/null
  "${docker[@]}" rmi "$name:1" "$name:2" >/dev/null
  gzip -n9 <"$name.tar" >"$out/$name.tar.gz"
}

save "$1" saved
skopeo --insecure-policy copy -q docker-archive:saved.tar:saved:2 docker-archive:skopeo-docker.tar:copied:2
skopeo --insecure-policy copy -q docker-archive:saved.tar:saved:2 oci-archive:skopeo-oci.tar:example.com/copied:2
gzip -n9 <skopeo-docker.tar >"$out/skopeo-docker.tar.gz"
gzip -n9 <skopeo-oci.tar >"$out/skopeo-oci.tar.gz"
[ $# -lt 2 ] || save "$2" containerd
ls -l "$out"
