import { describe, expect, test } from 'vitest';
import { AppError, toAppError } from '../../../base/errors.ts';
import { readDockerfile } from '../../../grammar/dockerfile/stages.ts';
import { containerConfigSchema } from '../../../protocol/engine-api.ts';
import { readCases, readRecorded, type Case } from '../../../../test/conformance/dockerfiles/read-cases.ts';
import type { BaseImage, BuildPlan, PlanOptions, ResolveBase } from './model.ts';
import { planBuild } from './plan.ts';

const amd64 = { os: 'linux', architecture: 'amd64' };
const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const busybox: BaseImage = {
  config: containerConfigSchema.parse({ Env: [path], Cmd: ['sh'] }),
  history: [{ created_by: 'the base' }],
  platform: amd64,
};

/** The one image that the recorded engine had. */
const resolveBase: ResolveBase = (reference, { architecture }) => {
  if (reference === 'docker.io/library/busybox:latest' && architecture === 'amd64') return Promise.resolve(busybox);
  return Promise.reject(new AppError('not_found', `failed to resolve source metadata for ${reference}`));
};

function valuesOf(options: readonly string[], flag: string): readonly string[] {
  return options.flatMap((option, index) => (option === flag ? [options[index + 1] ?? ''] : []));
}

function pairsOf(options: readonly string[], flag: string): ReadonlyMap<string, string> {
  return new Map(valuesOf(options, flag).map((pair) => [pair.replace(/=.*/, ''), pair.replace(/^[^=]*=/, '')]));
}

function optionsOf(options: readonly string[]): PlanOptions {
  return {
    buildArgs: pairsOf(options, '--build-arg'),
    target: valuesOf(options, '--target')[0] ?? '',
    buildPlatform: amd64,
    targetPlatform: amd64,
    labels: pairsOf(options, '--label'),
    uncached: [],
    contexts: new Map(),
  };
}

async function outcome(
  { text, options }: Case,
  more: Partial<PlanOptions> = {},
): Promise<{ readonly plan: BuildPlan } | { readonly error: AppError }> {
  try {
    return { plan: await planBuild(readDockerfile(text), { ...optionsOf(options), ...more }, resolveBase) };
  } catch (thrown) {
    return { error: toAppError(thrown) };
  }
}

const recorded = readRecorded();
const cases = readCases().map((each) => ({ ...each, said: recorded.get(each.name) ?? {} }));

/** What is only known once files are read and programs run, or of what an engine allows. */
const later = /^(failed to compute cache key|lstat |process "|secret a: not found|failed to load LLB: network.host)/;
/** Dockerfile 1.20 knows the flag; Docker 28.5 has an older one in it. */
const newer = new Set(['COPY of parents without the flag']);

const refused = cases.filter(({ name, said }) => said.error !== undefined && !later.test(said.error) && !newer.has(name));
const accepted = cases.filter(({ said }) => said.error === undefined);

/** In one order: that of the ports is another in each run of BuildKit's. */
function sorted(line: string): string {
  return line.startsWith('EXPOSE [') ? `EXPOSE [${line.slice(8, -1).split(' ').sort().join(' ')}]` : line;
}

/** Nothing, in whatever way it is said. */
function said(config: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const isSaid = ([, value]: readonly [string, unknown]): boolean =>
    Boolean(value) && !(typeof value === 'object' && value !== null && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(config).filter(isSaid));
}

test('most cases are compared', () => {
  expect(refused.length).toBeGreaterThan(120);
  expect(accepted.length).toBeGreaterThan(150);
});

describe('a Dockerfile that BuildKit refuses is refused in its words, at its line', () => {
  test.each(refused)('$name', async ({ said: { error, lines = [] }, ...each }) => {
    const found = await outcome(each);
    expect('error' in found ? found.error.message : 'a plan').toBe(error);
    // It points at the line before a second directive.
    if ('error' in found && lines.length > 0 && !/^only one/.test(error ?? '')) expect(lines).toContain(found.error.detail.line);
  });
});

describe('a Dockerfile that BuildKit builds is planned: configuration, history, layers and steps', () => {
  test.each(accepted)('$name', async ({ said: { config = {}, history = [], layers, steps }, ...each }) => {
    const found = await outcome(each);
    if ('error' in found) throw found.error;
    const { stages, target } = found.plan;
    expect(said(target.config)).toEqual(said(config));
    const lines = target.history.filter(({ created_by }) => created_by !== 'the base').map(({ created_by = '' }) => sorted(created_by));
    // The recorder takes the oldest line and a layer for the base's.
    const missing = each.text.startsWith('FROM scratch') ? 1 : 0;
    expect(lines.reverse().slice(0, lines.length - missing)).toEqual(history.map(sorted));
    const made = target.history.filter(({ comment, empty_layer }) => comment !== undefined && empty_layer !== true).length;
    if (layers !== undefined) expect(made - missing).toBe(layers);
    if (steps === undefined) return;
    const names = stages.flatMap((stage) => [...(stage.fromName === null ? [] : [stage.fromName]), ...stage.steps.map(({ name }) => name)]);
    // What an image that is only read begins with is not shown where only its files are asked for.
    expect(names.filter((name) => !name.includes('] FROM')).sort()).toEqual(steps.filter((name) => !name.includes('] FROM')));
    expect(names).toEqual(expect.arrayContaining([...steps]));
  });
});

const checked = cases.filter(({ said: { error, warnings } }) => error === undefined && warnings !== undefined);

/** As BuildKit gives them: in any order, the lines of one that is on several of them. */
function inOrder(
  warnings: readonly { readonly rule: string; readonly detail: string; readonly lines: readonly number[] }[],
): readonly string[] {
  return warnings.map(({ rule, detail, lines }) => `${lines[0] ?? 0}-${lines.at(-1) ?? 0} ${rule}: ${detail}`).sort();
}

describe("what BuildKit's checks say of a Dockerfile is said, at its lines", () => {
  test.each(checked)('$name', async ({ said: { warnings = [] }, ...each }) => {
    const found = await outcome(each, { everyStage: true });
    // What is wrong in a stage that nobody needs is a check's to refuse.
    if ('error' in found) return void expect([each.name, warnings]).toEqual([expect.stringMatching(/^an unused stage/), []]);
    const own = found.plan.warnings.map(({ rule, detail, lines: { start, end } }) => ({ rule, detail, lines: [start, end] }));
    expect(inOrder(own)).toEqual(inOrder(warnings));
  });
});

function plan(text: string, options: Partial<PlanOptions> = {}): Promise<BuildPlan> {
  return planBuild(readDockerfile(text), { ...optionsOf([]), ...options }, resolveBase);
}

test('a heredoc of COPY is a file with its variables put in, unless its name has quotes', async () => {
  const { target } = await plan(`FROM busybox\nENV V=v\nWORKDIR /w\nCOPY <<A <<-'B' ./\n"$V" \\$V\nA\n\t$V\nB\n`);
  const files = [
    { path: 'A', content: '"v" $V\n' },
    { path: 'B', content: '$V\n' },
  ];
  expect(target.steps[1]).toMatchObject({ kind: 'copy', from: { kind: 'local' }, sources: [], files, destination: '/w/' });
});

test('a step knows what it runs with: variables, user, folder, mounts and where they read', async () => {
  const text = [
    'FROM busybox AS one',
    'FROM busybox',
    'ARG A=1',
    'USER me',
    'WORKDIR /w',
    'RUN --mount=from=one,target=t --mount=type=cache,target=/c --mount=type=ssh --mount=type=secret,id=s,env=A echo $A',
  ];
  const { target, stages } = await plan(text.join('\n'));
  const mounts = [
    { type: 'bind', target: '/w/t', source: '/', isReadOnly: true, from: { kind: 'stage', stage: stages[0] } },
    { type: 'cache', target: '/c', id: '/c', sharing: 'shared', from: { kind: 'scratch' } },
    { type: 'secret', id: 's', variable: 'A', target: null },
  ];
  const step = { arguments: ['/bin/sh', '-c', 'echo $A'], environment: [path, 'A=1'], user: 'me', folder: '/w', mounts, isCached: true };
  expect(target.steps[1]).toMatchObject({ ...step, lines: { start: 6, end: 6 } });
  expect(target.steps[1]?.name).toMatch(/ echo \*\*\*\*$/);
  expect(target.needs).toEqual([stages[0]]);
});

test('a named context stands for an image or a stage of its name', async () => {
  const contexts = new Map([
    ['alpine', 'docker-image://busybox'],
    ['one', 'local:one'],
  ]);
  const { stages, target } = await plan('FROM nosuch AS one\nFROM alpine:latest\nCOPY --from=one a b', { contexts });
  expect(stages.map(({ from }) => from)).toMatchObject([
    { kind: 'context', name: 'one', value: 'local:one' },
    { kind: 'image', reference: 'docker.io/library/busybox:latest' },
  ]);
  expect(stages.map(({ fromName }) => fromName)).toEqual(['[context one] load from client', '[context alpine] busybox']);
  expect(target.steps).toMatchObject([{ from: { kind: 'stage', stage: { name: 'one' } } }]);
});

test('of stages without a cache no RUN or COPY is taken from it', async () => {
  const text = 'FROM busybox AS one\nRUN true\nFROM one AS two\nRUN true\nWORKDIR /w';
  const cached = async (uncached: PlanOptions['uncached']): Promise<readonly boolean[]> =>
    (await plan(text, { uncached })).stages.flatMap(({ steps }) => steps.map(({ isCached }) => isCached));
  expect([await cached([]), await cached(['TWO']), await cached('all')]).toEqual([
    [true, true, true],
    [true, false, true],
    [false, false, true],
  ]);
});

test('build args that no ARG asked for are named, those of a proxy are not', async () => {
  const buildArgs = new Map([
    ['B', '1'],
    ['A', '1'],
    ['HTTP_PROXY', 'x'],
  ]);
  expect((await plan('FROM busybox\nARG A', { buildArgs })).unusedArguments).toEqual(['B']);
});

test('variables that grow with each line are refused before they fill the memory', async () => {
  const text = ['FROM busybox', 'ENV A=aaaaaaaaaaaaaaaa', ...Array.from({ length: 40 }, () => 'ENV A=$A$A')].join('\n');
  await expect(plan(text)).rejects.toThrow('what the variables of the Dockerfile grow to is too large');
});

test('a variable in other letters is not what was meant', async () => {
  const { warnings } = await plan('FROM busybox\nENV FOO=1\nLABEL a=$foo b=$FOOO');
  const details = ["Usage of undefined variable '$foo'", "Usage of undefined variable '$FOOO' (did you mean $FOO?)"];
  expect(warnings.map(({ detail }) => detail)).toEqual(details);
});

test('what .dockerignore leaves out is no source, where that check is asked for', async () => {
  const text = '# check=experimental=CopyIgnoredFile\nFROM busybox\nCOPY foo ./foo/ bar /x/\nADD foo https://www.example.org/foo /y/';
  const { warnings } = await plan(text, { isLeftOut: (path) => path === 'foo' });
  const said = (verb: string): string => `Attempting to ${verb} file "foo" that is excluded by .dockerignore`;
  expect(warnings.map(({ detail }) => detail)).toEqual([said('Copy'), said('Copy'), said('Add')]);
});

test('a stage that nobody needs is looked at by a check alone', async () => {
  const text = 'FROM busybox AS one\nENV X 1\nFROM busybox';
  const rules = async (everyStage: boolean): Promise<readonly string[]> =>
    (await plan(text, { everyStage })).warnings.map(({ rule }) => rule);
  expect([await rules(false), await rules(true)]).toEqual([[], ['LegacyKeyValueFormat']]);
});
