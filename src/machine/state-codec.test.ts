import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { decompress } from 'fzstd';
import { describe, expect, test } from 'vitest';
import { concatBytes, fromUtf8, utf8 } from '../base/bytes.ts';
import { protocolVersion } from '../protocol/agent.ts';
import { acceptState } from './accept-state.ts';
import { bootKey, guestBuild, kernelParameters } from './boot-inputs.ts';
import { packState } from './pack-state.ts';
import { decodeMachineState, emulatorVersion, encodeMachineState, type MachineState } from './state-codec.ts';

const state: MachineState = {
  build: 'b'.repeat(64),
  memoryMegabytes: 128,
  server: {
    messageBytes: 131072,
    fids: [{ fid: 3, path: ['layers', 'sha256'], open: true, flags: 0, xattr: null }],
    channelOwner: -1,
    namespace: { nextInode: 40, bases: [['sha256', 16, 24]] },
  },
  channel: {
    nextId: 7,
    link: { incoming: Uint8Array.of(1, 2), outgoing: new Uint8Array(0) },
    streams: [
      {
        id: 5,
        kind: 2,
        record: utf8('spec'),
        accepted: true,
        window: 262144,
        uncredited: 9,
        closed: false,
        ended: [0],
        notes: [{ kind: 2, record: Uint8Array.of(255, 0) }],
        lanes: [{ lane: 1, chunks: [Uint8Array.of(200, 201)], ended: false, cancelled: true }],
      },
    ],
  },
  emulator: new Uint8Array(5000).fill(6),
};

describe('a saved machine', () => {
  test('comes back whole', () => {
    expect(decodeMachineState(encodeMachineState(state))).toEqual(state);
  });

  test('comes back from the middle of a larger buffer', () => {
    const bytes = encodeMachineState(state);
    const larger = new Uint8Array(bytes.length + 3);
    larger.set(bytes, 3);
    expect(decodeMachineState(larger.subarray(3))).toEqual(state);
  });

  test('of another make, version or format is refused with a reason', () => {
    const bytes = encodeMachineState(state);
    expect(() => decodeMachineState(utf8('something else entirely'))).toThrow('not a saved machine');
    expect(() => decodeMachineState(bytes.subarray(0, 40))).toThrow('cut off');
    const otherFormat = bytes.slice();
    otherFormat[8] = 9;
    expect(() => decodeMachineState(otherFormat)).toThrow('format 9');
    const text = fromUtf8(bytes.subarray(16, 80));
    const otherEmulator = bytes.slice();
    otherEmulator.set(utf8(text.replace(emulatorVersion, '9.9.999')), 16);
    expect(() => decodeMachineState(otherEmulator)).toThrow('saved by v86 9.9.999');
    const description = fromUtf8(bytes.subarray(16, bytes.length - state.emulator.length));
    const otherAgent = utf8(description.replace(String(protocolVersion), '7'));
    const length = new Uint8Array(new Uint32Array([otherAgent.length]).buffer);
    expect(() => decodeMachineState(concatBytes([bytes.subarray(0, 12), length, otherAgent, state.emulator]))).toThrow(
      `its agent speaks version 7 of the protocol, not ${protocolVersion}`,
    );
    const damaged = bytes.slice();
    damaged.set(utf8('{"x":1}      '), 16);
    expect(() => decodeMachineState(damaged)).toThrow('damaged');
  });

  test('of another build of the guest, or of other memory, is refused where another is expected', () => {
    const saved = encodeMachineState(state);
    const other = encodeMachineState({ ...state, build: 'c'.repeat(64) });
    expect(acceptState(saved, { memoryMegabytes: 128, sameBuildAs: saved })).toEqual(state);
    expect(() => acceptState(other, { memoryMegabytes: 128, sameBuildAs: saved })).toThrow('another build of the guest');
    expect(() => acceptState(saved, { memoryMegabytes: 256 })).toThrow('128 MB of memory, not 256');
  });

  test('is packed with zstd in the place of v86’s part', async () => {
    const packed = await packState(encodeMachineState(state), 3);
    const { emulator, ...rest } = decodeMachineState(packed);
    expect(packed.length).toBeLessThan(2000);
    expect({ ...rest, emulator: decompress(emulator) }).toEqual(state);
  });
});

test('the version in states is that of the package', () => {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../package.json', `file://${createRequire(import.meta.url).resolve('v86')}`), 'utf8'),
  );
  expect(manifest).toHaveProperty('version', expect.stringMatching(new RegExp(`^${emulatorVersion.replaceAll('.', '\\.')}(\\+|$)`)));
});

test('what the BIOS keeps at the top of memory is given to the kernel, whatever the size', () => {
  expect([128, 200, 256].map(kernelParameters)).toEqual([
    'memmap=16M%0x7000000-2+1',
    'memmap=16M%0xb800000-2+1',
    'memmap=16M%0xf000000-2+1',
  ]);
});

test('a build of the guest is told by its kernel, its files with the agent, and its disk', () => {
  const inputs = { kernel: utf8('k'), initrd: utf8('i'), disk: utf8('d') };
  const builds = [inputs, ...['kernel', 'initrd', 'disk'].map((name) => ({ ...inputs, [name]: utf8('other') }))].map(guestBuild);
  expect(new Set(builds).size).toBe(builds.length);
});

test('the key of a boot state changes with every input', () => {
  const file = () => utf8('x');
  const inputs = {
    wasm: file(),
    kernel: file(),
    rootfs: file(),
    agent: file(),
    bios: file(),
    vgaBios: file(),
    disk: file(),
    memoryMegabytes: 256,
  };
  const changed = ['wasm', 'kernel', 'rootfs', 'agent', 'bios', 'vgaBios', 'disk'].map((name) => bootKey({ ...inputs, [name]: utf8('y') }));
  const keys = [bootKey(inputs), bootKey({ ...inputs, memoryMegabytes: 128 }), ...changed];
  expect(new Set(keys).size).toBe(keys.length);
  expect(bootKey({ ...inputs })).toBe(keys[0]);
  expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
});
