#!/bin/bash
# Builds ../dist/agent: static i386 with musl, no relocations, stripped; the same bytes for the same sources and compiler.
# Needs gcc-i686-linux-gnu, musl-dev:i386 and linux-libc-dev-i386-cross.
set -euo pipefail
cd "$(dirname "$0")"
export LC_ALL=C SOURCE_DATE_EPOCH=1700000000
cc=${CC:-i686-linux-gnu-gcc}
out=${1:-../dist/agent}
musl=/usr/lib/i386-linux-musl

flags=(-std=c11 -D_GNU_SOURCE -O2 -march=i686 -mtune=generic -fomit-frame-pointer -fno-pie -fno-stack-protector
  -fno-asynchronous-unwind-tables -fno-ident -ffunction-sections -fdata-sections -Wall -Wextra -Werror -Wshadow
  -ffile-prefix-map="$PWD"=. -I. -nostdinc
  -isystem /usr/include/i386-linux-musl -isystem "$($cc -print-file-name=include)" -idirafter /usr/i686-linux-gnu/include)

mkdir -p "$(dirname "$out")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
objects=()
for source in main.c base/*-i386.S {base,container,docker,files,idle,launch,loop,network,process,runc,verbs,wire}/*.c; do
  object=$work/$(tr / - <<<"${source%.*}").o
  "$cc" "${flags[@]}" -c "$source" -o "$object"
  objects+=("$object")
done
"$cc" -static -no-pie -nostdlib -Wl,--gc-sections,--build-id=none,-z,noexecstack,-z,norelro -Wl,-z,max-page-size=4096 \
  "$musl/crt1.o" "$musl/crti.o" "${objects[@]}" "$musl/libc.a" "$($cc -print-libgcc-file-name)" "$musl/crtn.o" -o "$work/agent"
i686-linux-gnu-strip --strip-all --remove-section=.comment --remove-section=.note.GNU-stack "$work/agent"
install -m 755 "$work/agent" "$out"
ls -l "$out"
