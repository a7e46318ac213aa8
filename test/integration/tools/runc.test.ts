import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNodePlayground } from '../../../src/worker/node/playground.ts';
import type { LocalPlayground } from '../../../src/worker/playground.ts';
import { runLines } from '../../support/run-lines.ts';
import { openTerminal } from '../../support/typed-terminal.ts';

/** A bundle's configuration as `runc spec` writes it, with changes. */
type Config = Record<string, unknown> & { process: Record<string, unknown>; linux: Record<string, unknown>; root: Record<string, unknown> };

describe('runc, by hand', () => {
  let playground: LocalPlayground;
  const run = runLines(() => playground);
  let config = '';

  beforeAll(async () => {
    playground = await createNodePlayground();
    await run('mkdir -p /tmp/b/rootfs/bin /tmp/b/rootfs/proc && cd /tmp/b && cp /bin/busybox rootfs/bin/');
    await run('cd /tmp/b && for a in sh sleep cat id hostname ls stty tty wc; do ln -s busybox rootfs/bin/$a; done; runc spec');
    config = await run('cat /tmp/b/config.json');
  });
  afterAll(() => playground.dispose());

  async function configure(change: (config: Config) => void): Promise<void> {
    const changed: Config = JSON.parse(config);
    changed.process['terminal'] = false;
    change(changed);
    await write(JSON.stringify(changed));
  }
  const write = (text: string): Promise<void> =>
    playground.files.write([{ path: '/tmp/b/config.json', bytes: new TextEncoder().encode(text), mode: 0o644 }]);
  const says = (words: string): Promise<string> =>
    run(`cd /tmp/b; runc ${words} 2>&1 </dev/null | grep level=error | sed 's/^time="[^"]*" level=error msg=//'`);

  test('what it runs is in name spaces, a cgroup and a root of its own, with the limits and rights of its configuration, and nothing is left', async () => {
    await configure(({ process, linux }) => {
      process['args'] = [
        'sh',
        '-c',
        'echo $$; hostname; cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/memory.max; grep CapEff /proc/self/status; ls /; exit 3',
      ];
      linux['resources'] = { pids: { limit: 20 }, memory: { limit: 33_554_432 } };
    });
    expect(await run('cd /tmp/b; runc run one; echo $?')).toMatch(
      /^1\nrunc\n20\n33554432\nCapEff:\t0000000020000420\nbin\ndev\nproc\nsys\n3\n$/,
    );
    expect(await run('runc list -q; ls /run/runc; ls -d /sys/fs/cgroup/one 2>/dev/null || true; docker ps -aq')).toBe('');
  });

  test('created, started, entered, killed and deleted, it is told of as the runtime specification says', async () => {
    await configure((changed) => {
      changed.process['args'] = ['sh', '-c', 'trap "exit 5" TERM; sleep 1000 & wait'];
      changed['annotations'] = { maple: 'leaf' };
    });
    const state = async (): Promise<Record<string, unknown>> => JSON.parse(await run('runc state two'));
    await run('cd /tmp/b; runc create --pid-file pid two >/dev/null 2>&1 </dev/null');
    const created = await state();
    expect(created).toMatchObject({
      ociVersion: '1.0.2-dev',
      id: 'two',
      status: 'created',
      bundle: '/tmp/b',
      annotations: { maple: 'leaf' },
    });
    expect(await run('cat /tmp/b/pid')).toBe(String(created['pid']));
    expect(await run(`tr '\\0' ' ' </proc/${String(created['pid'])}/cmdline`)).toContain('runc create');
    expect(await says('create two')).toBe('"runc create failed: container with given ID already exists"\n');
    await run('runc start two');
    expect(await state()).toMatchObject({ status: 'running', pid: created['pid'] });
    await expect.poll(() => run(`tr '\\0' ' ' </proc/${String(created['pid'])}/cmdline`)).toMatch(/^sh -c/);
    expect(await says('start two')).toBe('"cannot start an already running container"\n');
    expect(await says('delete two')).toBe('"cannot delete container two that is not stopped: running"\n');
    expect(await run('echo through | runc exec -e A=b two sh -c "cat; echo \\$A; hostname"; runc exec two sh -c "exit 7" || echo $?')).toBe(
      'through\nb\nrunc\n7\n',
    );
    expect(await run('runc ps two')).toContain('sleep 1000');
    expect(await run('runc list')).toMatch(/^ID {10}PID {9}STATUS {6}BUNDLE {6}CREATED +OWNER\ntwo {9}\d+ +running {5}\/tmp\/b {6}/);
    await run('runc kill two TERM');
    await expect.poll(state).toMatchObject({ status: 'stopped', pid: 0 });
    expect(await says('kill two')).toBe('"container not running"\n');
    expect(await says('exec two id')).toBe('"exec failed: cannot exec in a stopped container"\n');
    await run('runc delete two');
    expect(await says('state two')).toBe('"container does not exist"\n');
  });

  test('with a terminal it has one of its own: job control, sizes, a large paste, its exit status, and the shell’s as it was', async () => {
    await configure(({ process, root }) => {
      process['terminal'] = true;
      root['readonly'] = false;
    });
    const terminal = await openTerminal(playground);
    await terminal.type('cd /tmp/b; stty -g > before; runc run inter\r');
    await terminal.until(/\n\/ # /);
    await terminal.type('tty; stty size; echo shell $$\r');
    expect(await terminal.until(/shell \d+\r\n/)).toMatch(/\/dev\/(pts\/0|console)\r\n30 90\r\nshell 1\r\n$/);
    await terminal.type('sleep 1000\r');
    await expect.poll(() => run('runc exec inter sh -c "cat /proc/[0-9]*/comm"')).toContain('sleep');
    await terminal.type('\x1a');
    await terminal.until(/Stopped +sleep 1000\r\n\/ # /);
    await terminal.type('fg\r');
    await terminal.until(/sleep 1000\r\n/);
    await terminal.type('\x03');
    await terminal.until(/\/ # /);
    await playground.terminals.resize(terminal.id, { rows: 41, columns: 101 });
    await terminal.type('while [ "$(stty size)" != "41 101" ]; do :; done; echo res""ized\r');
    await terminal.until(/resized\r\n/);
    await terminal.type('cat | wc -c; echo pas""ted\r');
    // It echoes all of it while it is still written.
    for (let line = 0; line < 400; line += 1) await terminal.type(`${String(line).padStart(99, '.')}\r`);
    await terminal.type('\x04');
    expect(await terminal.until(/pasted\r\n/)).toMatch(/40000\r\npasted\r\n$/);
    await terminal.type('exit 3\r');
    await terminal.until(/:\/tmp\/b# /);
    await terminal.type('echo status=$?; stty -g | cmp - before && echo sa""me\r');
    await terminal.until(/status=3\r\nsame\r\n/);
    await playground.terminals.close(terminal.id);
    expect(await run('runc list -q')).toBe('');
  });

  test('what runs in it has a terminal of its own with exec -t, and one it is hung up with ends', async () => {
    await configure(({ process }) => (process['args'] = ['sleep', '1000']));
    await run('cd /tmp/b; runc run -d kept >/dev/null 2>&1 </dev/null');
    const terminal = await openTerminal(playground);
    await terminal.type('runc exec -t kept sh\r');
    await terminal.until(/\n\/ # /);
    await terminal.type('tty; sleep 2000\r');
    await terminal.until(/\/dev\/pts\/0\r\n/);
    await expect.poll(() => run('runc ps kept')).toContain('sleep 2000');
    await terminal.type('\x03');
    await terminal.until(/\^C\r\n\/ # /);
    await playground.terminals.close(terminal.id);
    await expect.poll(() => run('runc ps kept')).not.toMatch(/ sh\n/);
    await run('runc delete -f kept');
  });

  test('created with a console socket it gives the terminal to who listens there', async () => {
    await configure(({ process }) => {
      process['terminal'] = true;
      process['args'] = ['sh', '-c', 'stty size; read line; echo "got $line"; tty'];
      process['consoleSize'] = { height: 33, width: 77 };
    });
    const listener = `import os, socket
server = socket.socket(socket.AF_UNIX)
server.bind("/b/console.sock")
server.listen(1)
print("listening", flush=True)
peer, _ = server.accept()
name, files, _, _ = socket.recv_fds(peer, 100, 1)
print(name.decode(), os.isatty(files[0]), flush=True)
os.write(files[0], b"through\\n")
while True:
  try:
    print(os.read(files[0], 1000).decode(), end="", flush=True)
  except OSError:
    break
`;
    await playground.files.write([{ path: '/tmp/b/listen.py', bytes: new TextEncoder().encode(listener), mode: 0o644 }]);
    await run('docker run -d --name listener -v /tmp/b:/b python:3.11-slim python /b/listen.py');
    await expect.poll(() => run('docker logs listener'), { timeout: 60_000 }).toContain('listening');
    await run('cd /tmp/b; runc create --console-socket console.sock third >/dev/null 2>&1 </dev/null; runc start third');
    await run('docker wait listener');
    expect(await run('docker logs listener')).toBe('listening\n/dev/ptmx True\nthrough\r\n33 77\r\ngot through\r\n/dev/pts/0\r\n');
    await run('docker rm listener; runc delete third; rm /tmp/b/console.sock');
  });

  test('says what is wrong with a terminal in the words of the real one', async () => {
    for (const terminal of [true, false]) {
      await configure(({ process }) => (process['terminal'] = terminal));
      const written = JSON.parse(await run('cat /tmp/b/config.json'));
      for (const words of [
        ...(terminal ? ['create bad', 'run -d bad', 'run bad', 'create --console-socket nosuch bad'] : []),
        'create --console-socket nosuch bad',
        'create --console-socket config.json bad',
        'run --console-socket nosuch bad',
      ])
        expect(await says(words), `${words}, ${terminal}`).toBe(realRunc(written, words));
    }
    expect(await run('runc list -q; ls /run/runc')).toBe('');
  });

  test('refuses what is wrong in the words of the real one', async () => {
    const cases: [string, (config: Config) => void][] = [
      ['no arguments', ({ process }) => (process['args'] = [])],
      ['a program that is not there', ({ process }) => (process['args'] = ['/x'])],
      ['one that PATH has not', ({ process }) => (process['args'] = ['nosuch'])],
      ['no root', ({ root }) => (root['path'] = 'nope')],
      ['a relative folder', ({ process }) => (process['cwd'] = 'rel')],
      ['an unknown limit', ({ process }) => (process['rlimits'] = [{ type: 'RLIMIT_FOO', hard: 1, soft: 1 }])],
      ['no process', (changed) => Reflect.deleteProperty(changed, 'process')],
      ['no name spaces', ({ linux }) => (linux['namespaces'] = [])],
      ['one twice', ({ linux }) => (linux['namespaces'] = [{ type: 'uts' }, { type: 'network' }, { type: 'network' }])],
      ['one of another kind', ({ linux }) => (linux['namespaces'] = [{ type: 'uts' }, { type: 'foo' }])],
    ];
    for (const [name, change] of cases) {
      await configure(change);
      const ours = await says('run bad');
      const real = realRunc(JSON.parse(await run('cat /tmp/b/config.json')));
      expect(ours.replaceAll('/tmp/b/', 'BUNDLE/'), name).toBe(real);
    }
    expect(await run('runc list -q; ls /run/runc')).toBe('');
  });

  test('of containers that are not there, and of words that are none of its own, it says what the real one says', async () => {
    await configure(() => undefined);
    const written = JSON.parse(await run('cat /tmp/b/config.json'));
    for (const words of [
      ...['state nosuch', 'start nosuch', 'kill nosuch', 'kill nosuch KILL', 'delete nosuch', 'exec nosuch id', 'ps nosuch'],
      ...['state', 'start', 'kill', 'delete', 'run', 'create', 'exec', 'ps', 'list one', 'state one two', 'spec one'],
      ...['list --format xml', 'run --nosuch bad', 'delete -f nosuch', 'state ..', 'create a/b'],
    ])
      expect(await says(words), words).toBe(realRunc(written, words));
    await run('cd /tmp/b; cp config.json kept.json; rm config.json; runc spec');
    // The real one adds this where control groups are v2, as in the guest.
    const without = (spec: string): string => spec.replace(/,\s*\{\s*"type": "cgroup"\s*\}(?=\s*\])/, '');
    expect(without(await run('cat /tmp/b/config.json'))).toBe(without(realSpec()));
    await run('cd /tmp/b; mv kept.json config.json');
  });

  test('a hostile bundle leads nowhere and costs little', async () => {
    await run('mkdir -p /tmp/b/evil && ln -s / /tmp/b/evil/proc; ln -s / /tmp/b/link; rm -f /tmp/b/config.json');
    await configure(({ root }) => (root['path'] = 'link'));
    expect(await says('run q')).toContain('invalid rootfs: not an absolute path, or a symlink');
    await configure(({ root }) => (root['path'] = 'evil'));
    expect(await says('run q')).toContain('must be mounted on ordinary directory');
    await configure(({ linux }) => (linux['cgroupsPath'] = '../../tmp/x'));
    expect(await says('run q')).toContain('invalid cgroup path');
    await write('{"a":'.repeat(1000));
    expect(await says('run q')).toContain('exceeded max depth');
    await write('{"hostname":"a\\u0000b"}');
    expect(await says('run q')).toContain('a string with a NUL');
    await write(' '.repeat(2 ** 20 + 1));
    expect(await says('run q')).toContain('config.json is too large');
    await run('cd /tmp/b && rm config.json && mkfifo config.json');
    expect(await says('run q')).toContain('invalid argument');
    expect(await says("run ../x; runc state '..'")).toContain('invalid container ID format');
    expect(await run('ls /run/runc')).toBe('');
  });
});

/** What runc of this machine says of the same configuration. */
function realRunc(config: unknown, words = 'run bad'): string {
  const bundle = mkdtempSync(join(tmpdir(), 'drydock-bundle-'));
  mkdirSync(join(bundle, 'rootfs'));
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(config));
  const line = `setsid -w runc ${words} 2>&1 </dev/null | grep level=error | sed 's/^time="[^"]*" level=error msg=//'; runc delete -f bad 2>/dev/null`;
  return execFileSync('sh', ['-c', line], { cwd: bundle }).toString().replaceAll(`${bundle}/`, 'BUNDLE/');
}

function realSpec(): string {
  const bundle = mkdtempSync(join(tmpdir(), 'drydock-bundle-'));
  return execFileSync('sh', ['-c', 'runc spec && cat config.json'], { cwd: bundle }).toString();
}
