#!/bin/bash
# All checks of the agent: format, unit tests under sanitizers, a bounded fuzz run, and that ../dist/agent is what these
# sources build. What a machine cannot do is said; with DRYDOCK_REQUIRE_TOOLS it is an error.
set -euo pipefail
cd "$(dirname "$0")"

skip() {
  echo "agent: skipped: $1"
  [ -z "${DRYDOCK_REQUIRE_TOOLS:-}" ]
}

make -s format-check
make -s test
make -s fuzz FUZZ_SECONDS="${FUZZ_SECONDS:-30}" FUZZ_FLAGS=-verbosity=0

if ! command -v i686-linux-gnu-gcc >/dev/null || [ ! -e /usr/lib/i386-linux-musl/libc.a ]; then
  skip 'a build of the agent needs gcc-i686-linux-gnu and musl-dev:i386'
else
  built=$(mktemp)
  trap 'rm -f "$built"' EXIT
  ./build.sh "$built" >/dev/null
  cmp "$built" ../dist/agent || {
    echo 'agent: kernel/dist/agent is not what these sources build: run kernel/agent/build.sh' >&2
    exit 1
  }
fi
