import { expect, test } from 'vitest';
import type { Standing } from '../terminal/prompt.ts';
import { TerminalGate, typedInto, type TerminalQuestion } from './terminal-gate.ts';

/** Terminals that stand as given, and what was asked and written. */
function open(standings: Record<number, Standing>) {
  const written: string[] = [];
  const renewed: number[] = [];
  const questions: TerminalQuestion[] = [];
  let waits = 0;
  const gate = new TerminalGate(
    {
      terminal: (index) => ({
        write: (keys) => Promise.resolve(void written.push(`${index}:${keys}`)),
        untilPrompt: () => Promise.resolve(void (waits += 1)),
      }),
      standing: (index) => Promise.resolve(standings[index] ?? 'closed'),
      nameOf: (index) => `Terminal ${index}`,
      renew: (index) => void renewed.push(index),
    },
    (question) => {
      if (question !== null) questions.push(question);
    },
  );
  return { gate, written, renewed, questions, waits: () => waits };
}

const typedInSecond = [{ type: 'curl\n', terminal: 2 }, { wait: { container: {} } }, { run: 'docker start api' }];

test('a solution is typed into its own terminals, each once; waits, edits and answers need none', () => {
  expect(typedInto(typedInSecond)).toEqual([2, 1]);
  expect(typedInto([{ edit: { path: '/a', contents: '' } }, { answer: { text: 'x' }, terminal: 3 }])).toEqual([]);
});

test('what runs in terminal 2 is asked about before show me types there, terminal 1 being free', async () => {
  const { gate, questions, renewed, waits } = open({ 1: 'prompt', 2: 'program' });
  const cleared = gate.clearFor(typedInSecond);
  await expect.poll(() => questions).toHaveLength(1);
  expect(questions[0]).toMatchObject({ terminal: 'Terminal 2', why: 'program', choices: ['new'] });
  questions[0]?.answer('new');
  expect(await cleared).toBe(true);
  expect([renewed, waits()]).toEqual([[2], 1]);
});

test('a line in terminal 1 is asked about as well, and nothing is typed when it is to stay', async () => {
  const { gate, questions, written } = open({ 1: 'typed', 2: 'prompt' });
  const cleared = gate.clearFor(typedInSecond);
  await expect.poll(() => questions).toHaveLength(1);
  expect(questions[0]?.terminal).toBe('Terminal 1');
  questions[0]?.answer('cancel');
  expect(await cleared).toBe(false);
  expect(written).toEqual([]);
});

test('a terminal that was not open is opened and its prompt waited for', async () => {
  const { gate, questions, written, waits } = open({ 1: 'prompt', 2: 'closed' });
  expect(await gate.clearFor(typedInSecond)).toBe(true);
  expect([questions, written, waits()]).toEqual([[], ['2:'], 1]);
});

test('a shell in a container is asked about only where the command is for the Docker host', async () => {
  const { gate, questions } = open({ 1: 'inside' });
  expect(await gate.clear(1, false)).toBe(true);
  const cleared = gate.clear(1, true);
  await expect.poll(() => questions).toHaveLength(1);
  expect(questions[0]?.choices).toEqual(['new', 'here']);
  gate.cancel();
  expect(await cleared).toBe(false);
});
