/** Steps of a build on the real guest: each stands on what the one before wrote, and nothing of it stays but its layer. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromUtf8, utf8 } from '../../../src/base/bytes.ts';
import { sourceOf } from '../../../src/base/streams.ts';
import { AppError } from '../../../src/base/errors.ts';
import { runStep, type StepContext, type StepRequest } from '../../../src/engine/build/solve/run-step.ts';
import type { BindMount } from '../../../src/engine/containers/mounts/mount.ts';
import { writeStep, type WrittenStep } from '../../../src/engine/build/solve/write-step.ts';
import { Changes } from '../../../src/engine/lock.ts';
import { systemClock } from '../../../src/engine/clock.ts';
import { GuestLayerHost } from '../../../src/engine/layer-host.ts';
import { Bridges } from '../../../src/engine/networks/bridge.ts';
import { Parents } from '../../../src/engine/networks/parents.ts';
import { createTestEngine } from '../../../src/engine/testing/engine.ts';
import { Guest } from '../../../src/guest/guest.ts';
import type { Machine } from '../../../src/machine/machine.ts';
import { addLayer } from '../agent/containers.ts';
import { fileTar } from '../../support/file-tar.ts';
import { agentIsBuilt, coldBoot, output } from '../machine/guest.ts';

describe.skipIf(!agentIsBuilt)('steps of a build (skipped without kernel/dist/agent)', () => {
  let machine: Machine;
  let context: StepContext;
  let layerHost: GuestLayerHost;
  beforeAll(async () => {
    machine = await coldBoot({ memoryMegabytes: 128 });
    addLayer(machine, 'base');
    const runtime = new Guest(machine.channel);
    const { context: books, steps } = createTestEngine();
    const host = {
      ...books.host,
      dataRoot: '/var/lib/drydock',
      layerRoot: '/run/drydock/host/layers',
      initLayer: '/run/drydock/init-layer',
    };
    const clock = systemClock();
    const networks = { ...books.networks, bridges: new Bridges(runtime), parents: new Parents(runtime) };
    context = { ...books, runtime, networks, host, steps, clock, changes: new Changes() };
    layerHost = new GuestLayerHost({ trees: { add: () => undefined, remove: () => undefined }, ...context });
  });
  afterAll(() => machine.dispose());

  const programs: BindMount = {
    type: 'bind',
    source: '/bin/busybox',
    target: '/bin/busybox',
    mode: '',
    readOnly: true,
    propagation: 'rprivate',
    recursive: true,
    readOnlyBelow: false,
    contradictory: false,
    creates: false,
  };

  async function run(script: string, asked: Partial<StepRequest> = {}, signal = new AbortController().signal) {
    let said = '';
    const ran = await runStep(
      context,
      {
        layers: ['base'],
        command: ['/bin/sh', '-c', script],
        env: ['PATH=/bin'],
        user: '',
        workingDirectory: '',
        network: 'bridge',
        host: {},
        mounts: [programs],
        output: ({ data }) => (said += fromUtf8(data)),
        ...asked,
      },
      signal,
    );
    return { ...ran, said };
  }

  /** What the guest has of containers: cgroups, overlays, interfaces, folders; not those that the agent has ready for others. */
  const left = (): Promise<string> =>
    output(
      machine,
      'find /sys/fs/cgroup/docker -mindepth 2 -type d; grep " overlay " /proc/mounts; ls /sys/class/net; ls -A /var/lib/drydock/overlay2 | grep -v "^.ready"; true',
    );

  async function asLayer({ written, discard }: WrittenStep): Promise<string> {
    const directory = await layerHost.keep(written);
    await discard();
    return directory;
  }

  test('each runs over what the one before wrote, and what it wrote is moved, not copied', async () => {
    const first = await run('echo made > /made; rm /etc/group; stat -c %i /made; hostname; cat /proc/self/cgroup');
    expect(first.exit.code).toBe(0);
    const [inode, host, cgroup] = first.said.split('\n');
    expect(host).toBe('buildkitsandbox');
    expect(cgroup).toMatch(/^0::\//);
    const layer = await asLayer(first);
    expect(await output(machine, `stat -c %i ${layer}/made`)).toBe(`${inode}\n`);
    const second = await run('cat /made; ls /etc; exit 3', { layers: [layer, 'base'] });
    expect(second).toMatchObject({ exit: { code: 3 } });
    expect(second.said).toMatch(/^made\n/);
    expect(second.said).not.toContain('group');
    await second.discard();
  });

  test('when they are over the guest has nothing of them', async () => {
    // The bridge is there from the first one on.
    await (await run('true')).discard();
    // Files go when the guest is idle.
    await expect.poll(left).not.toContain('removed');
    const before = await left();
    const ran = await run('echo x > /x');
    await ran.discard();
    await expect(run('true', { command: ['/nonesuch'] })).rejects.toThrow('no such file or directory');
    const client = new AbortController();
    const running = run('echo began; sleep 1000', {}, client.signal);
    await expect.poll(() => output(machine, 'pidof sleep || true')).not.toBe('');
    client.abort(new AppError('cancelled', 'the client is gone'));
    await expect(running).rejects.toThrow('the client is gone');
    expect(await output(machine, 'pidof sleep || true')).toBe('');
    await expect.poll(left).toBe(before);
    expect(context.steps.all()).toEqual([]);
  });

  test('files are written over the layers by no process, and the next step has them', async () => {
    const archive = await fileTar('main', utf8('print'));
    const write = (root: string, path = '/tmp'): Promise<void> => context.runtime.archives.extract({ root, path }, sourceOf(archive));
    const before = await left();
    const written = await writeStep(context, ['base'], write);
    const layer = await asLayer(written);
    const ran = await run('cat /tmp/main; ls /etc/passwd', { layers: [layer, 'base'] });
    expect(ran.said).toBe('print/etc/passwd\n');
    await ran.discard();
    await expect(writeStep(context, ['base'], (root) => write(root).then(() => write(root, '/nonesuch')))).rejects.toThrow();
    await expect.poll(left).toBe(before);
    // As a restore finds them: in the middle of writing.
    await writeStep(context, ['base'], () => {
      context.steps.restore(context, context.steps.all());
      return Promise.resolve();
    });
    await expect.poll(left).toBe(before);
    expect(context.steps.all()).toEqual([]);
  });

  test('they have the network that they are given', async () => {
    const network = async (name: StepRequest['network']): Promise<string> => {
      const ran = await run('cd /sys/class/net; echo *', { network: name });
      await ran.discard();
      return ran.said.trim();
    };
    expect(await network('bridge')).toBe('eth0 lo');
    expect(await network('none')).toBe('lo');
    expect(await network('host')).toContain('docker0');
  });
});
