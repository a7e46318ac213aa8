#!/bin/sh
# Runs the hooks in /docker-entrypoint.d before nginx, then becomes the command it was given.
# Shell builtins only: each fork is dear in an emulated machine.
set -e
if [ "${1:-}" = nginx ]; then
	for hook in /docker-entrypoint.d/*; do
		case $hook in
		*.envsh) if [ -x "$hook" ]; then . "$hook"; fi ;;
		*.sh) if [ -x "$hook" ]; then "$hook"; fi ;;
		esac
	done
fi
exec "$@"
