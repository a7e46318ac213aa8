import { AppError } from '../../base/errors.ts';
import { Steps } from '../build/solve/steps.ts';
import { NextContainer } from '../containers/next-container.ts';
import { createContainerSchema, type CreateContainerBody } from '../../protocol/engine-api.ts';
import type { LogEntry } from '../../protocol/log.ts';
import { fromUtf8 } from '../../base/bytes.ts';
import { Views } from '../containers/files/views.ts';
import { ContainerStore } from '../containers/store.ts';
import { startTurns, type ContainersContext } from '../containers/context.ts';
import { createContainer } from '../containers/verbs/create.ts';
import type { AttachSession } from '../containers/streams/process-streams.ts';
import { createEventLog, type RestorableEventLog } from '../events/log.ts';
import type { ImageStore, ResolvedImage } from '../images/store.ts';
import { Changes } from '../lock.ts';
import { Bridges } from '../networks/bridge.ts';
import { Parents } from '../networks/parents.ts';
import { NameService } from '../networks/names/name-service.ts';
import { NetworkStore, predefinedNetworks } from '../networks/store.ts';
import { volumeUsers } from '../containers/run/volume-users.ts';
import { VolumeStore } from '../volumes/store.ts';
import { guestOnly, type PortPublisher } from '../ports/published-port.ts';
import { PortTable } from '../ports/table.ts';
import type { Random } from '../random.ts';
import { TestClock } from './clock.ts';
import { TestMachine } from './machine.ts';

export interface TestEngine {
  readonly context: ContainersContext;
  readonly machine: TestMachine;
  readonly clock: TestClock;
  readonly log: RestorableEventLog;
  readonly steps: Steps;
  /** Creates with the body of a client that says only this; returns the ID. */
  create(body: Readonly<Record<string, unknown>>, name?: string): string;
  /** "create", "start", "die exitCode=0", "network connect" … in order. */
  events(): string[];
}

/** Counts up: every ID differs, runs are the same. */
export function countingRandom(): Random {
  let count = 0;
  return (bytes) => {
    count += 1;
    return Uint8Array.from({ length: bytes }, (_, index) => (index === 0 ? 0xa0 + (count % 16) : (count * 7 + index * 13) % 256));
  };
}

/** busybox: PATH, Cmd sh; app: an entrypoint, user, labels and a stop signal of its own; volumes: a volume; checked: a health check. */
function testImages(): ImageStore {
  const image = (id: string, config: ResolvedImage['config']): ResolvedImage => ({
    id: `sha256:${id.repeat(64)}`,
    config,
    layers: [
      { diffId: `sha256:${'1'.repeat(64)}`, directory: `${id}2` },
      { diffId: `sha256:${'2'.repeat(64)}`, directory: `${id}1` },
    ],
    os: 'linux',
    architecture: '386',
    size: 1000,
    byId: false,
  });
  const plain = createContainerSchema.parse({});
  const images: Readonly<Record<string, ResolvedImage>> = {
    busybox: image('b', { ...plain, Cmd: ['sh'], Env: ['PATH=/bin'] }),
    app: image('c', {
      ...plain,
      Entrypoint: ['cat'],
      Cmd: ['-n'],
      Env: ['PATH=/bin', 'MODE=image'],
      User: 'daemon',
      WorkingDir: '/srv',
      Labels: { tier: 'web', owner: 'image' },
      StopSignal: 'SIGQUIT',
      ExposedPorts: { '80/tcp': {} },
    }),
    checked: image('e', { ...plain, Cmd: ['sleep'], Healthcheck: { Test: ['CMD', 'true'], Interval: 9e9, Retries: 7 } }),
    volumes: image('d', { ...plain, Cmd: ['sh'], Volumes: { '/var/data': {} } }),
  };
  return {
    resolve(reference) {
      const found = images[reference.replace(/:latest$/, '')];
      if (found === undefined) throw new AppError('not_found', `No such image: ${reference}:latest`);
      return found;
    },
    byId: (id) => Object.values(images).find((candidate) => candidate.id === id) ?? null,
    sweep: () => undefined,
  };
}

export function createTestEngine({ publisher = guestOnly }: { readonly publisher?: PortPublisher } = {}): TestEngine {
  const clock = new TestClock();
  const machine = new TestMachine();
  const log = createEventLog(clock);
  const random = countingRandom();
  const networks = { store: new NetworkStore(), bridges: new Bridges(machine), parents: new Parents(machine), events: log, random };
  networks.store.replace(predefinedNetworks(clock, random));
  const host = {
    dataRoot: '/data',
    layerRoot: '/layers',
    initLayer: '/init',
    name: 'testhost',
    cpus: 2,
    cpuset: true,
    clientsOutside: false,
    nameservers: [],
  };
  const store = new ContainerStore();
  const context: ContainersContext = {
    store,
    runtime: machine,
    images: testImages(),
    networks,
    volumes: new VolumeStore(machine.volumes, volumeUsers(store), log, clock),
    ports: { table: new PortTable(), publisher },
    names: new NameService({ directory: { networks: networks.store, member: (id) => store.byId(id) }, events: log }),
    events: log,
    clock,
    random,
    next: new NextContainer(random),
    changes: new Changes(),
    turns: startTurns(),
    views: new Views(),
    host,
  };
  return {
    context,
    machine,
    clock,
    log,
    steps: new Steps(),
    create: (body, name = '') => createContainer(context, { name, platform: '', body: createBody(body) }).Id,
    events: () => log.since(0).flatMap(describeEvent),
  };
}

/** What the API's parser makes of a body. */
export function createBody(body: Readonly<Record<string, unknown>>): CreateContainerBody {
  return createContainerSchema.parse({ Image: 'busybox', ...body });
}

function describeEvent(entry: LogEntry): string[] {
  if (entry.kind !== 'event') return [];
  const kind = entry.type === 'container' ? '' : `${entry.type} `;
  const shown = ['exitCode', 'signal'].flatMap((name) =>
    entry.actor.attributes[name] === undefined ? [] : [` ${name}=${entry.actor.attributes[name]}`],
  );
  return [`${kind}${entry.action}${shown.join('')}`];
}

/** Everything a client of an attach sees until the end: text by stream. */
export async function readSession({
  output,
}: Pick<AttachSession, 'output'>): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const text = { stdout: '', stderr: '' };
  for (let chunk = await output.read(); chunk !== null; chunk = await output.read()) text[chunk.stream] += fromUtf8(chunk.data);
  return text;
}
