import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hostKind, lane } from '../../../src/protocol/agent.ts';
import type { GuestChannel } from '../../../src/guest/channel.ts';
import type { Machine } from '../../../src/machine/machine.ts';
import { agentIsBuilt, coldBoot, output } from './guest.ts';

const empty = new Uint8Array(0);

/** The byte at a position of the test's endless stream. */
const byteAt = (position: number): number => (position ^ (position >> 8) ^ (position >> 16)) & 0xff;

function piece(position: number, size: number): Uint8Array {
  return new Uint8Array(size).map((_, index) => byteAt(position + index));
}

describe.skipIf(!agentIsBuilt)('the channel to the agent (skipped without kernel/dist/agent)', () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await coldBoot({ memoryMegabytes: 128 });
  });
  afterAll(() => machine.dispose());

  test('is in a guest that has all its memory but what its kernel takes', async () => {
    const [, kilobytes] = /^MemTotal: +(\d+) kB$/m.exec(await output(machine, 'cat /proc/meminfo')) ?? [];
    expect(Number(kilobytes)).toBeGreaterThan(118_000);
  });

  test('is the channel that guest/ asks for', () => {
    const channel: GuestChannel = machine.channel;
    expect(channel.takeRestored()).toEqual([]);
  });

  async function echo() {
    const stream = machine.channel.open(hostKind.echo, empty);
    await stream.reply;
    return { stream, ...stream.lane(lane.main) };
  }

  test('100 MB go there and come back whole', async () => {
    const { source, sink, stream } = await echo();
    const total = 100 * 1024 * 1024;
    const send = async (): Promise<void> => {
      for (let position = 0; position < total; position += 65_536) await sink.write(piece(position, Math.min(65_536, total - position)));
      await sink.close();
    };
    const receive = async (): Promise<number> => {
      let position = 0;
      for (;;) {
        const bytes = await source.read();
        if (bytes === null) return position;
        for (let index = 0; index < bytes.length; index += 251) {
          if (bytes[index] !== byteAt(position + index)) throw new Error(`byte ${position + index} is another`);
        }
        position += bytes.length;
      }
    };
    const [received] = await Promise.all([receive(), send()]);
    expect(received).toBe(total);
    await stream.closed;
  });

  test('a reader that stops holds up its own stream only', async () => {
    const slow = await echo();
    const writing = (async () => {
      for (let position = 0; position < 4 * 1024 * 1024; position += 65_536) await slow.sink.write(piece(position, 65_536));
      await slow.sink.close();
    })();
    const quick = await echo();
    for (let turn = 0; turn < 50; turn++) {
      await quick.sink.write(piece(turn, 64));
      expect(await quick.source.read()).toEqual(piece(turn, 64));
    }
    let received = 0;
    for (;;) {
      const bytes = await slow.source.read();
      if (bytes === null) break;
      received += bytes.length;
    }
    await writing;
    expect(received).toBe(4 * 1024 * 1024);
    quick.stream.reset();
  });

  test('a stream that is reset in the middle of a flood leaves the link in order', async () => {
    for (let turn = 0; turn < 5; turn++) {
      const flood = await echo();
      const writing = (async () => {
        for (let position = 0; position < 8 * 1024 * 1024; position += 65_536) await flood.sink.write(piece(position, 65_536));
      })();
      const failed = expect(writing).rejects.toMatchObject({ kind: 'cancelled' });
      for (let reads = 0; reads < 10; reads++) await flood.source.read();
      flood.stream.reset();
      await failed;
    }
    const after = await echo();
    await after.sink.write(piece(0, 1000));
    let received = 0;
    while (received < 1000) received += (await after.source.read())?.length ?? 1000;
    expect(received).toBe(1000);
    after.stream.reset();
  });

  test('many streams at once keep their bytes apart', async () => {
    const streams = await Promise.all(Array.from({ length: 100 }, () => echo()));
    await Promise.all(
      streams.map(async ({ source, sink, stream }, number) => {
        for (let turn = 0; turn < 5; turn++) {
          await sink.write(piece(number * 1000 + turn, 300));
          let position = number * 1000 + turn;
          const end = position + 300;
          while (position < end) {
            const bytes = await source.read();
            if (bytes === null) throw new Error('ended early');
            expect(bytes).toEqual(piece(position, bytes.length));
            position += bytes.length;
          }
        }
        await sink.close();
        await stream.closed;
      }),
    );
  });

  test('pausing in a flood loses nothing', async () => {
    const { source, sink } = await echo();
    const total = 2 * 1024 * 1024;
    const writing = (async () => {
      for (let position = 0; position < total; position += 65_536) await sink.write(piece(position, 65_536));
      await sink.close();
    })();
    let received = 0;
    for (let turn = 0; ; turn++) {
      if (turn % 8 === 3) {
        await machine.pause();
        expect(machine.running).toBe(false);
        const before = machine.instructions();
        await new Promise((resolve) => setImmediate(resolve));
        expect(machine.instructions()).toBe(before);
        await machine.resume();
      }
      const bytes = await source.read();
      if (bytes === null) break;
      expect(bytes[0]).toBe(byteAt(received));
      received += bytes.length;
    }
    await writing;
    expect(received).toBe(total);
  });

  test('an echo of 64 bytes costs few instructions', async () => {
    const { source, sink, stream } = await echo();
    const rounds = 200;
    let before = 0;
    for (let round = -200; round < rounds; round++) {
      if (round === 0) before = machine.instructions();
      await sink.write(piece(0, 64));
      await source.read();
    }
    expect(((machine.instructions() - before) >>> 0) / rounds).toBeLessThan(60_000);
    stream.reset();
  });

  test('nobody else in the guest can read the channel', async () => {
    expect(await output(machine, 'dd if=/run/drydock/host/channel bs=1024 count=1 iflag=direct 2>&1 | cat')).toMatch(/busy/i);
    const { source, sink, stream } = await echo();
    await sink.write(piece(0, 64));
    expect(await source.read()).toEqual(piece(0, 64));
    stream.reset();
  });
});
