import { existsSync } from 'node:fs';
import { encodeRecord, decodeRecord } from '../../../src/protocol/agent-codec.ts';
import { hostKind, lane, noteKind } from '../../../src/protocol/agent.ts';
import { fromUtf8 } from '../../../src/base/bytes.ts';
import { readAll } from '../../../src/base/streams.ts';
import { initrdFor, type BootFiles } from '../../../src/machine/boot-inputs.ts';
import { bootMachine, type Machine, type MachineOptions } from '../../../src/machine/machine.ts';
import { loadBootFiles } from '../../../src/machine/node/boot-files.ts';

const folder = new URL(process.env['DRYDOCK_DIST'] ?? '../../../kernel/dist/', import.meta.url);

export const agentIsBuilt = existsSync(new URL('agent', folder));

/** The files of a boot. */
export function bootFiles(): Promise<BootFiles> {
  return loadBootFiles(folder);
}

/** A machine that has booted from nothing, its agent up. */
export async function coldBoot(options: Partial<MachineOptions> = {}): Promise<Machine> {
  const { wasm, disk, kernel, rootfs, agent, bios, vgaBios } = await bootFiles();
  const boot = { kernel, bios, vgaBios, initrd: initrdFor(rootfs, agent) };
  return ready(await bootMachine({ wasm, disk, boot, ...options }));
}

export async function restore(state: Uint8Array, options: Partial<MachineOptions> = {}): Promise<Machine> {
  const { wasm, disk } = await bootFiles();
  return ready(await bootMachine({ wasm, disk, boot: { state }, ...options }));
}

async function ready(machine: Machine): Promise<Machine> {
  try {
    await machine.ready;
    return machine;
  } catch (error) {
    throw new Error(`the agent did not come up; the console's end:\n${machine.consoleText().slice(-3000)}`, { cause: error });
  }
}

/** CAP_LAST_CAP of Linux 6.1 is 40. */
const everyCapability = (1n << 41n) - 1n;

export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** Runs a script in the guest itself; its errors are part of the output. */
export async function shell(machine: Machine, script: string): Promise<Outcome> {
  const args = ['/bin/sh', '-c', `exec 2>&1\n${script}`];
  const stream = machine.channel.open(
    hostKind.exec,
    encodeRecord('execSpec', { process: { args, cwd: '/', env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'], capabilities: everyCapability } }),
  );
  let code = -1;
  stream.onNote(({ kind, record }) => {
    if (kind === noteKind.exited) code = decodeRecord('exited', record).code;
  });
  await stream.reply;
  const output = fromUtf8(await readAll(stream.lane(lane.stdout).source));
  await stream.closed;
  return { code, output };
}

/** The output of a script that must succeed. */
export async function output(machine: Machine, script: string): Promise<string> {
  const outcome = await shell(machine, script);
  if (outcome.code !== 0) throw new Error(`"${script}" ended with ${outcome.code}: ${outcome.output}`);
  return outcome.output;
}
