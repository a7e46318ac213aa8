/** What is asked about a Dockerfile in place of a build, held against what buildx 0.29 printed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNodePlayground } from '../../../src/worker/node/playground.ts';
import type { LocalPlayground } from '../../../src/worker/playground.ts';
import { runLines } from '../../support/run-lines.ts';
import { agentIsBuilt } from '../machine/guest.ts';

const rule = '-'.repeat(20);

describe.skipIf(!agentIsBuilt)('docker build --check and --call (skipped without kernel/dist/agent)', () => {
  let playground: LocalPlayground;
  beforeAll(async () => {
    playground = await createNodePlayground();
    await run('docker pull -q busybox');
  });
  afterAll(() => playground.dispose());
  const run = runLines(() => playground);
  let folders = 0;
  const asked = async (dockerfile: string, flags: string): Promise<string> => {
    const folder = `/call${(folders += 1)}`;
    await run(`mkdir ${folder}; cat >${folder}/Dockerfile <<'EOF'\n${dockerfile}EOF`);
    return run(`cd ${folder}; docker build --progress quiet ${flags} . 2>&1; echo "ended with $?"`);
  };
  const warned = 'FROM busybox AS a\nARG WORD=x\nRUN echo $WORD\nFROM a as b\nRUN echo b\nFROM busybox\nMAINTAINER me\n';

  test('--check runs nothing, names each warning with its lines, and ends with 1 where there is one', async () => {
    const before = await run('docker images -aq; docker system df');
    expect(await asked(warned, '--check -t never -o never')).toBe(`Check complete, 2 warnings have been found!

WARNING: FromAsCasing - https://docs.docker.com/go/dockerfile/rule/from-as-casing/
'as' and 'FROM' keywords' casing do not match
Dockerfile:4
${rule}
   2 |     ARG WORD=x
   3 |     RUN echo $WORD
   4 | >>> FROM a as b
   5 |     RUN echo b
   6 |     FROM busybox
${rule}

WARNING: MaintainerDeprecated - https://docs.docker.com/go/dockerfile/rule/maintainer-deprecated/
Maintainer instruction is deprecated in favor of using label
Dockerfile:7
${rule}
   5 |     RUN echo b
   6 |     FROM busybox
   7 | >>> MAINTAINER me
   8 |     
${rule}
ended with 1
`);
    expect(await run('docker images -aq; docker system df')).toBe(before);
    expect(await asked(warned, '--call=check,ignorestatus=true')).toMatch(/^Check complete, 2 warnings [^]*ended with 0\n$/);
    expect(await asked('FROM busybox\nRUN true\n', '--check')).toBe('Check complete, no warnings found.\nended with 0\n');
  });

  test('--check says why a file could not be built, and what it would have warned of', async () => {
    expect(await asked('FROM busybox\nRUNN true\n', '--check'))
      .toBe(`ERROR: dockerfile parse error on line 2: unknown instruction: RUNN (did you mean RUN?)
Dockerfile:2
${rule}
   1 |     FROM busybox
   2 | >>> RUNN true
   3 |     
${rule}

ended with 1
`);
    const said = await asked('# check=error=true\nFROM busybox\nMAINTAINER x\n', '--check');
    expect(said).toMatch(/^Check complete, 1 warning has been found!\n/);
    expect(said).toMatch(/\nERROR: lint violation found for rules: MaintainerDeprecated\n\nended with 1\n$/);
  });

  test('--call=check,format=json is what BuildKit answers', async () => {
    const said = await asked('FROM busybox\nMAINTAINER x\n', '--call=check,format=json');
    expect(JSON.parse(said.replace(/ended with 1\n$/, ''))).toEqual({
      warnings: [
        {
          ruleName: 'MaintainerDeprecated',
          description: 'The MAINTAINER instruction is deprecated, use a label instead to define an image author',
          url: 'https://docs.docker.com/go/dockerfile/rule/maintainer-deprecated/',
          detail: 'Maintainer instruction is deprecated in favor of using label',
          location: { ranges: [{ start: { line: 2 }, end: { line: 2 } }] },
        },
      ],
      sources: [{ filename: 'Dockerfile', data: Buffer.from('FROM busybox\nMAINTAINER x\n').toString('base64'), language: 'Dockerfile' }],
    });
  });

  test('--call=targets lists the stages and what the comments above say of them', async () => {
    const file = '# base for all\nFROM busybox AS base\n# other words\nFROM base AS Two\nFROM scratch AS three\n';
    expect(await asked(file, '--call=targets')).toBe(
      'TARGET          DESCRIPTION\nbase            for all\ntwo             \nthree (default) \nended with 0\n',
    );
    expect(await asked('FROM nowhere\n', '--check --call targets')).toBe('TARGET    DESCRIPTION\n(default) \nended with 0\n');
    const { targets } = JSON.parse((await asked(file, '--call=targets,format=json')).replace(/ended with 0\n$/, ''));
    expect(targets[0]).toEqual({
      name: 'base',
      description: 'for all',
      base: 'busybox',
      location: { ranges: [{ start: { line: 2 }, end: { line: 2 } }] },
    });
    expect(targets[2]).toEqual({
      name: 'three',
      default: true,
      base: 'scratch',
      location: { ranges: [{ start: { line: 5 }, end: { line: 5 } }] },
    });
  });

  test.each([
    ['foo', 'failed to build: failed to solve: unsupported request frontend.foo: unsupported request frontend.foo'],
    ['foo,bar', 'invalid print value: foo,bar'],
    ['check,x=y', 'invalid print field: x=y'],
    ['outline', 'failed to build: --call=outline is not part of this playground yet; --call=targets lists the stages'],
  ])('--call=%s is refused', async (call, why) => {
    expect(await asked('FROM busybox\n', `--call=${call}`)).toBe(`ERROR: ${why}\nended with 1\n`);
  });
});
