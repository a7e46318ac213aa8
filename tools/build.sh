#!/bin/sh
# Rebuilds tools/store, links.txt, lock.json and THIRD-PARTY.md. Options go to build.ts:
#   --update     take the newest Debian packages in place of the locked ones
#   --out DIR    write there (to compare two builds)
#   --cache DIR  where package archives are kept
set -eu
cd "$(dirname "$0")"
for tool in apt-get dpkg-deb zstd; do
	command -v "$tool" >/dev/null || {
		echo "tools/build.sh: needs $tool (Debian: apt dpkg zstd)" >&2
		exit 1
	}
done
exec npx --no-install tsx build.ts "$@"
