import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseJson, writeJson } from '../../../src/cli/json.ts';
import { supportTable } from '../../../src/cli/support-table.ts';
import { nothingToPrune } from './answers.ts';
import { cases, type OracleCase, type Outcome } from './cases.ts';
import { unusedBy, usedBy } from './coverage.ts';
import { notCompared } from './not-compared.ts';
import { runReal, whyNoRealDocker } from './real-docker.ts';
import { runOurs } from './ours.ts';
import { settled } from './settled.ts';

/** What docker 28.2.2 did, a case a line. Made anew by UPDATE_GOLDENS=1 where that client is; with UPDATE_GOLDENS=missing those that have none. */
const goldenFile = new URL('./goldens.jsonl', import.meta.url);
const goldens = readGoldens();

function readGoldens(): Map<string, Outcome> {
  if (!existsSync(goldenFile)) return new Map();
  const lines = readFileSync(goldenFile, 'utf8').split('\n');
  return new Map(lines.filter((line) => line !== '').map((line) => Object(parseJson(line))));
}

const whyNot = whyNoRealDocker();
const updates = process.env['UPDATE_GOLDENS'];

function nameOf(test: OracleCase): string {
  const { argv, ...setting } = test;
  const before = test.before === undefined ? '' : ` after docker ${test.before.map((line) => line.join(' ')).join('; docker ')}`;
  const images = test.engine?.images === undefined ? '' : ` with images [${test.engine.images.join(' ')}]`;
  const isEmpty = test.engine?.answers === nothingToPrune;
  const answered = test.engine?.answers === undefined ? '' : isEmpty ? ' with nothing on it' : ' with fixed answers';
  const shown = Object.entries(setting.files ?? {}).filter(([file]) => !file.startsWith('contexts/'));
  const files = shown.length !== 1 ? '' : ` with ${shown[0]?.[1].trim()}`;
  const piped = test.stdin === undefined ? '' : ` given ${JSON.stringify(test.stdin)}`;
  const variables = Object.entries(test.env ?? {}).map(([name, value]) => ` ${name}=${value}`);
  const told = variables.length === 0 ? '' : ` with${variables.join('')}`;
  return `docker ${argv.map((word) => (/^[\w=:.,/@-]+$/.test(word) ? word : `'${word}'`)).join(' ')}${before}${images}${answered}${files}${piped}${told}`;
}

/** What our client says of a flag or command that it knows and does not honour. */
const refusal = /^(?:docker: '(?<command>[^']+)'|(?<flag>--[\w-]+)) is not supported by Drydock: (?<reason>.*)$/m;

/** Run before the tests are named, so that a refusal does not stand among what is compared. */
const tries = await inTurn(cases, async (test) => ({ test, name: nameOf(test), ours: settled(await runOurs(test)) }));
const refused = tries.filter(({ ours }) => refusal.test(ours.stderr));
const compared = tries.filter((tried) => !refused.includes(tried));
const unused = unusedBy(compared.map(({ test }) => test.argv));

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

describe(`${compared.length} command lines do what they do with docker 28.2.2`, () => {
  for (const { test, name, ours } of compared) {
    it(name, async () => {
      if ((updates === '1' || (updates === 'missing' && !goldens.has(name))) && whyNot === null)
        goldens.set(name, settled(await runReal(test)));
      expect(goldens.get(name), 'no golden: run with UPDATE_GOLDENS=1').toBeDefined();
      expect(ours, 'should our engine answer otherwise by now, record anew with UPDATE_GOLDENS=1').toEqual(goldens.get(name));
    });
  }

  if (updates !== undefined)
    it('writes the goldens', () => {
      const lines = compared.map(({ name }) => writeJson([name, goldens.get(name)]));
      writeFileSync(goldenFile, `${[...new Set(lines)].join('\n')}\n`);
    });
});

describe(`${refused.length} command lines are refused, and compared with nothing`, () => {
  const reasons = new Map(
    supportTable()
      .filter(({ level }) => level === 'none')
      .map(({ command, flag, note }) => [`${command} ${flag}`.trim(), note]),
  );

  for (const { test, name, ours } of refused) {
    const { flag, command = usedBy(test.argv).at(-1)?.split(' --')[0] ?? '', reason = '' } = refusal.exec(ours.stderr)?.groups ?? {};
    it(`refused: ${name}: ${reason}`, () => {
      expect(reasons.get(flag === undefined ? command : `${command} ${flag}`), 'the support table says why').toBe(reason);
      expect([ours.status, ours.stdout, ours.requests]).toEqual([flag === undefined ? 1 : 125, '', []]);
    });
  }
});

describe(`${unused.length} supported commands and flags are in no command line that is compared`, () => {
  it('those that are listed, each with its reason', () => {
    expect(unused).toEqual([...notCompared.keys()]);
  });
  for (const [name, reason] of notCompared)
    it(`not compared: ${name}: ${reason}`, () => {
      expect(unused).toContain(name);
    });
});

describe('the goldens are what docker 28.2.2 still does', () => {
  it.skipIf(whyNot !== null)(
    `for a sample of the cases${whyNot === null ? '' : ` (skipped: ${whyNot})`}`,
    async () => {
      for (const { test, name } of compared.filter((_tried, index) => index % 10 === 0))
        expect(settled(await runReal(test)), name).toEqual(goldens.get(name));
    },
    180_000,
  );
});
