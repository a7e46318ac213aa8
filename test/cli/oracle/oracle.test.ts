import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FakeEngine } from '../../../src/cli/testing/fake-engine.ts';
import { docker } from '../../../src/cli/testing/fake-session.ts';
import { isObject, type Json } from '../../../src/cli/json.ts';
import { nothingToPrune } from './answers.ts';
import { cases, type OracleCase, type Outcome } from './cases.ts';
import { requestsOf, runReal, whyNoRealDocker } from './real-docker.ts';

/** What docker 28.2.2 did, a case a line. Made anew by UPDATE_GOLDENS=1 where that client is. */
const goldenFile = new URL('./goldens.jsonl', import.meta.url);
const goldens = readGoldens();

function readGoldens(): Map<string, Outcome> {
  if (!existsSync(goldenFile)) return new Map();
  const lines = readFileSync(goldenFile, 'utf8').split('\n');
  return new Map(lines.filter((line) => line !== '').map((line) => JSON.parse(line)));
}

const whyNot = whyNoRealDocker();
const updates = process.env['UPDATE_GOLDENS'] === '1';

function nameOf(test: OracleCase): string {
  const { argv, ...setting } = test;
  const before = test.before === undefined ? '' : ` after docker ${test.before.map((line) => line.join(' ')).join('; docker ')}`;
  const images = test.engine?.images === undefined ? '' : ` with images [${test.engine.images.join(' ')}]`;
  const isEmpty = test.engine?.answers === nothingToPrune;
  const answered = test.engine?.answers === undefined ? '' : isEmpty ? ' with nothing on it' : ' with fixed answers';
  const files =
    setting.files === undefined || Object.keys(setting.files).length > 1 ? '' : ` with ${Object.values(setting.files)[0]?.trim()}`;
  const piped = test.stdin === undefined ? '' : ` given ${JSON.stringify(test.stdin)}`;
  return `docker ${argv.map((word) => (/^[\w=:.,/@-]+$/.test(word) ? word : `'${word}'`)).join(' ')}${before}${images}${answered}${files}${piped}`;
}

async function runOurs(test: OracleCase): Promise<Outcome> {
  const engine = new FakeEngine(test.engine);
  const env = { HOME: '/root', FROM_HERE: 'yes' };
  const files = new Map(Object.entries(test.files ?? {}));
  for (const before of test.before ?? []) await docker(engine.handler, before, { env, files, stdin: '' });
  engine.requests.length = 0;
  const result = await docker(engine.handler, test.argv, { env, files, stdin: test.stdin ?? '' });
  return { ...result, requests: requestsOf(engine) };
}

/** Without what differs from run to run: the order of requests side by side and of Go's maps, and the time. */
function settled(outcome: Outcome): Outcome {
  const requests = [...outcome.requests]
    .sort((a, b) => (`${a.method} ${a.target}` < `${b.method} ${b.target}` ? -1 : 1))
    .map((request) => ({ ...request, target: request.target.replaceAll(/=(\d{10})(?=&|$)/g, relative), body: sortedMaps(request.body) }))
    // `stats --no-stream` opens the event stream only to close it; ours does not.
    .filter((request) => !request.target.startsWith('/events?filters=%7B%22type%22%3A%7B%22container%22%3Atrue%7D%7D'));
  const stdout = outcome.stdout
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC/g, 'THEN')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, relativeDate);
  return { ...outcome, stdout, requests };
}

const year = 365 * 24 * 3600;

/** A time that was counted back from now. */
function relative(whole: string, seconds: string): string {
  return Math.abs(Date.now() / 1000 - Number(seconds)) < year / 2 ? '=THEN' : whole;
}

function relativeDate(date: string): string {
  return Math.abs(Date.now() - Date.parse(date)) < (year / 2) * 1000 ? 'THEN' : date;
}

/** The real client collects binds and, on its way through proxy settings, the environment in maps. */
function sortedMaps(body: Json): Json {
  if (!isObject(body) || !isObject(body['HostConfig'] ?? null)) return body;
  const { Binds: binds, ...hostConfig } = Object(body['HostConfig']);
  const env = body['Env'] ?? null;
  return {
    ...body,
    Env: Array.isArray(env) ? [...env].sort() : env,
    HostConfig: { ...hostConfig, Binds: Array.isArray(binds) ? [...binds].sort() : binds },
  };
}

const refusal = /^--[\w-]+ is not supported by Drydock: /;

describe('our client does what docker 28.2.2 does', () => {
  for (const test of cases) {
    const name = nameOf(test);
    it(name, async () => {
      if (updates && whyNot === null) goldens.set(name, settled(await runReal(test)));
      expect(goldens.get(name), 'no golden: run with UPDATE_GOLDENS=1').toBeDefined();
      const ours = settled(await runOurs(test));
      // A flag that our client refuses is compared as soon as it no longer does.
      if (refusal.test(ours.stderr)) return expect([ours.status, ours.requests]).toEqual([125, []]);
      expect(ours).toEqual(goldens.get(name));
    });
  }

  if (updates)
    it('writes the goldens', () => {
      const lines = cases.map(nameOf).map((name) => JSON.stringify([name, goldens.get(name)]));
      writeFileSync(goldenFile, `${[...new Set(lines)].join('\n')}\n`);
    });
});

describe('the goldens are what docker 28.2.2 still does', () => {
  it.skipIf(whyNot !== null)(
    `for a sample of the cases${whyNot === null ? '' : ` (skipped: ${whyNot})`}`,
    async () => {
      for (const test of cases.filter((_case, index) => index % 10 === 0))
        expect(settled(await runReal(test)), nameOf(test)).toEqual(goldens.get(nameOf(test)));
    },
    60_000,
  );
});
