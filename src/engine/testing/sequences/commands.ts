import fc from 'fast-check';
import type { Scenario } from './scenario.ts';
import { expectedOutcome } from './expected.ts';
import { lastingContradictions } from './invariants.ts';
import { perform, type Name, type NetworkName, type Operation, type UserNetwork } from './operations.ts';
import type { ProgramName } from './subject.ts';

/** One step: an operation, or several at the same time. */
export class Step implements fc.AsyncCommand<object, Scenario> {
  readonly #operations: readonly Operation[];

  constructor(operations: readonly Operation[]) {
    this.#operations = operations;
  }

  check(): boolean {
    return true;
  }

  async run(_model: object, scenario: Scenario): Promise<void> {
    const [first] = this.#operations;
    const alone = this.#operations.length === 1 && first !== undefined && 'name' in first ? first : null;
    const holder = alone?.verb === 'rename' ? await scenario.look(alone.to) : null;
    const expected =
      alone === null || scenario.spoiled || !scenario.host.steady ? null : expectedOutcome(alone, await scenario.look(alone.name), holder);
    const outcomes = await scenario.host.done(Promise.all(this.#operations.map((operation) => perform(scenario, operation))));
    this.#operations.forEach((operation, index) => scenario.count(operation.verb, outcomes[index] ?? ''));
    await scenario.host.settle();
    const problems = [...(await lastingContradictions(scenario))];
    if (expected !== null && outcomes[0] !== expected) problems.push(`it came to ${outcomes.join()}, not to ${expected}`);
    if (problems.length > 0) throw new Error(`after ${this.toString()} (${outcomes.join()}): ${problems.join('; ')}`);
  }

  toString(): string {
    return this.#operations.map((operation) => JSON.stringify(operation)).join(' | ');
  }
}

const name = fc.constantFrom<Name[]>('ann', 'bob', 'cat');
const verb = <V extends string>(value: V) => fc.constant(value);

/** No engine takes --rm together with a restart policy. */
const allowed = <C extends { readonly autoRemove: boolean; readonly restart: string }>(container: C): C =>
  container.restart === '' ? container : { ...container, autoRemove: false };

/** What any host can be asked. */
function everywhere(programs: readonly ProgramName[]): fc.WeightedArbitrary<Operation>[] {
  const network = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom<NetworkName[]>('bridge', 'bridge', 'red', 'red', 'host', 'none') },
    { weight: 1, arbitrary: name.map((of): `container:${Name}` => `container:${of}`) },
  );
  const made = {
    name,
    program: fc.constantFrom(...programs),
    autoRemove: fc.boolean(),
    restart: fc.constantFrom<('' | 'always' | 'on-failure' | 'unless-stopped')[]>('', '', '', 'always', 'on-failure', 'unless-stopped'),
    network,
    tty: fc.boolean(),
  };
  return [
    { weight: 4, arbitrary: fc.record({ verb: verb('create'), ...made }).map(allowed) },
    { weight: 14, arbitrary: fc.record({ verb: verb('run'), ...made }).map(allowed) },
    { weight: 8, arbitrary: fc.record({ verb: verb('start'), name }) },
    { weight: 3, arbitrary: fc.record({ verb: fc.constantFrom('pause', 'unpause'), name }) },
    { weight: 4, arbitrary: fc.record({ verb: fc.constantFrom('logs', 'attach'), name }) },
    { weight: 1, arbitrary: fc.record({ verb: verb('leave'), name }) },
    { weight: 4, arbitrary: fc.record({ verb: fc.constantFrom('stop', 'restart'), name, timeout: fc.constantFrom(0, 1) }) },
    { weight: 3, arbitrary: fc.record({ verb: verb('kill'), name, signal: fc.constantFrom('', 'TERM', 'HUP', 'CHLD', 'KILL') }) },
    {
      weight: 4,
      arbitrary: fc.record({
        verb: verb('exec'),
        name,
        program: fc.constantFrom('sleeps', 'ends', 'talks'),
        detach: fc.boolean(),
        start: fc.boolean(),
      }),
    },
    { weight: 2, arbitrary: fc.record({ verb: verb('rename'), name, to: name }) },
    {
      weight: 2,
      arbitrary: fc.record({
        verb: verb('update'),
        name,
        memory: fc.constantFrom(0, 32 * 2 ** 20),
        restart: fc.constantFrom('', 'no', 'always', 'on-failure'),
      }),
    },
    { weight: 4, arbitrary: fc.record({ verb: verb('remove'), name, force: fc.boolean() }) },
    { weight: 3, arbitrary: fc.record({ verb: verb('wait'), name, condition: fc.constantFrom('not-running', 'next-exit', 'removed') }) },
    { weight: 1, arbitrary: fc.record({ verb: verb('prune') }) },
    {
      weight: 4,
      arbitrary: fc.record({
        verb: fc.constantFrom('connect', 'disconnect'),
        name,
        network: fc.constantFrom<NetworkName[]>('bridge', 'red', 'blue', 'host', 'none'),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        verb: fc.constantFrom('network-create', 'network-create', 'network-remove'),
        network: fc.constantFrom<UserNetwork[]>('red', 'red', 'blue'),
      }),
    },
    { weight: 3, arbitrary: fc.record({ verb: verb('save') }) },
  ];
}

/** What only a host in memory can be made to do. */
const inMemory: fc.WeightedArbitrary<Operation>[] = [
  { weight: 3, arbitrary: fc.record({ verb: verb('pass'), milliseconds: fc.constantFrom(50, 100, 2500, 15_000, 120_000) }) },
  { weight: 3, arbitrary: fc.record({ verb: verb('end'), name, how: fc.constantFrom('exit', 'oom', 'lost') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      verb: verb('fail'),
      call: fc.constantFrom('start', 'exec', 'remove', 'update', 'freeze', 'createBridge', 'signal', 'addEndpoint', 'removeEndpoint'),
    }),
  },
];

/** Back to now, to the last save and those before it. */
const restores = (where: StepOptions['where']): fc.Arbitrary<Operation> =>
  fc.record({
    verb: verb('restore'),
    back: fc.constantFrom(0, 1, 1, 2, 3),
    how: where === 'memory' ? fc.constantFrom('kept', 'kept', 'lost') : fc.constant<'kept'>('kept'),
  });

export interface StepOptions {
  readonly where: 'memory' | 'guest';
  readonly programs: readonly ProgramName[];
  readonly steps: number;
}

/** Sequences of steps; several at once in every third. */
export function sequences({ where, programs, steps }: StepOptions): fc.Arbitrary<Iterable<fc.AsyncCommand<object, Scenario>>> {
  const operation = fc.oneof(...everywhere(programs), ...(where === 'memory' ? inMemory : []));
  const alone = fc.oneof({ weight: 30, arbitrary: operation }, { weight: where === 'memory' ? 3 : 2, arbitrary: restores(where) });
  // Several at once are all about one container: that is where they meet.
  const crowd = fc
    .tuple(name, fc.array(alone, { minLength: 2, maxLength: 4 }))
    .map(([one, all]) => all.map((other): Operation => ('name' in other ? { ...other, name: one } : other)));
  const single = alone.map((one) => new Step([one]));
  return fc.commands([single, single, crowd.map((all) => new Step(all))], { maxCommands: steps, size: 'max' });
}

/** The end of every sequence: when all containers are removed nothing is left of them, and their names are free. */
export async function cleanUp(scenario: Scenario): Promise<void> {
  for (const one of scenario.names) {
    // A failure that was asked for may strike here, once.
    for (let tries = 0; tries < 3 && (await scenario.look(one)) !== null; tries += 1)
      await scenario.host.done(perform(scenario, { verb: 'remove', name: one, force: true }));
  }
  await scenario.host.settle();
  const problems = [...(await lastingContradictions(scenario))];
  for (const one of scenario.names) {
    const free = { verb: 'create', name: one, program: 'ends', autoRemove: false, restart: '', network: 'none', tty: false } as const;
    if ((await perform(scenario, free)) !== 'ok') problems.push(`the name ${one} is not free`);
    else await perform(scenario, { verb: 'remove', name: one, force: false });
  }
  for (const network of ['red', 'blue'] as const)
    for (let tries = 0; tries < 3 && (await perform(scenario, { verb: 'network-remove', network })) === 'internal'; tries += 1);
  const { processes, cgroups, overlays, folders, interfaces, bridges, views } = await scenario.host.state();
  const left = [
    ...processes.keys(),
    ...cgroups,
    ...overlays,
    ...folders,
    ...views,
    ...[...bridges].filter((bridge) => bridge !== 'docker0'),
  ];
  scenario.forgetSaves();
  if (left.length > 0 || interfaces > 0) problems.push(`left: ${left.join(' ')}, ${interfaces} interfaces`);
  if (problems.length > 0) throw new Error(`after everything was removed: ${problems.join('; ')}`);
}
