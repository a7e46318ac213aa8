#!/bin/bash
# fetch-packages.sh FOLDER LIST PACKAGE[:ARCH]...: downloads the packages that apt offers into FOLDER and writes
# "name:arch version sha256" lines to LIST. A content that lock.json does not know is refused, unless UPDATE=1.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$1 list=$2
shift 2
mkdir -p "$folder"
cd "$folder"
apt-get download -qq -o APT::Sandbox::User=root "$@"
: >"$list"
for deb in *.deb; do
  sum=$(sha256sum "$deb" | cut -d' ' -f1)
  line="$(dpkg-deb -f "$deb" Package):$(dpkg-deb -f "$deb" Architecture) $(dpkg-deb -f "$deb" Version) $sum"
  if [ "${UPDATE:-}" != 1 ] && ! grep -q "\"$sum\"" "$here/lock.json"; then
    echo "fetch-packages: $line is not the package in lock.json; UPDATE=1 takes it" >&2
    exit 1
  fi
  echo "$line" >>"$list"
done
