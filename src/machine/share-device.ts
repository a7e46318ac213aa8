import { AppError } from '../base/errors.ts';

/** Answers one 9p message of the guest with one, now or later. */
export type Handle9p = (request: Uint8Array, reply: (message: Uint8Array) => void) => void;

/** A second 9p device, for files that change on both sides: the guest mounts it under its tag. */
export interface SharedFiles {
  /** At most 31 bytes of ASCII. */
  readonly tag: string;
  readonly handle: Handle9p;
}

/** v86's devices of virtio (src/virtio.js), as far as this file makes one. */
interface Chain {
  readonly length_readable: number;
  get_next_blob(into: Uint8Array): number;
  set_next_blob(from: Uint8Array): number;
}

interface Queue {
  has_request(): boolean;
  pop_request(): Chain;
  push_reply(chain: Chain): void;
  flush_replies(): void;
  notify_me_after(skipped: number): void;
}

interface Virtio {
  readonly queues: readonly Queue[];
}

type VirtioConstructor = new (cpu: object, options: object) => Virtio;

interface Computer {
  readonly cpu: object;
  readonly virtio: VirtioConstructor;
  /** Which interrupt each of the four lines of PCI leads to (PIIX3's PIRQRC). */
  readonly routes: Uint8Array;
  readonly spaces: Record<number, Int32Array>;
}

/** virtio 1.2, 4.1.2 and 5.14; the 9p device of v86 says the same. */
const ninep = { deviceId: 0x1049, subsystem: 9, features: [0, 32, 29, 28] } as const;
const routesAt = 0x60;
/** The slot of v86's own 9p device. */
const ownSlot = 6;
/** Slots that v86 leaves free and whose interrupts take other lines: two devices on one would take each other's interrupts away. */
const freeSlots = [8, 9];
/** Ports that nothing of v86 has, 256 for each part. */
const ports = { common: 0xd200, notification: 0xd300, isr: 0xd400, configuration: 0xd500 } as const;
const interruptWord = 15;

/**
 * Plugs a second 9p device into a v86 that is loaded; its guest finds it when it looks for new devices (/sys/bus/pci/rescan). It is in no state that v86 saves.
 * @throws AppError internal for a v86 that is made in another way
 */
export function plugShare(v86: object, { tag, handle }: SharedFiles): void {
  const { cpu, virtio: Virtio, routes, spaces } = computerOf(v86);
  const line = (slot: number): number => routes[routesAt + (slot & 3)] ?? 0;
  // A device's first pin of slot N leads to line N - 1 (v86's pci.js, raise_irq).
  const slot = freeSlots.find((each) => line(each - 1) !== line(ownSlot - 1));
  if (slot === undefined) throw new AppError('internal', 'no interrupt is left for a shared folder');
  const name = new TextEncoder().encode(tag);
  const device: Virtio = new Virtio(cpu, {
    name: 'virtio-9p',
    pci_id: slot << 3,
    device_id: ninep.deviceId,
    subsystem_device_id: ninep.subsystem,
    common: {
      initial_port: ports.common,
      queues: [{ size_supported: 32, notify_offset: 0 }],
      features: ninep.features,
      on_driver_ok: () => undefined,
    },
    notification: { initial_port: ports.notification, single_handler: false, handlers: [() => serve()] },
    isr_status: { initial_port: ports.isr },
    device_specific: {
      initial_port: ports.configuration,
      struct: [
        { bytes: 2, name: 'mount tag length', read: () => name.length, write: () => undefined },
        ...Array.from({ length: 254 }, (_, at) => ({
          bytes: 1,
          name: `mount tag ${at}`,
          read: () => name[at] ?? 0,
          write: () => undefined,
        })),
      ],
    },
  });
  const space = spaces[slot << 3];
  const [queue] = device.queues;
  if (space === undefined || queue === undefined) throw new AppError('internal', 'this version of v86 has other devices');
  // What a BIOS would have written there.
  space[interruptWord] = ((space[interruptWord] ?? 0) & ~0xff) | line(slot - 1);

  const serve = (): void => {
    while (queue.has_request()) {
      const chain = queue.pop_request();
      const request = new Uint8Array(chain.length_readable);
      chain.get_next_blob(request);
      handle(request, (message) => {
        chain.set_next_blob(message);
        queue.push_reply(chain);
        queue.flush_replies();
      });
    }
    queue.notify_me_after(0);
  };
}

function computerOf(v86: object): Computer {
  const follow = (...path: readonly string[]): unknown =>
    path.reduce<unknown>((from, name) => (typeof from === 'object' && from !== null ? Reflect.get(from, name) : undefined), v86);
  const cpu = follow('v86', 'cpu');
  const virtio = follow('v86', 'cpu', 'devices', 'virtio_9p', 'virtio', 'constructor');
  const routes = follow('v86', 'cpu', 'devices', 'pci', 'isa_bridge_space8');
  const spaces = follow('v86', 'cpu', 'devices', 'pci', 'device_spaces');
  if (typeof cpu !== 'object' || cpu === null || !isConstructor(virtio) || !(routes instanceof Uint8Array) || !isSpaces(spaces))
    throw new AppError('internal', 'this version of v86 has other devices');
  return { cpu, virtio, routes, spaces };
}

function isConstructor(value: unknown): value is VirtioConstructor {
  return typeof value === 'function' && typeof Reflect.get(value, 'prototype') === 'object';
}

function isSpaces(value: unknown): value is Record<number, Int32Array> {
  return typeof value === 'object' && value !== null && Reflect.get(value, ownSlot << 3) instanceof Int32Array;
}
