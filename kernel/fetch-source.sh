#!/bin/bash
# fetch-source.sh FOLDER LIST NAME=VERSION: downloads a source package of exactly this version by the system's own apt sources, whether or
# not they name `deb-src`, and writes "file version sha256" lines to LIST. A content that lock.json does not know is refused, unless UPDATE=1.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$1 list=$2 package=$3
mkdir -p "$folder"
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
mkdir -p "$state/sources" "$state/state/lists/partial" "$state/cache/archives/partial"
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
  [ -f "$file" ] || continue
  sed -E 's/^Types:.*/Types: deb-src/; s/^deb /deb-src /' "$file" >"$state/sources/${file##*/}"
done
cat >"$state/apt.conf" <<END
Dir::State "$state/state/";
Dir::Cache "$state/cache/";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$state/sources/";
Acquire::Languages "none";
APT::Sandbox::User "";
END
export APT_CONFIG=$state/apt.conf
# Of several places one may fail, and not all have sources; what matters is whether the package can then be had.
apt-get -qq update 2>/dev/null || true
cd "$folder"
apt-get -qq source --download-only "$package"
: >"$list"
for file in *; do
  sum=$(sha256sum "$file" | cut -d' ' -f1)
  line="${file} ${package#*=} $sum"
  if [ "${UPDATE:-}" != 1 ] && ! grep -q "\"$sum\"" "$here/lock.json"; then
    echo "fetch-source: $line is not in lock.json; UPDATE=1 takes it" >&2
    exit 1
  fi
  echo "$line" >>"$list"
done
