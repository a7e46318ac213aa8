import { afterAll, beforeAll, expect, test } from 'vitest';
import { isLong } from '../../support/long.ts';
import { engineUnderFaults, type EngineUnderFaults } from './engine-under-faults.ts';

const many = isLong ? 200 : 40;
const timeout = 600_000 + many * 10_000;
let under: EngineUnderFaults;
beforeAll(async () => {
  under = await engineUnderFaults();
});
afterAll(() => under.stop());

const indices = Array.from({ length: many }, (_, index) => index);

/** One call for each of them, all at once. @returns what was not answered with this status */
async function refused(status: number, method: string, target: (index: number) => string, body?: unknown): Promise<string[]> {
  const answers = await Promise.all(indices.map((index) => under.send(method, target(index), body)));
  return answers.filter((answer) => answer.status !== status).map((answer) => `${answer.status} ${answer.text}`);
}

const running = async (): Promise<number> => (JSON.parse(await under.must('GET', '/containers/json')) as unknown[]).length;

test(`${many} containers are started at once and stopped at once, and started and removed by force`, { timeout }, async () => {
  await under.must('POST', '/networks/create', { Name: 'net' });
  const body = { Image: 'busybox', Cmd: ['sleep', '100000'], HostConfig: { NetworkMode: 'net' } };
  expect(await refused(201, 'POST', (index) => `/containers/create?name=one-${index}`, body)).toEqual([]);
  expect(await refused(204, 'POST', (index) => `/containers/one-${index}/start`)).toEqual([]);
  expect(await running()).toBe(many);
  await under.agrees();
  expect(await refused(204, 'POST', (index) => `/containers/one-${index}/stop?t=0`)).toEqual([]);
  expect(await running()).toBe(0);
  await under.agrees();
  expect(await refused(204, 'POST', (index) => `/containers/one-${index}/start`)).toEqual([]);
  expect(await refused(204, 'DELETE', (index) => `/containers/one-${index}?force=1`)).toEqual([]);
  expect(JSON.parse(await under.must('GET', '/containers/json?all=1'))).toEqual([]);
  await under.agrees();
  await under.leavesNothing();
});

test(`${many} execs are started in one container at once, each says its word, and none is left`, { timeout }, async () => {
  const id = await under.run({});
  const words = await Promise.all(
    indices.map(async (index) => {
      const made = await under.must('POST', `/containers/${id}/exec`, { Cmd: ['echo', `word-${index}-`], AttachStdout: true });
      const { Id } = JSON.parse(made) as { readonly Id: string };
      return (await under.send('POST', `/exec/${Id}/start`, { Detach: false })).text;
    }),
  );
  expect(words.filter((word, index) => !word.includes(`word-${index}-`))).toEqual([]);
  await under.agrees();
  const told = under.events().filter(({ actor, action }) => actor.id === id && action.startsWith('exec_die'));
  expect(told.length).toBe(many);
  await under.leavesNothing();
});
