import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { docker } from '../../../src/cli/testing/fake-session.ts';
import { words } from '../../cli/oracle/cases.ts';
import { forever } from '../../../src/engine/testing/programs.ts';
import { testClient } from '../client.ts';
import { filterArgs, filterFormat, filterLines, filterScenario, shownEvents } from './filters.ts';
import { eventLine, scenario } from './scenario.ts';

/** The command line and its events, in the order of the scenario. */
const recorded = readRecorded('recorded.txt');
/** The filters and what they let through. */
const recordedFilters = readRecorded('recorded-filters.txt');

function readRecorded(name: string): readonly (readonly string[])[] {
  return readFileSync(new URL(`./${name}`, import.meta.url), 'utf8')
    .split(/^# /m)
    .slice(1)
    .map((block) => block.trim().split('\n'));
}

describe('what a real engine (28.5.2) tells of a command, in order and with its attributes, ours tells', () => {
  const { api, call, runtime } = testClient();
  // The first process of a container heeds no signal that it has no handler for.
  runtime.programs.set('sleep', (process) => {
    process.handlers.set(15, () => undefined);
    return forever();
  });
  let told = 0;

  it('has been recorded of every line', () => {
    expect(recorded.map(([line]) => line)).toEqual(scenario);
  });

  it.each(scenario.map((line, index) => [index + 1, line] as const))('%d: docker %s', async (index, line) => {
    if (index === 1) {
      await call('POST', '/images/create?fromImage=busybox&tag=latest');
      told = (await allEvents()).length;
    }
    await docker(api, words(line), { stdin: '' });
    const events = async (): Promise<readonly string[]> => (await allEvents()).slice(told);
    const expected = recorded[index - 1]?.slice(1) ?? [];
    // The end of a container is told after the client's.
    await expect.poll(async () => (await events()).length, { timeout: 5_000 }).toBeGreaterThanOrEqual(expected.length);
    const ours = await events();
    told += ours.length;
    expect(ours).toEqual(expected);
  });

  async function allEvents(): Promise<readonly string[]> {
    const { stdout } = await docker(
      api,
      ['events', '--since', '0', '--until', String(Date.now() / 1000 + 0.02), '--format', '{{json .}}'],
      {
        stdin: '',
      },
    );
    return stdout
      .split('\n')
      .filter((text) => text !== '')
      .map(eventLine);
  }
});

describe('what a filter lets through with a real engine (28.5.2), it lets through with ours', () => {
  const { api, call } = testClient();

  beforeAll(async () => {
    await call('POST', '/images/create?fromImage=busybox&tag=latest');
    for (const line of filterScenario) await docker(api, words(line), { stdin: '' });
  });

  it.each(filterLines.map((filters, index) => [filters.join(' '), index] as const))('%s', async (line, index) => {
    const [asked, ...shown] = recordedFilters[index] ?? [];
    expect(asked).toBe(line);
    const args = ['events', '--since', '0', '--until', String(Date.now() / 1000 + 0.01)];
    const { stdout } = await docker(api, [...args, ...filterArgs(line.split(' ')), '--format', filterFormat], { stdin: '' });
    expect(shownEvents(stdout).filter((event) => event !== 'image pull busybox')).toEqual(shown.filter((event) => event !== ''));
  });
});
