import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromUtf8, utf8 } from '../../../src/base/bytes.ts';
import { readAll } from '../../../src/base/streams.ts';
import type { IncomingGuestStream } from '../../../src/guest/channel.ts';
import { request } from '../../../src/guest/request.ts';
import type { Machine } from '../../../src/machine/machine.ts';
import { decodeRecord, encodeRecord } from '../../../src/protocol/agent-codec.ts';
import { agentKind, hostKind, lane, noteKind, type AgentRecord } from '../../../src/protocol/agent.ts';
import { agentIsBuilt, coldBoot, output, shell } from '../machine/guest.ts';
import { addLayer, Containers, outcomeOf } from './containers.ts';

/** What stands in for TypeScript's docker command line: verbs that each use one thing the agent offers it. */
const verbs: Readonly<Record<string, (stream: IncomingGuestStream) => Promise<number>>> = {
  async cat(stream) {
    stream.note(noteKind.stdin, encodeRecord('stdinNote', { wanted: 1 }));
    await stream.lane(lane.stdout).sink.write(utf8(`[${fromUtf8(await readAll(stream.lane(lane.main).source))}]`));
    return 0;
  },
  async flood(stream) {
    for (let i = 0; i < 160; i++) await stream.lane(lane.stdout).sink.write(new Uint8Array(65_536));
    return 0;
  },
  async signal(stream) {
    const heard = new Promise<number>((resolve) =>
      stream.onNote(({ kind, record }) => {
        if (kind === noteKind.signal) resolve(decodeRecord('signalNote', record).signal);
      }),
    );
    await stream.lane(lane.stdout).sink.write(utf8('waiting\n'));
    return 128 + (await heard);
  },
  async key(stream) {
    stream.note(noteKind.ttyMode, encodeRecord('ttyMode', { raw: 1 }));
    stream.note(noteKind.stdin, encodeRecord('stdinNote', { wanted: 1 }));
    await stream.lane(lane.stdout).sink.write(utf8('press\r\n'));
    const key = await stream.lane(lane.main).source.read();
    await stream.lane(lane.stdout).sink.write(utf8(`key ${key?.join()}\r\n`));
    return 0;
  },
  async error(stream) {
    await stream.lane(lane.stderr).sink.write(utf8('problem\n'));
    return 42;
  },
};

describe.skipIf(!agentIsBuilt)('programs of the guest (skipped without kernel/dist/agent)', () => {
  let machine: Machine;
  let containers: Containers;
  const seen: AgentRecord<'cliSpec'>[] = [];
  beforeAll(async () => {
    machine = await coldBoot({ memoryMegabytes: 128 });
    addLayer(machine);
    containers = new Containers(machine);
    machine.channel.onOpen(agentKind.cli, (stream) => void serve(stream));
  });
  afterAll(() => machine.dispose());

  async function serve(stream: IncomingGuestStream): Promise<void> {
    const spec = decodeRecord('cliSpec', stream.record);
    seen.push(spec);
    stream.reply(encodeRecord('empty', {}));
    stream.closed.catch(() => undefined);
    try {
      const code = (await verbs[spec.argv[1] ?? '']?.(stream)) ?? 1;
      await stream.close(encodeRecord('cliExit', { code }));
    } catch {
      stream.reset();
    }
  }

  async function watchExecs() {
    const watch = machine.channel.open(hostKind.watchExecs, encodeRecord('empty', {}));
    watch.closed.catch(() => undefined);
    const events: AgentRecord<'execEvent'>[] = [];
    watch.onNote(({ record }) => events.push(decodeRecord('execEvent', record)));
    await watch.reply;
    return { watch, events };
  }

  /** A shell on a terminal; `until` waits for its output. */
  async function terminal() {
    const process = await containers.guest.processes.exec('', {
      args: ['/bin/sh'],
      env: ['PATH=/bin:/usr/bin', 'PS1=$ '],
      cwd: '/tmp',
      capabilities: 1n,
      tty: 1,
      openStdin: 1,
      rows: 24,
      columns: 80,
    });
    let text = '';
    const reading = (async () => {
      for (;;) {
        const bytes = await process.stdout.read();
        if (bytes === null) return;
        text += fromUtf8(bytes);
      }
    })();
    // A terminal that hangs up fails its reader.
    reading.catch(() => undefined);
    return {
      type: async (keys: string): Promise<void> => {
        text = '';
        await process.stdin?.write(utf8(keys));
      },
      until: (pattern: RegExp) => expect.poll(() => text).toMatch(pattern),
      text: () => text,
      process,
      reading,
    };
  }

  test('docker is given its words, environment, folder and files, and ends with the code it is told', async () => {
    const { code, output: text } = await shell(machine, 'cd /tmp; FOO=bar docker error "two words"; echo $?');
    expect({ code, text }).toEqual({ code: 0, text: 'problem\n42\n' });
    expect(seen.at(-1)).toMatchObject({ argv: ['docker', 'error', 'two words'], cwd: '/tmp', tty: 0, uid: 0 });
    expect(seen.at(-1)?.env).toContain('FOO=bar');
  });

  test('docker reads pipes, files and /dev/null to their end', async () => {
    expect(await output(machine, 'echo a | docker cat; docker cat </etc/hostname; docker cat </dev/null; docker cat <&-')).toBe(
      '[a\n][drydock\n][][]',
    );
  });

  test('docker writes pipes and files without losing a byte, and notices when nobody reads', async () => {
    const size = 160 * 65_536;
    expect(
      await output(
        machine,
        'docker flood | wc -c; docker flood >/tmp/f; wc -c </tmp/f; rm /tmp/f; docker flood | head -c3 | wc -c; docker flood >&-; echo $?',
      ),
    ).toBe(`${size}\n${size}\n3\n0\n`);
  });

  test('docker passes signals on, but for those its caller ignored', async () => {
    expect(
      await output(
        machine,
        'docker signal >/tmp/said & until [ -s /tmp/said ]; do usleep 10000; done; kill -INT $!; kill -HUP $!; wait $!; echo $?; cat /tmp/said',
      ),
    ).toBe('129\nwaiting\n');
  });

  test.each([
    ['one long word', 'head -c 130000 /dev/zero | tr "\\0" x', ['x'.repeat(130_000)]],
    ['many short words', 'seq 50000', Array.from({ length: 50_000 }, (_, index) => String(index + 1))],
  ])('all words arrive, in their order, however long they are together: %s', async (_, words, wanted) => {
    expect(await output(machine, `LAST=y docker error $(${words}) 2>&1; echo $?`)).toBe('problem\n42\n');
    const { argv = [], env } = seen.at(-1) ?? {};
    expect(argv.slice(0, 2)).toEqual(['docker', 'error']);
    expect(argv.slice(2)).toEqual(wanted);
    expect(env).toContain('LAST=y');
  });

  test('a terminal becomes raw for docker, reports each key, and is itself again afterwards, even after kill -9', async () => {
    const { type, until, process, reading } = await terminal();
    await type('docker key\n');
    await until(/press/);
    expect(seen.at(-1)).toMatchObject({ tty: 7, rows: 24, columns: 80 });
    await type('\x03');
    await until(/key 3/);
    await type(
      'mode() { until stty -a | grep -q -e "$1"; do usleep 10000; done; }; mode " icanon"; (docker key </dev/tty & mode "-icanon"; kill -9 $!; mode " icanon"; echo o"ver")\n',
    );
    await until(/press\r\n[^]*over\r\n\$ /);
    expect(seen.at(-1)).toMatchObject({ argv: ['docker', 'key'], tty: 7 });
    await type('docker cat </dev/tty >/dev/tty\n');
    await expect.poll(() => seen.at(-1)?.argv).toEqual(['docker', 'cat']);
    await type('line\n\x04');
    await until(/\[line\r?\n\]/);
    await type('exit 9\n');
    expect((await process.exited).code).toBe(9);
    await reading;
  });

  test('docker in the background of a terminal is stopped when it reads, and goes on in the foreground', async () => {
    const { type, until, process } = await terminal();
    await type('docker cat &\n');
    await until(/\$ /);
    await expect.poll(() => output(machine, 'ps -o stat,args | grep -c "^T.*docker ca[t]" || true')).toBe('1\n');
    await type('fg\n');
    await until(/docker cat/);
    await type('line\n\x04');
    await until(/\[line\r?\n\]/);
    await type('docker signal\n');
    await until(/waiting/);
    await type('\x1a');
    await until(/Stopped|\$ /);
    process.hangUp();
  });

  test('a terminal shows line after line whole and in order', async () => {
    const { type, until, text, process, reading } = await terminal();
    await type('i=0; while [ $i -lt 500 ]; do i=$((i+1)); echo $i; done; seq 501 2000; echo e""nd\n');
    await until(/\nend\r\n/);
    const numbers = text().match(/^\d+(?=\r$)/gm) ?? [];
    expect(numbers.map(Number)).toEqual(Array.from({ length: 2000 }, (_, index) => index + 1));
    await type('exit\n');
    await process.exited;
    await reading;
  });

  test('the end of a terminal ends what runs on it', async () => {
    const { process, type, until } = await terminal();
    await type('echo o"k"; sleep 4711\n');
    await until(/ok/);
    process.hangUp();
    await expect.poll(() => output(machine, 'ps | grep -c "sleep 471[1]" || true')).toBe('0\n');
  });

  test('files are written, looked at in one request, and removed', async () => {
    const ask = { kind: hostKind.write, ask: 'writeSpec', answer: 'empty' } as const;
    await request(machine.channel, ask, {
      files: [{ path: '/tmp/w/x', mode: 0o640, contents: utf8('hi'), uid: 5, gid: 6 }],
      makeDirectories: ['/tmp/w/d/e'],
    });
    const process = await containers.start('looked', ['sleep', '1000']);
    const items = [
      { op: 1, path: '/tmp/w/x', max: 10 },
      { op: 3, path: '/tmp/w/x' },
      { op: 4, path: '/tmp/w' },
      { op: 1, path: '/nope', max: 1 },
      { op: 1, path: '/etc/hosts', pid: process.pid, max: 100 },
      { op: 3, path: '/bin/sh', pid: process.pid },
      { op: 2, path: `/proc/${process.pid}/ns/net` },
      { op: 1, path: '/proc/self/ns/net' },
      { op: 1, path: '/bin/busybox', max: 1_000_000 },
      { op: 4, path: '/bin' },
      { op: 1, path: '/proc/sys/kernel/hostname', pid: process.pid, max: 100 },
      { op: 1, path: '/proc/sys/kernel/hostname', pid: 1, max: 100 },
    ];
    const { results } = await request(machine.channel, { kind: hostKind.inspect, ask: 'inspectSpec', answer: 'inspectReply' }, { items });
    const text = results.map(({ data }) => fromUtf8(data.subarray(0, 200)));
    expect(text[0]).toBe('hi');
    expect(results[1]?.stat).toMatchObject({ mode: 0o100640, uid: 5, gid: 6, size: 2n });
    expect(text[2]?.split('\0').sort()).toEqual(['d', 'x']);
    expect(results[3]?.error).toBe(2);
    expect(text[4]).toBe('127.0.0.1 localhost\n');
    expect(results[5]?.stat.link).toBe('/bin/busybox');
    expect(text[6]).toMatch(/^net:\[\d+\]$/);
    expect(results[8]?.error).toBe(90);
    expect(text[9]).toContain('busybox');
    expect(text[10]).toBe('looked');
    expect(text[11]).toBe('drydock');
    await containers.remove('looked');
    await process.exited;
    await request(machine.channel, ask, { remove: ['/tmp/w'] });
    expect((await shell(machine, 'ls /tmp/w')).code).toBe(1);
  });

  test('a stopped container is mounted and unmounted', async () => {
    await containers.run('stopped', 'echo kept >/f');
    const { upper, work } = containers.folders('stopped');
    const target = '/run/drydock/mnt/stopped';
    const lowers = ['/run/drydock/host/layers/agent-test'];
    await request(machine.channel, { kind: hostKind.mount, ask: 'overlaySpec', answer: 'empty' }, { lowers, upper, work, target });
    expect(await output(machine, `cat ${target}/f; ls ${target}/bin/sh`)).toBe(`kept\n${target}/bin/sh\n`);
    await request(machine.channel, { kind: hostKind.unmount, ask: 'overlaySpec', answer: 'empty' }, { target });
    expect((await shell(machine, `ls ${target}/f`)).code).toBe(1);
    await containers.remove('stopped');
  });

  test('what a finished container has written becomes a layer of others, and no byte is moved', async () => {
    const { upper } = containers.folders('step');
    const target = '/var/lib/drydock/kept/step/diff';
    const layer = { container: 'step', upper, target };
    const running = await containers.start('step', ['sh', '-c', 'rm /etc/group; echo made >/made; sleep 1000']);
    await expect.poll(() => output(machine, `ls ${upper}`)).toContain('made');
    await expect(containers.guest.layers.keep(layer)).rejects.toMatchObject({ detail: { errno: 16 } });
    await containers.guest.processes.signal('step', 9);
    await running.exited;
    const inode = await output(machine, `stat -c %i ${upper}/made`);
    await containers.guest.layers.keep(layer);
    expect(await output(machine, `stat -c %i ${target}/made; ls -d ${upper} 2>&1 || true`)).toBe(
      `${inode}ls: ${upper}: No such file or directory\n`,
    );
    await containers.remove('step');
    const lowers = [target, '/run/drydock/host/layers/agent-test'];
    expect((await containers.run('onstep', 'cat /made; ls /etc', { lowers })).stdout).toBe('made\nhosts\npasswd\n');
    await containers.remove('onstep');
    await output(machine, `mkdir -p ${upper}`);
    await expect(containers.guest.layers.keep(layer)).rejects.toMatchObject({ detail: { errno: 17 } });
    await output(machine, `rm -r ${upper}; ln -s /etc ${upper}`);
    await expect(containers.guest.layers.keep({ ...layer, target: `${target}2` })).rejects.toMatchObject({ detail: { errno: 20 } });
    await output(machine, `rm -r ${upper} /var/lib/drydock/kept`);
  });

  test('every exec in the guest is told to who watches', async () => {
    const { watch, events } = await watchExecs();
    const done = outcomeOf(await containers.start('watched', ['sleep', '1']));
    await expect.poll(() => events.map(({ argv }) => argv.join(' '))).toContain('sleep 1');
    const [host, inside] = [
      events.find(({ argv }) => argv[0] === 'sleep'),
      await output(machine, 'readlink /proc/self/ns/net; readlink /proc/self/ns/user'),
    ];
    expect(host?.namespaces).toHaveLength(7);
    expect(host?.namespaces).toContain(inside.split('\n')[1]);
    expect(host?.namespaces).not.toContain(inside.split('\n')[0]);
    watch.reset();
    await done;
    await containers.remove('watched');
  });

  test('every program is told with its argv, however short its life', async () => {
    const { watch, events } = await watchExecs();
    const numbers = Array.from({ length: 200 }, (_, index) => `${index}`);
    await output(machine, `for i in ${numbers.join(' ')}; do /bin/busybox true $i; done; /bin/busybox true end`);
    const told = (): string[] => events.flatMap(({ argv }) => (argv[1] === 'true' ? [argv[2] ?? ''] : []));
    await expect.poll(() => events.length).toBeGreaterThanOrEqual(numbers.length + 2);
    watch.reset();
    expect(told()).toEqual([...numbers, 'end']);
  });

  test('thirty running containers do not make the next one dearer', async () => {
    const cost = async (id: string): Promise<number> => {
      const before = machine.instructions();
      await containers.run(id, 'true');
      await containers.remove(id);
      return (machine.instructions() - before) >>> 0;
    };
    for (let i = 0; i < 4; i++) await cost('warm');
    const first = await cost('first');
    const running = await Promise.all(Array.from({ length: 30 }, (_, index) => containers.start(`many${index}`, ['sleep', '1000'])));
    await cost('warm');
    expect(await cost('last')).toBeLessThan(1.5 * first);
    await Promise.all(running.map((_, index) => containers.remove(`many${index}`)));
    await Promise.all(running.map(({ exited }) => exited));
  });
});
