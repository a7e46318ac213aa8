import { describe, expect, test } from 'vitest';
import { fromUtf8 } from '../../base/bytes.ts';
import { AppError } from '../../base/errors.ts';
import type { TutorialProgress } from '../../protocol/tutorial.ts';
import { loadTutorials } from '../load/load-tutorial.ts';
import { FakeSource } from '../testing/fake-source.ts';
import { containerFact, hex } from '../testing/facts.ts';
import { createManualClock, type ManualClock } from '../testing/manual-clock.ts';
import { TutorialSession } from './session.ts';
import type { StepView } from './state.ts';

const manifest = (steps: readonly string[], setup = '[]'): string => `
id: t
version: 4
title: T
summary: T.
learned: [It works.]
track: use
level: 1
minutes: 5
needs: []
requires: [engine]
images: [nginx]
setup: ${setup}
vars: { WORD: { pick: [a, b] } }
terminals: 2
steps: [${steps.join(', ')}]
`;
const step = (id: string, rest: string): string =>
  `---\nid: ${id}\ntitle: ${id}\nkind: ${rest.startsWith('question') ? 'answer' : 'look'}\n${rest}\n---\nText of ${id}.\n`;
const run = 'solution: [{ run: docker ps, caption: Look. }]';
const dies = (name: string): string => `check: { event: { type: container, action: die, name: ${name} } }\n${run}`;

interface Bed {
  readonly session: TutorialSession;
  readonly source: FakeSource;
  readonly clock: ManualClock;
  readonly typed: string[];
  readonly prompts: (() => void)[];
  /** Terminals asked for. */
  readonly terminals: Set<number>;
}

async function open(
  steps: Readonly<Record<string, string>>,
  options: { progress?: TutorialProgress; seed?: string; files?: Readonly<Record<string, string>>; start?: boolean; setup?: string } = {},
): Promise<Bed> {
  const ids = Object.keys(steps);
  const texts = Object.fromEntries(ids.map((id, index) => [`t/steps/${index + 10}-${id}.md`, step(id, steps[id] ?? '')]));
  const { tutorials, broken } = loadTutorials({ 't/tutorial.yaml': manifest(ids, options.setup), ...texts, ...options.files });
  expect(broken).toEqual([]);
  const tutorial = tutorials[0]?.tutorial;
  if (tutorial === undefined) throw new Error('no tutorial');
  const source = new FakeSource();
  const clock = createManualClock();
  const typed: string[] = [];
  const prompts: (() => void)[] = [];
  const terminals = new Set<number>();
  const terminal = (index: number) => ({
    write: (keys: string) => Promise.resolve(void typed.push(index === 1 ? keys : `${index}:${keys}`)),
    untilPrompt: (signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        prompts.push(resolve);
        signal.addEventListener('abort', () => reject(new AppError('cancelled', 'aborted')), { once: true });
      }),
  });
  const session = new TutorialSession({
    tutorial,
    facts: source,
    guest: source,
    terminal: (index) => {
      terminals.add(index);
      return terminal(index);
    },
    clock,
    seed: options.seed ?? 'x',
    ...(options.progress === undefined ? {} : { progress: options.progress }),
  });
  if (options.start !== false) await session.start();
  return { session, source, clock, typed, prompts, terminals };
}

const app = '- { create: { name: app, image: nginx, command: ["${WORD}"] } }';
const setup = `setup:\n  ${app}\n  - { start: app }`;

const statesOf = (session: TutorialSession): string => session.state.steps.map(({ state }: StepView) => state).join(' ');

describe('the way through the steps', () => {
  test('begins at the first step, the others being locked', async () => {
    const { session } = await open({ one: dies('a'), two: dies('b') });
    expect(statesOf(session)).toBe('active locked');
    expect(session.state.current).toMatchObject({
      id: 'one',
      sentence: 'No container a has ended since this step began.',
      hint: null,
      problem: null,
      failure: null,
    });
  });

  test('passing announces itself, opens the next step and waits to be left', async () => {
    const { session, source, clock } = await open({ one: dies('a'), two: dies('b') });
    const seen: string[] = [];
    session.changed(({ steps }) => seen.push(steps.map(({ state }) => state).join(' ')));
    source.happen('die', 'a');
    await clock.pass(0);
    expect(statesOf(session)).toBe('passed ready');
    expect(seen.at(-1)).toBe('passed ready');
    expect(session.state.current).toMatchObject({ id: 'one', leaves: [{ ok: true }] });
    await session.next();
    expect(statesOf(session)).toBe('done active');
    await expect(session.enter('one')).rejects.toMatchObject({ kind: 'conflict', detail: { from: 'done', to: 'active' } });
  });

  test('what happened before a step was entered does not count', async () => {
    const { session, source, clock } = await open({ one: dies('a'), two: dies('b') });
    source.happen('die', 'b');
    source.happen('die', 'a');
    await clock.pass(0);
    await session.next();
    expect(statesOf(session)).toBe('done active');
    source.happen('die', 'b');
    await clock.pass(0);
    expect(statesOf(session)).toBe('done passed');
    expect(session.state.finished).toBe(true);
    await session.next();
    expect(session.state.current).toBeNull();
    expect(statesOf(session)).toBe('done done');
  });

  test('steps that need nothing are ready, and leaving one makes it ready again', async () => {
    const { session } = await open({ one: dies('a'), two: `needs: []\n${dies('b')}` });
    expect(statesOf(session)).toBe('active ready');
    await session.enter('two');
    expect(statesOf(session)).toBe('ready active');
    session.leave();
    expect(statesOf(session)).toBe('ready ready');
    expect(session.state.current).toBeNull();
    await expect(session.next()).rejects.toMatchObject({ kind: 'conflict' });
  });

  test('locked and unknown steps cannot be entered, nor can an active one be finished', async () => {
    const { session } = await open({ one: dies('a'), two: dies('b') });
    await expect(session.enter('two')).rejects.toMatchObject({ kind: 'conflict', detail: { from: 'locked', to: 'active' } });
    await expect(session.enter('three')).rejects.toMatchObject({ kind: 'not_found' });
    await expect(session.next()).rejects.toMatchObject({ kind: 'conflict', detail: { from: 'active', to: 'done' } });
    expect(statesOf(session)).toBe('active locked');
  });

  test('of two entries at once the later one counts', async () => {
    const { session } = await open({ one: dies('a'), two: `needs: []\n${dies('b')}`, three: `needs: []\n${dies('c')}` });
    await Promise.all([session.enter('two'), session.enter('three')]);
    expect(statesOf(session)).toBe('ready ready active');
  });

  test('progress is data that a later session goes on from', async () => {
    const { session, source, clock } = await open({ one: dies('a'), two: dies('b'), three: dies('c') });
    source.happen('die', 'a');
    await clock.pass(0);
    await session.next();
    const progress = session.progress();
    expect(progress).toEqual({ tutorial: 't', version: 4, seed: 'x', steps: { one: 'done' } });
    const again = await open({ one: dies('a'), two: dies('b'), three: dies('c') }, { progress });
    expect(statesOf(again.session)).toBe('done active locked');
    const other = await open({ one: dies('a'), two: dies('b') }, { progress: { ...progress, tutorial: 'another' } });
    expect(statesOf(other.session)).toBe('active locked');
  });
});

describe('looks at the facts', () => {
  const running = `check: { container: { name: web, state: running } }\n${run}`;

  test('a level leaf and an edge leaf must hold together', async () => {
    const { session, source, clock } = await open({
      one: `check: { all: [{ event: { type: container, action: die, name: a } }, { container: { name: web, state: running } }] }\n${run}`,
    });
    source.happen('die', 'a');
    await clock.pass(0);
    source.containers = [containerFact({ state: 'exited' })];
    await session.look();
    expect(statesOf(session)).toBe('active');
    expect(session.state.current?.leaves.map(({ ok }) => ok)).toEqual([true, false]);
    source.containers = [containerFact()];
    source.happen('start');
    await clock.pass(0);
    expect(statesOf(session)).toBe('passed');
  });

  test('passing is terminal', async () => {
    const { session, source, clock } = await open({ one: running });
    source.containers = [containerFact()];
    await session.look();
    expect(statesOf(session)).toBe('passed');
    source.containers = [];
    source.happen('destroy');
    await clock.pass(1000);
    expect(statesOf(session)).toBe('passed');
    expect(session.state.current?.leaves[0]?.ok).toBe(true);
  });

  test('what must hold for a time is looked at again when the time is over', async () => {
    const { session, source, clock } = await open({ one: `check: { container: { name: web, state: running, for: 2s } }\n${run}` });
    source.containers = [containerFact()];
    source.happen('start');
    await clock.pass(1999);
    expect(statesOf(session)).toBe('active');
    await clock.pass(1);
    expect(statesOf(session)).toBe('passed');
  });

  test('entries that the subscription has not brought yet are fetched', async () => {
    const { session, source } = await open({ one: dies('a') });
    source.mute = true;
    source.happen('die', 'a');
    await session.look();
    expect(statesOf(session)).toBe('passed');
  });

  test('nothing is asked while nothing happens, unless a file or the kernel has to be watched', async () => {
    const events = await open({ one: dies('a') });
    const before = events.source.calls['snapshot'];
    await events.clock.pass(10_000);
    expect(events.source.calls['snapshot']).toBe(before);

    const files = await open({ one: `check: { file: { in: guest, path: /lab/a, content: x } }\n${run}` });
    const asked = files.source.calls['inspectGuest'] ?? 0;
    await files.clock.pass(2000);
    expect(files.source.calls['inspectGuest']).toBe(asked + 4);
    files.session.setVisible(false);
    await files.clock.pass(500);
    const hidden = files.source.calls['inspectGuest'] ?? 0;
    await files.clock.pass(5000);
    expect(files.source.calls['inspectGuest']).toBe(hidden);
    files.source.files = { 'guest:/lab/a': 'x\n' };
    files.session.setVisible(true);
    await files.clock.pass(0);
    expect(statesOf(files.session)).toBe('passed');
  });

  test('a look that fails is told and tried again', async () => {
    const { session, source, clock } = await open({ one: running });
    source.containers = [containerFact()];
    source.failure = new AppError('unavailable', 'the guest is starting');
    await session.look();
    expect(session.state.current).toMatchObject({ failure: 'the guest is starting' });
    expect(statesOf(session)).toBe('active');
    await clock.pass(500);
    expect(session.state.current).toMatchObject({ failure: null });
    expect(statesOf(session)).toBe('passed');
  });

  test('many events make few looks', async () => {
    const { source, clock } = await open({ one: dies('a') });
    const before = source.calls['snapshot'] ?? 0;
    for (let index = 0; index < 100; index += 1) source.happen('start', 'b');
    await clock.pass(0);
    expect((source.calls['snapshot'] ?? 0) - before).toBeLessThanOrEqual(2);
  });

  test('without what it builds on a step says so and cannot pass', async () => {
    const gone = `was: { container: { name: web } }\ncheck: { not: { container: { name: web } } }\n${run}`;
    const { session, source } = await open({ one: gone });
    expect(session.state.current?.problem).toBe('There is no container web. This step builds on it.');
    expect(statesOf(session)).toBe('active');
    source.containers = [containerFact()];
    await session.look();
    expect(session.state.current?.problem).toBeNull();
    source.containers = [];
    await session.look();
    expect(statesOf(session)).toBe('passed');
  });
});

test('a step of which what it needs was removed says which step makes it, and goes on when it is there again', async () => {
  const { session, source, clock } = await open({
    one: `check: { container: { name: web, state: running } }\n${run}`,
    two: `was: { container: { name: web, state: running } }\n${dies('a')}`,
  });
  source.containers = [containerFact()];
  await session.look();
  source.containers = [];
  await session.next();
  source.happen('die', 'a');
  await clock.pass(0);
  expect(session.state.current?.problem).toBe('There is no container web. This step builds on it: do once more what “one” asks for.');
  expect(statesOf(session)).toBe('done active');
  source.containers = [containerFact({ id: hex('another') })];
  await session.look();
  expect(statesOf(session)).toBe('done passed');
});

test('programs executed in the guest are watched while a tutorial asks for them', async () => {
  const asks = await open({ one: `check: { all: [{ exec: { argv: [ps] } }] }\n${run}` });
  expect(asks.source.watching).toBe(true);
  asks.session.dispose();
  expect(asks.source.watching).toBe(false);
  expect((await open({ one: dies('a') })).source.watching).toBe(false);
});

describe('hints', () => {
  test('none is pushed forward before the learner did anything, and then at once', async () => {
    const hints = 'hints: { here: { when: { image: { name: nginx } }, say: It is here. } }';
    const { session, clock } = await open({ one: `${hints}\ncheck: { container: { name: web } }\n${run}` });
    await clock.pass(60_000);
    await session.look();
    expect(session.state.current).toMatchObject({ hint: null, begun: false });
    session.touch();
    await session.look();
    expect(session.state.current).toMatchObject({ hint: { id: 'here' }, begun: true });
  });

  test('follow the facts, then the time', async () => {
    const hints = 'hints: { another: { when: { container: { name: wep } }, say: Another name. }, later: { after: 60s, say: Later. } }';
    const { session, source, clock } = await open({ one: `${hints}\ncheck: { container: { name: web } }\n${run}` });
    expect(session.state.current?.hint).toBeNull();
    source.containers = [containerFact({ name: 'wep' })];
    source.happen('create', 'wep');
    await session.look();
    expect(session.state.current?.hint).toEqual({ id: 'another', say: 'Another name.' });
    source.containers = [];
    await session.look();
    expect(session.state.current?.hint).toBeNull();
    await clock.pass(60_000);
    expect(session.state.current?.hint).toEqual({ id: 'later', say: 'Later.' });
  });
});

describe('answers', () => {
  const asks = `question: { label: Which id? }
check: { all: [{ event: { type: container, action: die } }, { answer: { prefix-of: { container: web, field: id } } }] }
solution: [{ answer: { fact: { container: web, field: id } } }]`;

  test('are compared with facts, and a right one stays right', async () => {
    const { session, source, clock } = await open({ one: asks });
    source.containers = [containerFact()];
    expect(await session.answer('0000')).toEqual({ ok: false, sentence: '0000 is not the beginning of the id of web.' });
    expect(await session.answer(` ${hex('web').slice(0, 6)} `)).toMatchObject({ ok: true });
    expect(await session.answer('0000')).toMatchObject({ ok: true });
    expect(statesOf(session)).toBe('active');
    source.happen('die');
    await clock.pass(0);
    expect(statesOf(session)).toBe('passed');
  });

  test('are only taken where something is asked', async () => {
    const { session } = await open({ one: dies('a') });
    await expect(session.answer('x')).rejects.toMatchObject({ kind: 'conflict' });
  });

  test('are given by show me from the fact', async () => {
    const { session, source, terminals } = await open({ one: asks });
    source.containers = [containerFact()];
    source.happen('die');
    expect(await session.showMe({ reducedMotion: true })).toBe('shown');
    expect(session.state.current?.answer).toBe(hex('web'));
    expect(terminals.size, 'nothing was typed, so no terminal was opened').toBe(0);
    expect(statesOf(session)).toBe('shown');
  });
});

describe('show me', () => {
  test('types the solution with captions and makes the step shown', async () => {
    const { session, source, clock, typed, prompts } = await open({ one: dies('a'), two: dies('b') });
    const captions: (string | undefined)[] = [];
    session.changed(({ showing }) => captions.push(showing?.caption));
    const shown = session.showMe();
    await clock.pass(5 * 40 - 1);
    expect(typed).toEqual([]);
    await clock.pass(5000);
    expect(typed.join('')).toBe('docker ps\r');
    expect(typed).toHaveLength(10);
    source.happen('die', 'a');
    await clock.pass(0);
    expect(statesOf(session)).toBe('shown ready');
    prompts[0]?.();
    expect(await shown).toBe('shown');
    expect(captions).toContain('Look.');
    expect(session.state.showing).toBeNull();
  });

  test('what was shown can be tried, and then passes', async () => {
    const { session, source, clock, prompts } = await open({ one: dies('a') });
    const shown = session.showMe({ reducedMotion: true });
    await clock.pass(0);
    prompts[0]?.();
    source.happen('die', 'a');
    await clock.pass(0);
    await shown;
    expect(statesOf(session)).toBe('shown');
    await session.enter('one');
    expect(statesOf(session)).toBe('active');
    source.happen('die', 'a');
    await clock.pass(0);
    expect(statesOf(session)).toBe('passed');
  });

  test('what was shown stays shown when it is left, and counts as shown until the learner does it', async () => {
    const { session, source, clock, prompts } = await open({ one: dies('a'), two: dies('b') });
    const outcomes = (): string => session.state.steps.map(({ outcome }) => outcome).join(' ');
    const shown = session.showMe({ reducedMotion: true });
    await clock.pass(0);
    prompts[0]?.();
    source.happen('die', 'a');
    await shown;
    await session.next();
    expect([statesOf(session), outcomes()]).toEqual(['shown active', 'shown open']);
    await session.enter('one');
    expect([statesOf(session), outcomes()]).toEqual(['active ready', 'shown open']);
    expect(session.progress().steps).toEqual({ one: 'shown' });
    await session.enter('two');
    expect([statesOf(session), outcomes()]).toEqual(['shown active', 'shown open']);
    source.happen('die', 'b');
    await clock.pass(0);
    expect([session.state.finished, outcomes()]).toEqual([true, 'shown done']);
    await session.enter('one');
    source.happen('die', 'a');
    await clock.pass(0);
    expect(outcomes()).toBe('done done');
  });

  test('a solution that does not do what is asked says so, and the step is still the learner’s to pass', async () => {
    const { session, source, clock, prompts } = await open({ one: dies('a') });
    const shown = session.showMe({ reducedMotion: true });
    const told = expect(shown).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining('All was typed, but the step is not done. No container'),
    });
    await clock.pass(0);
    prompts[0]?.();
    await clock.pass(15_000);
    await told;
    expect(statesOf(session)).toBe('active');
    expect(session.state.showing).toBeNull();
    prompts[1]?.();
    await clock.pass(0);
    session.lineEntered();
    source.happen('die', 'a');
    await clock.pass(0);
    expect(statesOf(session)).toBe('passed');
  });

  test.each([
    ['{ container: { name: web, state: running, for: 2s } }', containerFact({ startedAt: '2026-01-01T01:00:00Z' })],
    ['{ container: { name: web, state: running } }', containerFact({ id: hex('another') })],
  ])('what show me left behind does not pass %s when it is tried', async (check, anew) => {
    const { session, source, clock, prompts } = await open({ one: `check: ${check}\n${run}` });
    const shown = session.showMe({ reducedMotion: true });
    source.containers = [containerFact()];
    await clock.pass(0);
    prompts[0]?.();
    await clock.pass(2000);
    await shown;
    expect(statesOf(session)).toBe('shown');
    await session.enter('one');
    await clock.pass(5000);
    expect(statesOf(session)).toBe('active');
    expect(session.state.current?.problem).toBe('What was shown to you is still there. Remove it, then do it yourself.');
    source.containers = [anew];
    source.happen('start');
    await clock.pass(2000);
    expect(statesOf(session)).toBe('passed');
  });

  test('with reduced motion a line is written whole', async () => {
    const { session, source, clock, typed, prompts } = await open({ one: dies('a') });
    const shown = session.showMe({ reducedMotion: true });
    await clock.pass(0);
    expect(typed).toEqual(['docker ps\r']);
    prompts[0]?.();
    source.happen('die', 'a');
    expect(await shown).toBe('shown');
  });

  test('is interrupted by its signal, and the learner can pass the step on their own', async () => {
    const { session, source, clock, typed, prompts } = await open({ one: dies('a') });
    const abort = new AbortController();
    const shown = session.showMe({ signal: abort.signal });
    await clock.pass(400);
    abort.abort();
    expect(await shown).toBe('interrupted');
    const written = typed.length;
    await clock.pass(5000);
    expect(typed).toHaveLength(written);
    expect(session.state.showing).toBeNull();
    prompts[0]?.();
    await clock.pass(0);
    session.lineEntered();
    source.happen('die', 'a');
    await clock.pass(0);
    expect(statesOf(session)).toBe('passed');
  });

  test('interrupted before it did anything, it leaves the step to the learner', async () => {
    const { session, source, clock } = await open({ one: dies('a') });
    const abort = new AbortController();
    const shown = session.showMe({ signal: abort.signal });
    await clock.pass(10);
    abort.abort();
    await shown;
    source.happen('die', 'a');
    await clock.pass(0);
    expect(statesOf(session)).toBe('passed');
  });

  describe('interrupted after its last Enter', () => {
    async function interrupted(steps: Readonly<Record<string, string>>): Promise<Bed> {
      const bed = await open(steps);
      const abort = new AbortController();
      const shown = bed.session.showMe({ signal: abort.signal, reducedMotion: true });
      await bed.clock.pass(0);
      expect(bed.typed).toEqual(['docker ps\r']);
      abort.abort();
      expect(await shown).toBe('interrupted');
      return bed;
    }

    test('what its command does is shown, not done', async () => {
      const { session, source, clock } = await interrupted({ one: dies('a') });
      source.happen('die', 'a');
      await clock.pass(0);
      expect(statesOf(session)).toBe('shown');
    });

    test('Enter while its command runs is no line of the learner’s own', async () => {
      const { session, source, clock } = await interrupted({ one: dies('a') });
      session.lineEntered();
      source.happen('die', 'a');
      await clock.pass(0);
      expect(statesOf(session)).toBe('shown');
    });

    test('nor does a step that is left and entered again while it runs count as done', async () => {
      const { session, source, clock } = await interrupted({ one: dies('a') });
      session.leave();
      await session.enter('one');
      source.happen('die', 'a');
      await clock.pass(0);
      expect(statesOf(session)).toBe('shown');
    });

    test('what is there when its command is over does not pass the step that is entered again', async () => {
      const { session, source, clock, prompts } = await interrupted({ one: `check: { container: { name: web, state: running } }\n${run}` });
      session.leave();
      source.containers = [containerFact()];
      prompts[1]?.();
      await clock.pass(0);
      await session.enter('one');
      expect(statesOf(session)).toBe('active');
      expect(session.state.current?.problem).toBe('What was shown to you is still there. Remove it, then do it yourself.');
    });

    test('a line of the learner’s own after it begins the step anew', async () => {
      const both =
        'check: { all: [{ event: { type: container, action: die, name: a } }, { event: { type: container, action: die, name: b } }] }';
      const { session, source, clock, prompts } = await interrupted({ one: `${both}\n${run}` });
      source.happen('die', 'a');
      prompts[1]?.();
      await clock.pass(0);
      expect(session.state.current?.leaves.map(({ ok }) => ok)).toEqual([true, false]);
      session.lineEntered();
      source.happen('die', 'b');
      await clock.pass(0);
      expect(session.state.current?.leaves.map(({ ok }) => ok)).toEqual([false, true]);
      source.happen('die', 'a');
      await clock.pass(0);
      expect(statesOf(session)).toBe('passed');
    });
  });

  test('ends when the step is left, and does not run twice at once', async () => {
    const { session } = await open({ one: dies('a') });
    const shown = session.showMe();
    await expect(session.showMe()).rejects.toMatchObject({ kind: 'conflict' });
    session.leave();
    expect(await shown).toBe('interrupted');
    await expect(session.showMe()).rejects.toMatchObject({ kind: 'conflict' });
  });

  test('edits, waits, presses keys and uses other terminals', async () => {
    const solution = `solution:
  - edit: { path: "/lab/\${WORD}", contents: hi }
  - type: "top\\n"
    terminal: 2
  - wait: { container: { name: web } }
  - keys: [C-c]`;
    const { session, source, clock, typed, prompts } = await open({
      one: `check: { event: { type: container, action: die } }\n${solution}`,
    });
    const shown = session.showMe({ reducedMotion: true });
    await clock.pass(2000);
    expect(source.written.map(({ path, bytes }) => [path, fromUtf8(bytes)])).toEqual([[`/lab/${session.state.vars['WORD'] ?? ''}`, 'hi']]);
    expect(typed).toEqual(['2:top\r']);
    source.containers = [containerFact()];
    source.happen('start');
    await clock.pass(0);
    expect(typed).toEqual(['2:top\r', '\x03']);
    prompts[0]?.();
    source.happen('die');
    expect(await shown).toBe('shown');
  });
});

describe('reset and end', () => {
  const files = { 't/seed/a.txt': 'for ${WORD}' };

  test('the seed is put into the guest at the start', async () => {
    const { session, source } = await open({ one: dies('a') }, { files });
    expect(source.written.map(({ path, bytes, mode }) => [path, fromUtf8(bytes), mode])).toEqual([
      ['/lab/a.txt', `for ${session.state.vars['WORD'] ?? ''}`, 0o644],
    ]);
  });

  test('a reset brings guest, seed and steps back, and forgets the log', async () => {
    const { session, source, clock } = await open({ one: dies('a'), two: dies('b') }, { files });
    source.happen('die', 'a');
    await clock.pass(0);
    expect(statesOf(session)).toBe('passed ready');
    const resetting: boolean[] = [];
    session.changed((state) => resetting.push(state.resetting));
    await session.reset();
    expect(resetting[0]).toBe(true);
    expect(session.state.resetting).toBe(false);
    expect(source.calls['reset']).toBe(1);
    expect(source.written).toHaveLength(2);
    expect(statesOf(session)).toBe('active locked');
    expect(session.progress().steps).toEqual({});
    const [outcome] = await session.probe([{ event: { type: 'container', action: 'die' }, since: 'tutorial' }]);
    expect(outcome?.ok).toBe(false);
  });

  test('a setup is there before the step is entered, and is no deed of the learner', async () => {
    const happened = 'event: { type: container, action: start, name: app }';
    const { session, source } = await open({
      one: `${setup}\ncheck: { any: [{ ${happened} }, { ${happened}, since: tutorial }] }\nwas: { container: { name: app, state: running } }\n${run}`,
    });
    expect(source.lines).toEqual([`docker create --name app nginx ${session.state.vars['WORD'] ?? ''}`, 'docker start app']);
    expect(session.state.current).toMatchObject({ begun: false, problem: null });
    expect(statesOf(session)).toBe('active');
  });

  test('the setup of a tutorial is carried out once, of a step at every entry, as far as it is not so', async () => {
    const { session, source } = await open(
      { one: dies('a'), two: `needs: []\nsetup: [{ create: { name: b, image: nginx } }]\n${dies('b')}` },
      { setup: '[{ create: { name: app, image: nginx } }, { start: app }]' },
    );
    expect(source.lines).toEqual(['docker create --name app nginx', 'docker start app']);
    source.containers = [];
    await session.enter('two');
    expect(source.lines.slice(2)).toEqual(['docker create --name b nginx']);
    session.leave();
    await session.enter('two');
    expect(source.lines).toHaveLength(3);
    await session.reset();
    expect(source.lines.slice(3)).toEqual(['docker create --name app nginx', 'docker start app']);
  });

  test('a setup that fails is said in words, leaves the step to be begun, and is tried again', async () => {
    const { session, source } = await open({ one: `${setup}\n${dies('a')}` }, { start: false });
    source.complaint = 'Error response from daemon: no space left on device';
    const preparing: (string | null)[] = [];
    session.changed((state) => preparing.push(state.preparing));
    await expect(session.start()).rejects.toThrow(
      'What this step begins with could not be set up: Error response from daemon: no space left on device. Begin the step again',
    );
    expect(preparing).toEqual(['one', null]);
    expect(statesOf(session)).toBe('ready');
    await session.enter('one');
    expect(statesOf(session)).toBe('active');
    expect(source.containers.map(({ State }) => State.Status)).toEqual(['running']);
  });

  test('a setup that a reset cut short is not complained of', async () => {
    const { session, source } = await open({ one: `${setup}\n${dies('a')}` }, { start: false });
    const { exec } = source;
    let cut = (): void => undefined;
    source.exec = () => new Promise((_, reject) => (cut = () => reject(new AppError('cancelled', 'the command was cancelled'))));
    const started = session.start();
    while (session.state.preparing === null || source.calls['snapshot'] === undefined || source.calls['snapshot'] < 3)
      await Promise.resolve();
    source.exec = exec;
    const reset = session.reset();
    cut();
    await started;
    await reset;
    expect(statesOf(session)).toBe('active');
    expect(session.state.preparing).toBeNull();
  });

  test('a reset that fails is told to the caller and can be tried again', async () => {
    const { session, source } = await open({ one: dies('a') });
    const reset = source.reset.bind(source);
    source.reset = () => Promise.reject(new AppError('unavailable', 'no guest'));
    await expect(session.reset()).rejects.toThrow('no guest');
    expect(session.state.resetting).toBe(false);
    source.reset = reset;
    await session.reset();
    expect(statesOf(session)).toBe('active');
  });

  test('a closed session listens no more, types no more and asks no more', async () => {
    const { session, source, clock } = await open({ one: `check: { file: { in: guest, path: /a } }\n${run}` });
    const told: unknown[] = [];
    session.changed((state) => told.push(state));
    const shown = session.showMe();
    session.dispose();
    session.dispose();
    expect(await shown).toBe('interrupted');
    expect(source.listening).toBe(0);
    const asked = source.calls['snapshot'];
    const heard = told.length;
    source.happen('die', 'a');
    await clock.pass(10_000);
    expect(source.calls['snapshot']).toBe(asked);
    expect(told).toHaveLength(heard);
  });

  test('closing before the start is over ends the start', async () => {
    const { session, source } = await open({ one: dies('a') }, { start: false });
    const started = session.start();
    session.dispose();
    await expect(started).rejects.toMatchObject({ kind: 'cancelled' });
    expect(source.listening).toBe(0);
  });
});
