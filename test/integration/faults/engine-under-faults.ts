import { mkdtemp } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { lastingContradictions } from '../../../src/engine/testing/sequences/invariants.ts';
import { Scenario } from '../../../src/engine/testing/sequences/scenario.ts';
import type { EngineEventEntry } from '../../../src/protocol/log.ts';
import { startEngine, type RunningEngine } from '../../../src/worker/node/engine.ts';
import { apiClient, type ApiClient } from '../../support/api-client.ts';
import { freePort } from '../../support/free-port.ts';
import { changes, kernelState, steadyKernelState } from '../../support/kernel-state.ts';
import { guestHost } from '../playground/guest-host.ts';

/** The headless engine, a client of it, and what its guest's kernel had before anything happened. */
export interface EngineUnderFaults extends ApiClient {
  readonly engine: RunningEngine;
  readonly socketPath: string;
  /** As `send`, of what must go well. @returns the answer's text */
  must(method: string, target: string, body?: unknown): Promise<string>;
  /** A container of busybox that runs. @returns its ID */
  run(body: Readonly<Record<string, unknown>>, name?: string): Promise<string>;
  /** A line of the guest's own shell; what it prints. */
  line(line: string): Promise<string>;
  /** Events of Docker's since the engine was there. */
  events(): readonly EngineEventEntry[];
  /** What the engine says of containers, networks and execs is what the kernel has, and what the log tells leads there. */
  agrees(): Promise<void>;
  /** Removes everything; then the kernel has what it had, and this machine listens on nothing. */
  leavesNothing(): Promise<void>;
  stop(): Promise<void>;
}

export async function engineUnderFaults(): Promise<EngineUnderFaults> {
  const folder = await mkdtemp(join(tmpdir(), 'drydock-faults-'));
  const socketPath = join(folder, 'docker.sock');
  const engine = await startEngine({ host: `unix://${socketPath}` });
  const client = apiClient(socketPath);
  const { playground } = engine;
  const line = async (text: string): Promise<string> => {
    const { stdout, stderr } = await playground.lines.run(text, { id: text });
    return stdout + stderr;
  };
  const must = async (method: string, target: string, body?: unknown): Promise<string> => {
    const { status, text } = await client.send(method, target, body);
    expect(status, `${method} ${target}: ${text}`).toBeLessThan(400);
    return text;
  };
  const run = async (body: Readonly<Record<string, unknown>>, name?: string): Promise<string> => {
    const asked = { Image: 'busybox', Cmd: ['sleep', '100000'], ...body };
    const { Id } = JSON.parse(await must('POST', `/containers/create${name === undefined ? '' : `?name=${name}`}`, asked)) as {
      Id: string;
    };
    await must('POST', `/containers/${Id}/start`);
    return Id;
  };
  const removeAll = async (): Promise<void> => {
    for (const { Id } of JSON.parse(await must('GET', '/containers/json?all=1')) as { readonly Id: string }[])
      await must('DELETE', `/containers/${Id}?force=1&v=1`);
    await must('POST', '/volumes/prune?filters={"all":["true"]}');
    await must('POST', '/networks/prune');
  };
  // One life of everything before: what is made with the first of its kind stays.
  await must('POST', '/images/create?fromImage=busybox&tag=latest');
  await must('POST', '/networks/create', { Name: 'first' });
  const busy = ['sh', '-c', 'while :; do :; done'];
  const first = await run({
    Cmd: busy,
    HostConfig: { NetworkMode: 'first', Binds: ['first:/v'], Memory: 2 ** 25, ...published(await freePort()) },
  });
  // One that is busy is given its signal later, by a timer that stays.
  await must('POST', `/containers/${first}/kill?signal=TERM`);
  await client.send('GET', `/containers/${first}/archive?path=/etc`);
  await must('POST', `/commit?container=${first}&repo=first`);
  await must('POST', `/containers/${first}/kill`);
  await must('POST', `/containers/${first}/wait`);
  // One that does not run is mounted to be read, in a folder that stays.
  await client.send('GET', `/containers/${first}/archive?path=/etc`);
  await must('DELETE', '/images/first');
  await removeAll();
  await line('iptables-save; ip6tables-save');
  const before = await steadyKernelState(playground);
  return {
    ...client,
    engine,
    socketPath,
    must,
    run,
    line,
    events: () => playground.host.log.since(0).filter((entry): entry is EngineEventEntry => entry.kind === 'event'),
    async agrees() {
      expect(await lastingContradictions(new Scenario(guestHost(playground)))).toEqual([]);
    },
    async leavesNothing() {
      await removeAll();
      await expect.poll(async () => changes(before, await kernelState(playground)), { timeout: 120_000, interval: 500 }).toEqual([]);
      await expect.poll(() => process.getActiveResourcesInfo().filter((each) => each.startsWith('TCP'))).toEqual([]);
    },
    stop: () => engine.stop(),
  };
}

export function published(port: number): { readonly PortBindings: Readonly<Record<string, unknown>> } {
  return { PortBindings: { '80/tcp': [{ HostPort: String(port) }] } };
}

/** Whether somebody on this machine listens there. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
