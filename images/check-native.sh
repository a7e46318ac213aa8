#!/bin/bash
# Runs the committed images on this machine's own kernel, which on an x86 machine runs i386 programs: what the images can
# do before any emulator is involved. Needs root, for chroot and namespaces.
# Usage: check-native.sh [--strict]    --strict makes a skip a failure, but for a kernel that runs no i386 programs
set -euo pipefail
cd "$(dirname "$0")"

skip() {
	echo "images/check-native.sh: skipped: $1"
	[ "${strict:-}" = yes ] && exit 1
	exit 0
}

[ "${1:-}" = --strict ] && strict=yes
[ "$(id -u)" = 0 ] || skip "needs root"
case $(uname -m) in x86_64 | i?86) ;; *) skip "an $(uname -m) machine does not run i386 programs" ;; esac
for tool in unshare chroot mount tar; do command -v $tool >/dev/null || skip "needs $tool"; done
unshare --mount --net --pid --fork true 2>/dev/null || skip "may not create namespaces"

if [ "${DRYDOCK_CHECK_INSIDE:-}" != yes ]; then
	folder=$(mktemp -d)
	trap 'rm -rf "$folder"' EXIT
	for reference in hello-world:latest busybox:latest nginx:latest python:3.11-slim; do
		npx --no-install tsx unpack.ts "docker.io/library/$reference" "$folder/${reference%%:*}"
	done
	DRYDOCK_CHECK_INSIDE=yes DRYDOCK_CHECK_FOLDER=$folder unshare --mount --net --pid --fork --kill-child bash "$PWD/check-native.sh" "$@"
	exit
fi

cd "$DRYDOCK_CHECK_FOLDER"
failures=0

# Some hypervisors' kernels are built for i386 programs and cannot run them: nothing that could be installed. The guest's tests run the same images.
if ! chroot busybox /bin/busybox true 2>/dev/null; then
	echo "images/check-native.sh: skipped: this machine's kernel runs no i386 programs"
	exit 0
fi

# expect NAME PATTERN COMMAND...: the command succeeds and its output matches the extended regular expression.
expect() {
	local name=$1 pattern=$2 output
	shift 2
	if output=$("$@" 2>&1) && grep -qE -- "$pattern" <<<"$output"; then
		echo "ok    $name"
	else
		echo "FAIL  $name: wanted /$pattern/, got:"
		sed 's/^/      /' <<<"$output" | tail -20
		failures=$((failures + 1))
	fi
}

# What an engine would mount.
for root in busybox nginx python; do
	mount -t proc proc $root/proc
	mount -t tmpfs -o mode=755 tmpfs $root/dev
	mkdir $root/dev/pts
	mount -t devpts -o newinstance,ptmxmode=666 devpts $root/dev/pts
	ln -s pts/ptmx $root/dev/ptmx
	mknod -m 666 $root/dev/null c 1 3
	mknod -m 666 $root/dev/urandom c 1 9
	for number in 0 1 2; do ln -s /proc/self/fd/$number $root/dev/$(set -- stdin stdout stderr; shift $number; echo "$1"); done
done

system=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
environment=(env -i PATH=$system HOME=/root TERM=xterm-256color LANG=C.UTF-8)
in_root() { "${environment[@]}" chroot "$@"; }
python() { in_root python /usr/local/bin/python3 "$@"; }

expect "hello-world says where it comes from" '^Hello from Drydock!$' chroot hello-world /hello
expect "busybox has a shell with applets" '^3 root$' in_root busybox sh -c 'echo $((1 + 2)) $(id -un)'
expect "busybox env is where scripts look for it" 'HOME=/root' in_root busybox /usr/bin/env
expect "the base has the usual tools" '^b 1 root$' in_root nginx bash -c 'printf "a\nb\n" | grep b | sed "s/$/ $(echo ab | tr -d "\n" | wc -l | awk "{print \$1+1}")/" | tr "\n" " "; stat -c %U /etc/passwd'
expect "the base can add a user" '^1000$' in_root python bash -c 'useradd --create-home app && id -u app'
expect "the base has the UTF-8 locale" 'C.utf8' in_root nginx locale -a

python -c 'import fcntl, socket, struct
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh14x", b"lo", 0x41))'  # SIOCSIFFLAGS: IFF_UP | IFF_RUNNING
# Not through the function: the process that $! names must be nginx itself.
"${environment[@]}" chroot nginx /docker-entrypoint.sh nginx -g 'daemon off;' >nginx.log 2>&1 &
nginx=$!
expect "nginx serves its page" '^200 .*Welcome to nginx' python -c 'import http.client, time
for _ in range(100):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", 80); connection.request("GET", "/"); break
    except ConnectionRefusedError:
        time.sleep(0.1)
answer = connection.getresponse(); print(answer.status, answer.read().decode().replace("\n", " "))'
kill -QUIT $nginx
status=0
wait $nginx || status=$?
expect "nginx leaves on SIGQUIT with status 0" '^0$' echo $status
expect "nginx logs requests to its output" '"GET / HTTP/1.1" 200' cat nginx.log

expect "python has its usual modules" '^3\.11\.' python -c 'import asyncio, bz2, ctypes, curses, decimal, email, hashlib, http.server, json, lzma
import multiprocessing, readline, sqlite3, ssl, sys, tomllib, unittest, uuid, xml.etree.ElementTree, zlib, zoneinfo
assert sqlite3.connect(":memory:").execute("select 6 * 7").fetchone() == (42,)
assert ssl.create_default_context().cert_store_stats()["x509_ca"] > 100
assert zoneinfo.ZoneInfo("Europe/Berlin") and sys.prefix == "/usr/local"
assert sys.path[-1] == "/usr/local/lib/python3.11/site-packages", sys.path
print(sys.version)'
expect "python reads its byte code" '__pycache__/server.cpython-311.pyc' python -v -c 'import http.server'
expect "pip runs" '^pip 23' in_root python pip --version
expect "pip installs a package from a folder" '^42$' in_root python sh -c 'mkdir /tmp/p && cd /tmp/p && echo "value = 42" >drydock_probe.py &&
printf "from setuptools import setup\nsetup(name=\"drydock-probe\", version=\"1\", py_modules=[\"drydock_probe\"])\n" >setup.py &&
pip install -q --no-index --no-build-isolation --root-user-action ignore . && cd / && python -c "import drydock_probe as p; print(p.value); assert p.__file__.startswith(\"/usr/local/lib/python3.11/site-packages/\")"'
# 1 3 <left> 2 <enter> is 123 only to a line editor.
expect "the python prompt edits lines" '^123' python -c 'import os, pty
pid, terminal = pty.fork()
if pid == 0:
    os.execv("/usr/local/bin/python3", ["python3", "-q"])
seen = b""
while not seen.endswith(b">>> "):
    seen += os.read(terminal, 1024)
os.write(terminal, b"13\x1b[D2\n")
seen = b""
while not seen.endswith(b">>> "):
    seen += os.read(terminal, 1024)
os.write(terminal, b"\x04")
print(seen.decode().split("\r\n")[-2].strip())'

[ $failures = 0 ] || { echo "$failures failed"; exit 1; }
