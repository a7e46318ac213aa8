import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { guestReadLimit } from '../../../src/protocol/playground.ts';
import { createNodePlayground } from '../../../src/worker/node/playground.ts';
import type { LocalPlayground } from '../../../src/worker/playground.ts';
import { openTerminal, type TypedTerminal } from '../../support/typed-terminal.ts';

describe('terminals of the guest', () => {
  let playground: LocalPlayground;

  beforeAll(async () => {
    playground = await createNodePlayground();
    await playground.lines.run('docker pull -q busybox', { id: 'pull' });
  });
  afterAll(() => playground.dispose());

  const open = (): Promise<TypedTerminal> => openTerminal(playground);

  /** How many processes have this command line, to the end. */
  async function running(command: string): Promise<number> {
    const { stdout } = await playground.lines.run('ps', { id: 'ps' });
    return stdout.split('\n').filter((line) => line.endsWith(` ${command}`)).length;
  }

  test('two terminals have their own ttys on the same guest', async () => {
    const [one, two] = [await open(), await open()];
    await one.type('tty; echo shared > /tmp/between\r');
    const first = /\/dev\/pts\/\d+/.exec(await one.until(/\/dev\/pts\/\d+\r\n/))?.[0];
    await one.until(/# /);
    await two.type('tty; cat /tmp/between\r');
    const second = /\/dev\/pts\/\d+/.exec(await two.until(/\/dev\/pts\/\d+\r\nshared/))?.[0];
    expect(first).not.toBe(second);
    await playground.terminals.close(one.id);
    await playground.terminals.close(two.id);
  });

  test('begins with the greeting and a coloured prompt; no banner of a shell, here or in a container', async () => {
    const terminal = await open();
    await terminal.until(/Docker engine of its own\.[^]*docker run hello-world[^]*root@drydock:~# /);
    expect(terminal.raw()).toContain('\x1b[1mDrydock\x1b[0m: a Linux machine');
    expect(terminal.raw()).toContain('\x1b[1;32mroot@drydock\x1b[0m:\x1b[1;34m~\x1b[0m# ');
    await terminal.type('docker run --rm -it busybox sh\r');
    await terminal.until(/\/ # /);
    await terminal.type('exit\r');
    await terminal.until(/:~# /);
    expect(terminal.raw()).not.toMatch(/BusyBox v|built-in shell|Enter 'help'/);
    await playground.terminals.close(terminal.id);
  });

  test('a resize reaches the tty inside a container', async () => {
    const terminal = await open();
    await terminal.type('docker run --rm -it busybox sh\r');
    await terminal.until(/\/ # /);
    await terminal.type('stty size\r');
    await terminal.until(/30 90\r\n/);
    await playground.terminals.resize(terminal.id, { rows: 41, columns: 101 });
    await terminal.type('while [ "$(stty size)" != "41 101" ]; do :; done; echo res""ized\r');
    await terminal.until(/resized\r\n/);
    await terminal.type('exit 3\r');
    await terminal.until(/:~# /);
    await terminal.type('echo status=$?\r');
    await terminal.until(/status=3\r\n/);
    await playground.terminals.close(terminal.id);
  });

  test('Ctrl-P Ctrl-Q leaves the container running and the terminal sane; Ctrl-C interrupts what runs in it', async () => {
    const terminal = await open();
    await terminal.type('docker run -it --name kept busybox sh\r');
    await terminal.until(/\/ # /);
    await terminal.type('\x10\x11');
    await terminal.until(/:~# /);
    await terminal.type('docker inspect -f "{{.State.Status}}" kept\r');
    await terminal.until(/running\r\n/);
    await terminal.type('docker attach kept\r');
    await terminal.type('\r');
    await terminal.until(/\/ # /);
    await terminal.type('sleep 1000\r');
    // Until then the shell's line editor has the terminal, which takes Ctrl-C for a letter.
    await expect.poll(() => running('sleep 1000')).toBe(1);
    await terminal.type('\x03');
    await terminal.until(/\^C\r\n\/ # /);
    await terminal.type('\x04');
    await terminal.until(/:~# /);
    await terminal.type('docker inspect -f "{{.State.Status}} {{.State.ExitCode}}" kept\r');
    await terminal.until(/exited 130\r\n/);
    await playground.terminals.close(terminal.id);
  });

  test('closing a terminal hangs up its shell and what runs in its foreground', async () => {
    const terminal = await open();
    await terminal.type('sleep 4242\r');
    await expect.poll(() => running('sleep 4242')).toBe(1);
    await playground.terminals.close(terminal.id);
    await expect.poll(() => running('sleep 4242')).toBe(0);
  });

  test('a terminal that nobody reads any more ends in the midst of its output', async () => {
    const terminal = await open();
    await terminal.type('yes 4242\r');
    await terminal.until(/4242\r\n4242\r\n/);
    terminal.leave();
    await expect.poll(() => running('yes 4242')).toBe(0);
  });

  test('an --env-file of more than one frame is read whole', async () => {
    const { stdout, stderr } = await playground.lines.run(
      `yes '# a line that is no variable' | head -n 4000 > /tmp/env; echo LAST=here >> /tmp/env
       docker run --rm --env-file /tmp/env busybox sh -c 'echo $LAST'`,
      { id: 'env' },
    );
    expect(`${stdout}${stderr}`).toBe('here\n');
  });

  test('long files are answered up to the limit, also several in one question', async () => {
    await playground.lines.run(`yes 'ä line' | head -c 200000 > /tmp/long; head -c 40000 /tmp/long > /tmp/short`, { id: 'files' });
    const read = (path: string) => ({ target: { kind: 'guest' }, op: 'read', path }) as const;
    const [long, one, two] = await playground.files.inspect([read('/tmp/long'), read('/tmp/short'), read('/tmp/short')]);
    expect(long).toMatchObject({ ok: true, truncated: true });
    expect(one).toMatchObject({ ok: true, truncated: false });
    expect(two).toEqual(one);
    const bytes = [long, one].map((answer) => (answer?.ok === true && answer.op === 'read' ? utf8(answer.text).length : -1));
    expect(bytes[1]).toBe(40_000);
    expect(bytes[0]).toBeGreaterThan(guestReadLimit - 4);
  });

  test("the Engine API answers on the guest's own socket", async () => {
    // The guest has no client of unix sockets; python of the image, run on the host's side, is one that nobody here wrote.
    const { stdout } = await playground.lines.run(
      `docker pull -q python:3.11-slim >/dev/null; docker run -d --name py python:3.11-slim sleep 1000 >/dev/null
       root=/proc/$(docker inspect -f '{{.State.Pid}}' py)/root
       cat > /tmp/ask.py <<'END'
import socket
s = socket.socket(socket.AF_UNIX)
s.connect('/var/run/docker.sock')
s.sendall(b'GET /version HTTP/1.1\\r\\nHost: docker\\r\\nConnection: close\\r\\n\\r\\n')
while data := s.recv(65536): print(data.decode(), end='')
END
       libraries=$root/lib/i386-linux-gnu:$root/usr/lib/i386-linux-gnu:$root/usr/local/lib
       PYTHONHOME=$root/usr/local:$root/usr $root/lib/ld-linux.so.2 --library-path $libraries $root/usr/local/bin/python3 -S /tmp/ask.py 2>&1
       docker rm -f py >/dev/null`,
      { id: 'socket' },
    );
    expect(stdout).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(stdout).toContain('"ApiVersion":"1.50"');
    const entries = playground.host.log.since(0);
    expect(entries).toContainEqual(
      expect.objectContaining({ kind: 'request', method: 'GET', path: '/version', transport: 'unix', status: 200 }),
    );
  });

  test('while execs are watched the log has every program with its argv, and otherwise none', async () => {
    await playground.log.watchExecs(true);
    const from = playground.host.log.last;
    await playground.lines.run('/bin/ls /etc/hostname', { id: 'ls' });
    const seen = async () =>
      playground.host.log
        .since(from)
        .filter((entry) => entry.kind === 'exec')
        .map(({ argv }) => argv.join(' '));
    await expect.poll(seen).toContain('/bin/ls /etc/hostname');
    await playground.log.watchExecs(false);
    await playground.lines.run('/bin/ls /etc/hosts', { id: 'ls' });
    await playground.log.watchExecs(true);
    await playground.lines.run('/bin/ls /etc/passwd', { id: 'ls' });
    await expect.poll(seen).toContain('/bin/ls /etc/passwd');
    await playground.log.watchExecs(false);
    expect(await seen()).not.toContain('/bin/ls /etc/hosts');
  });

  test('reset brings back the guest as it was after boot, and the log goes on', async () => {
    await playground.lines.run('echo kept > /root/file; docker create --name gone busybox', { id: 'make' });
    const before = playground.host.log.last;
    const after = await playground.lifecycle.reset();
    expect(after).toBeGreaterThanOrEqual(before);
    const { stdout } = await playground.lines.run('ls /root; docker ps -aq; echo done', { id: 'look' });
    expect(stdout).toBe('done\n');
  });
});
