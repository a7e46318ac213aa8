import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hostKind, lane } from '../../../src/protocol/agent.ts';
import { Guest } from '../../../src/guest/guest.ts';
import { bootMachine, type Machine } from '../../../src/machine/machine.ts';
import { makeBootState } from '../../../src/machine/make-boot-state.ts';
import { packState } from '../../../src/machine/pack-state.ts';
import { agentIsBuilt, bootFiles, coldBoot, output, restore } from './guest.ts';
import { TreeMaker } from './trees.ts';

const layer = '/run/drydock/host/layers/one';

function sampleLayer() {
  const maker = new TreeMaker();
  return maker.tree({
    text: maker.file('text', Array.from({ length: 20_000 }, (_, line) => `line ${line}\n`).join('')),
    late: maker.file('late', 'read after the restore\n'),
  });
}

describe.skipIf(!agentIsBuilt)('a machine that is saved (skipped without kernel/dist/agent)', () => {
  let machine: Machine;
  let state: Uint8Array;

  beforeAll(async () => {
    machine = await coldBoot({ memoryMegabytes: 128, layers: [['one', sampleLayer()]] });
    await output(machine, 'echo on disk >/root/kept; echo in memory >/run/kept; sync');
    // A process that has a file of a layer open, halfway, and goes on reading when it is told to.
    await output(
      machine,
      `mkfifo /run/go; ( exec 3<${layer}/text; head -n 1 <&3 >/run/first; read -r _ </run/go; cat <&3 | tail -n 1 >/run/last; echo done >/run/done ) >/dev/null 2>&1 </dev/null &`,
    );
    await output(machine, 'until [ -s /run/first ]; do sleep 0.1; done');
    state = await machine.save();
  });

  afterAll(() => machine.dispose());

  test('goes on as if nothing had been', async () => {
    expect(await output(machine, 'cat /root/kept /run/kept')).toBe('on disk\nin memory\n');
  });

  test('can be saved again and again', async () => {
    await machine.save();
    const [saved] = await Promise.all([machine.save(), expect(machine.save()).rejects.toMatchObject({ kind: 'conflict' })]);
    expect(saved.length).toBeGreaterThan(1_000_000);
    expect(await output(machine, 'cat /run/kept')).toBe('in memory\n');
  });

  test('is saved while it is paused and stays paused', async () => {
    await machine.pause();
    await machine.save();
    expect(machine.running).toBe(false);
    await machine.resume();
    expect(await output(machine, 'echo here')).toBe('here\n');
  });

  test('is not saved when the caller gives up, and goes on', async () => {
    const gone = new AbortController();
    const saving = expect(machine.save({ signal: gone.signal })).rejects.toMatchObject({ kind: 'cancelled' });
    gone.abort();
    await saving;
    expect(await output(machine, 'cat /run/kept')).toBe('in memory\n');
    expect((await machine.save()).length).toBeGreaterThan(1_000_000);
  });

  test('is restored with its memory, its disk, its open files of layers, the right time and other random numbers', async () => {
    const random = 'head -c 16 /dev/urandom | md5sum';
    const [first, second] = [
      await restore(state, { memoryMegabytes: 128, layers: [['one', sampleLayer()]] }),
      await restore(state, { memoryMegabytes: 128, layers: [['one', sampleLayer()]] }),
    ];
    try {
      expect(await output(first, 'cat /root/kept /run/kept')).toBe('on disk\nin memory\n');
      expect(await output(first, random)).not.toBe(await output(second, random));
      const before = Date.now() / 1000;
      const time = Number(await output(first, 'date +%s'));
      expect(time).toBeGreaterThan(before - 2);
      expect(time).toBeLessThan(Date.now() / 1000 + 2);
      expect(await output(first, `echo go >/run/go; until [ -s /run/done ]; do sleep 0.1; done; cat /run/last ${layer}/late`)).toBe(
        'line 19999\nread after the restore\n',
      );
      await output(first, 'echo more >>/root/kept; sync');
      const again = await restore(await first.save(), { memoryMegabytes: 128, layers: [['one', sampleLayer()]] });
      expect(await output(again, 'cat /root/kept')).toBe('on disk\nmore\n');
      await again.dispose();
    } finally {
      await first.dispose();
      await second.dispose();
    }
  });

  test('keeps a stream that was open', async () => {
    const stream = machine.channel.open(hostKind.echo, new Uint8Array(0));
    await stream.reply;
    await stream.lane(lane.main).sink.write(Uint8Array.of(1, 2, 3));
    expect(await stream.lane(lane.main).source.read()).toEqual(Uint8Array.of(1, 2, 3));
    const restored = await restore(await machine.save(), { memoryMegabytes: 128 });
    try {
      const found = restored.channel.takeRestored().find(({ id }) => id === stream.id);
      if (found === undefined) throw new Error('the stream was not restored');
      await found.lane(lane.main).sink.write(Uint8Array.of(4, 5));
      expect(await found.lane(lane.main).source.read()).toEqual(Uint8Array.of(4, 5));
    } finally {
      await restored.dispose();
      stream.reset();
    }
  });

  test('an end that nobody has acted on at the moment of the save is told again after it', async () => {
    const process = await new Guest(machine.channel).processes.exec('', { args: ['/bin/sh', '-c', 'read line; exit 7'], openStdin: 1 });
    // As the engine keeps them: changed only after another round trip to the guest, for which there is no time here.
    const books = { handle: process.handle, pid: process.pid, running: true };
    await process.stdin?.close();
    await process.exited;
    let kept = { ...books, running: false };
    const acting = output(machine, 'true').then(() => {
      books.running = false;
    });
    const saved = await machine.save({ atStandstill: () => (kept = { ...books }) });
    await acting;
    const restored = await restore(saved, { memoryMegabytes: 128, layers: [['one', sampleLayer()]] });
    try {
      const adopted = new Guest(restored.channel).processes.adopt(kept.handle, kept.pid, { tty: false, openStdin: true });
      // Whatever the books said then, who believes them hears the true code.
      expect(await adopted?.exited).toEqual({ code: 7, signal: 0, oomKilled: false });
    } finally {
      await restored.dispose();
    }
  });

  test('books that are taken at standstill agree with the guest, though a process comes to its end meanwhile', async () => {
    const { processes, facts } = new Guest(machine.channel);
    const books = new Map<number, { pid: number; code: number | null }>();
    const started = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        processes.exec('', { args: ['/bin/sh', '-c', `usleep ${index * 30_000}; exit ${index + 1}`] }),
      ),
    );
    for (const { handle, pid, exited } of started) {
      books.set(handle, { pid, code: null });
      void exited.then(async ({ code }) => {
        await facts.inspect([{ op: 'stat', path: '/' }]);
        books.set(handle, { pid, code });
      });
    }
    let kept: typeof books = new Map();
    const saved = await machine.save({ atStandstill: () => (kept = structuredClone(books)) });
    const restored = await restore(saved, { memoryMegabytes: 128, layers: [['one', sampleLayer()]] });
    try {
      const adopting = new Guest(restored.channel).processes;
      const codes = [...kept].map(
        async ([handle, { pid, code }]) => code ?? (await adopting.adopt(handle, pid, { tty: false, openStdin: false })?.exited)?.code,
      );
      expect(await Promise.all(codes)).toEqual([1, 2, 3, 4, 5, 6]);
    } finally {
      await restored.dispose();
    }
  });

  test('goes on when what is recorded at standstill fails', async () => {
    await expect(
      machine.save({
        atStandstill: () => {
          throw new Error('no room for the books');
        },
      }),
    ).rejects.toThrow('no room for the books');
    expect(await output(machine, 'cat /run/kept')).toBe('in memory\n');
  });

  test('is restored from a packed state', async () => {
    const packed = await packState(state, 1);
    expect(packed.length).toBeLessThan(state.length);
    const restored = await restore(packed, { memoryMegabytes: 128, layers: [['one', sampleLayer()]] });
    expect(await output(restored, 'cat /run/kept')).toBe('in memory\n');
    await restored.dispose();
  });

  test('is refused where memory has another size', async () => {
    const { wasm, disk } = await bootFiles();
    await expect(bootMachine({ wasm, disk, memoryMegabytes: 256, boot: { state } })).rejects.toMatchObject({ kind: 'invalid' });
  });
});

describe.skipIf(!agentIsBuilt)('the boot state (skipped without kernel/dist/agent)', () => {
  test('is small, and a restored guest is up at once', async () => {
    const state = await makeBootState({ ...(await bootFiles()), memoryMegabytes: 256 });
    expect(state.length).toBeLessThan(8_000_000);
    const restored = await restore(state, { memoryMegabytes: 256 });
    expect(await output(restored, 'uname -s')).toBe('Linux\n');
    await restored.dispose();
  });
});

describe('a machine that fails', () => {
  test('says so when its kernel panics, and every stream ends', async () => {
    const { wasm, disk, kernel, rootfs, bios, vgaBios } = await bootFiles();
    const machine = await bootMachine({
      wasm,
      disk,
      memoryMegabytes: 128,
      boot: { kernel, bios, vgaBios, initrd: rootfs, commandLine: 'rdinit=/none' },
    });
    const stream = machine.channel.open(hostKind.echo, new Uint8Array(0));
    await expect(machine.ready).rejects.toMatchObject({ kind: 'unavailable', message: expect.stringContaining('Kernel panic') });
    expect((await machine.failed).message).toContain('Unable to mount root fs');
    await expect(stream.reply).rejects.toMatchObject({ kind: 'unavailable' });
    expect(machine.consoleText()).toContain('Linux version');
    await machine.dispose();
    await machine.dispose();
  });

  test('refuses a state of another make', async () => {
    const { wasm, disk } = await bootFiles();
    await expect(bootMachine({ wasm, disk, boot: { state: new Uint8Array(100) } })).rejects.toMatchObject({ kind: 'invalid' });
  });

  test('says that WebAssembly did not start', async () => {
    const { disk, kernel, rootfs, bios, vgaBios } = await bootFiles();
    const broken = bootMachine({ wasm: new Uint8Array(8), disk, boot: { kernel, bios, vgaBios, initrd: rootfs } });
    await expect(broken).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('says that there is no memory', async () => {
    const { wasm, disk, kernel, rootfs, bios, vgaBios } = await bootFiles();
    const large = bootMachine({ wasm, disk, memoryMegabytes: 8192, boot: { kernel, bios, vgaBios, initrd: rootfs } });
    await expect(large).rejects.toMatchObject({ kind: 'exhausted', message: 'no memory for a guest of 8192 MB' });
  });
});
