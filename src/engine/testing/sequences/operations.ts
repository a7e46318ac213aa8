import { AppError } from '../../../base/errors.ts';
import {
  createContainerSchema,
  createNetworkSchema,
  emptyEndpoint,
  execConfigSchema,
  updateContainerSchema,
} from '../../../protocol/engine-api.ts';
import { outcomeOf, readToEnd, type Scenario } from './scenario.ts';
import type { ProgramName } from './subject.ts';

export type Name = Scenario['names'][number];

/** Made and removed by the sequences. */
export type UserNetwork = 'red' | 'blue';
export type NetworkName = 'bridge' | 'host' | 'none' | UserNetwork;

/** One thing a client, a container or the world does. Plain data, so that a failure can be read and repeated. */
export type Operation =
  | {
      /** run: create, and start what was created. */
      readonly verb: 'create' | 'run';
      readonly name: Name;
      readonly program: ProgramName;
      readonly autoRemove: boolean;
      readonly restart: '' | 'always' | 'on-failure' | 'unless-stopped';
      readonly network: NetworkName | `container:${Name}`;
      readonly tty: boolean;
    }
  | { readonly verb: 'start' | 'pause' | 'unpause' | 'logs' | 'attach' | 'leave'; readonly name: Name }
  | { readonly verb: 'stop' | 'restart'; readonly name: Name; readonly timeout: number }
  | { readonly verb: 'kill'; readonly name: Name; readonly signal: string }
  | {
      readonly verb: 'exec';
      readonly name: Name;
      readonly program: 'sleeps' | 'ends' | 'talks';
      readonly detach: boolean;
      readonly start: boolean;
    }
  | { readonly verb: 'rename'; readonly name: Name; readonly to: Name }
  | { readonly verb: 'update'; readonly name: Name; readonly memory: number; readonly restart: '' | 'no' | 'always' | 'on-failure' }
  | { readonly verb: 'remove'; readonly name: Name; readonly force: boolean }
  | { readonly verb: 'wait'; readonly name: Name; readonly condition: 'not-running' | 'next-exit' | 'removed' }
  | { readonly verb: 'connect' | 'disconnect'; readonly name: Name; readonly network: NetworkName }
  | { readonly verb: 'network-create' | 'network-remove'; readonly network: UserNetwork }
  | { readonly verb: 'prune' }
  | { readonly verb: 'pass'; readonly milliseconds: number }
  | { readonly verb: 'end'; readonly name: Name; readonly how: 'exit' | 'oom' | 'lost' }
  | { readonly verb: 'fail'; readonly call: string }
  | { readonly verb: 'save' }
  | { readonly verb: 'restore'; readonly back: number; readonly how: 'kept' | 'lost' };

/** Does it. @returns `ok`, or the kind of what it was refused with */
export function perform(scenario: Scenario, operation: Operation): Promise<string> {
  return outcomeOf(act(scenario, operation));
}

async function act(scenario: Scenario, operation: Operation): Promise<unknown> {
  const { subject, host } = scenario;
  const { lifecycle, containers } = subject;
  switch (operation.verb) {
    case 'create':
      return containers.create({ name: operation.name, platform: '', body: bodyOf(scenario, operation) });
    case 'run': {
      const { Id } = await containers.create({ name: operation.name, platform: '', body: bodyOf(scenario, operation) });
      return lifecycle.start(Id);
    }
    case 'start':
      return lifecycle.start(operation.name);
    case 'stop':
      return lifecycle.stop(operation.name, { timeout: operation.timeout });
    case 'restart':
      return lifecycle.restart(operation.name, { timeout: operation.timeout });
    case 'kill':
      return lifecycle.kill(operation.name, operation.signal);
    case 'pause':
      return lifecycle.pause(operation.name);
    case 'unpause':
      return lifecycle.unpause(operation.name);
    case 'rename':
      return containers.rename(operation.name, operation.to);
    case 'update': {
      const policy = operation.restart === '' ? {} : { RestartPolicy: { Name: operation.restart } };
      return containers.update(operation.name, updateContainerSchema.parse({ Memory: operation.memory, MemorySwap: -1, ...policy }));
    }
    case 'remove':
      return containers.remove(operation.name, { force: operation.force, volumes: false, link: false });
    case 'connect':
      return subject.networks.connect(operation.network, { container: operation.name, settings: emptyEndpoint });
    case 'disconnect':
      return subject.networks.disconnect(operation.network, { container: operation.name, force: false });
    case 'network-create':
      return subject.networks.create(createNetworkSchema.parse({ Name: operation.network }));
    case 'network-remove':
      return subject.networks.remove(operation.network);
    case 'prune':
      return containers.prune({});
    case 'exec':
      return exec(scenario, operation);
    case 'attach':
      return attach(scenario, operation.name);
    case 'logs':
      return follow(scenario, operation.name);
    case 'wait':
      return wait(scenario, operation.name, operation.condition);
    case 'leave':
      return scenario.clients.find((client) => !client.left && !client.ended)?.leave();
    case 'pass':
      return host.pass(operation.milliseconds);
    case 'end': {
      const found = await scenario.look(operation.name);
      if (found !== null) host.end?.(found.id, operation.how);
      return;
    }
    case 'fail':
      scenario.spoiled = true;
      return host.fail?.(operation.call);
    case 'save':
      return scenario.save();
    case 'restore':
      return scenario.restore(operation.back, operation.how);
  }
}

function bodyOf({ host }: Scenario, { program, autoRemove, restart, network, tty }: Extract<Operation, { verb: 'create' | 'run' }>) {
  const { HostConfig, ...body } = host.programs[program];
  return createContainerSchema.parse({
    Image: 'busybox',
    Labels: { program },
    Tty: tty,
    ...body,
    HostConfig: { ...Object(HostConfig), AutoRemove: autoRemove, NetworkMode: network, RestartPolicy: { Name: restart } },
  });
}

async function found(scenario: Scenario, name: Name) {
  const container = await scenario.look(name);
  if (container === null) throw new AppError('not_found', `No such container: ${name}`);
  return container;
}

async function attach(scenario: Scenario, name: Name): Promise<void> {
  const { id, status } = await found(scenario, name);
  const session = await scenario.subject.streams.attach(id, { stdin: true, stdout: true, stderr: true, logs: false, stream: true });
  scenario.join({ kind: 'attach', container: id, status }, readToEnd(session.output), () => session.detach());
}

async function follow(scenario: Scenario, name: Name): Promise<void> {
  const { id, status } = await found(scenario, name);
  const { records } = await scenario.subject.streams.logs(id, { stdout: true, stderr: true, follow: true });
  scenario.join({ kind: 'logs', container: id, status }, readToEnd(records), () => records.cancel());
}

async function wait(scenario: Scenario, name: Name, condition: 'not-running' | 'next-exit' | 'removed'): Promise<void> {
  const { id, status } = await found(scenario, name);
  const gone = new AbortController();
  const { exit } = await scenario.subject.lifecycle.wait(id, condition, gone.signal);
  scenario.join({ kind: `wait ${condition}`, container: id, status }, exit, () => gone.abort());
}

async function exec(scenario: Scenario, { name, program, detach, start }: Extract<Operation, { verb: 'exec' }>): Promise<void> {
  const { id, status } = await found(scenario, name);
  const { Id } = await scenario.subject.exec.create(
    id,
    execConfigSchema.parse({ Cmd: scenario.host.execs[program], AttachStdout: true, AttachStderr: true }),
  );
  scenario.execs.set(Id, id);
  if (!start) return;
  const session = await scenario.subject.exec.start(Id, { detach, tty: false, consoleSize: null });
  if (session === null) return;
  scenario.join({ kind: 'exec', container: id, status, exec: Id }, readToEnd(session.output), () => session.detach());
  await session.begin();
}
