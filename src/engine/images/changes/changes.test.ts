import { expect, test } from 'vitest';
import { containerConfigSchema } from '../../../protocol/engine-api.ts';
import { applyChanges } from './changes.ts';

const config = containerConfigSchema.parse({ Env: ['A=1'], Cmd: ['run'], Labels: { x: 'y' } });

/** Each as a Docker 28.5 answered it. */
test.each([
  ['ENV X 1 2 3', { Env: ['A=1', 'X=1 2 3'] }],
  [`ENV X="a b" Y='c $A' Z=$A A=2`, { Env: ['A=2', 'X=a b', 'Y=c $A', 'Z=1'] }],
  ['ENV X=${A}z Y=${NOPE:-d} Z=${A:+e} W=$ V="\\$A \\a" U=a\\ b', { Env: ['A=1', 'X=1z', 'Y=d', 'Z=e', 'W=$', 'V=$A \\a', 'U=a b'] }],
  [`LABEL a=b "c d"=e f='g h'`, { Labels: { x: 'y', a: 'b', 'c d': 'e', f: 'g h' } }],
  ['LABEL a="x\\\ny"', { Labels: { x: 'y', a: 'xy' } }],
  ['EXPOSE 80 90/udp 100-101 $A', { ExposedPorts: { '80/tcp': {}, '90/udp': {}, '100/tcp': {}, '101/tcp': {}, '1/tcp': {} } }],
  ['CMD x y', { Cmd: ['/bin/sh', '-c', 'x y'] }],
  ['cmd ["a"', { Cmd: ['/bin/sh', '-c', '["a"'] }],
  ['ENTRYPOINT ["a"]', { Entrypoint: ['a'], Cmd: null }],
  ['CMD ["c"]\nENTRYPOINT ["a"]', { Entrypoint: ['a'], Cmd: ['c'] }],
  ['WORKDIR a/../b\nWORKDIR c', { WorkingDir: '/b/c' }],
  ['VOLUME ["/a b", "/c"]', { Volumes: { '/a b': {}, '/c': {} } }],
  ['STOPSIGNAL 15', { StopSignal: '15' }],
  ['ONBUILD RUN x', { OnBuild: ['RUN x'] }],
  ['HEALTHCHECK NONE', { Healthcheck: { Test: ['NONE'] } }],
  [
    'HEALTHCHECK --interval=5s --retries=3 --timeout=1m CMD ["a","b"]',
    { Healthcheck: { Test: ['CMD', 'a', 'b'], Interval: 5e9, Timeout: 60e9, Retries: 3 } },
  ],
])('%s', (change, expected) => {
  expect(applyChanges(config, [change])).toMatchObject(expected);
});

test.each([
  ['RUN x', 'RUN is not a valid change command'],
  ['CMD x\nfoo', 'foo is not a valid change command'],
  ['# nothing', 'file with no instructions'],
  ['ENV', 'ENV requires at least one argument'],
  ['ENV X', 'ENV must have two arguments'],
  ['ENV =x', 'ENV names can not be blank'],
  ['ENV X=1 Y', `Syntax error - can't find = in "Y". Must be of the form: name=value`],
  ['ENV X="a', `failed to process "\\"a": unexpected end of statement while looking for matching double-quote`],
  ['ENV X=${', `failed to process "\${": syntax error: missing '}'`],
  ['ENV X=${B?e}', 'failed to process "${B?e}": B: e'],
  ['CMD ["a", 1]', 'when using JSON array syntax, arrays must be comprised of strings only'],
  ['EXPOSE x', 'Invalid containerPort: x'],
  ['EXPOSE 80/foo', 'Invalid proto: foo'],
  ['VOLUME [""]', 'VOLUME specified can not be an empty string'],
  ['ONBUILD FROM x', "FROM isn't allowed as an ONBUILD trigger"],
  ['HEALTHCHECK FOO', 'Unknown type "FOO" in HEALTHCHECK (try CMD)'],
  ['HEALTHCHECK CMD', 'Missing command after HEALTHCHECK CMD'],
])('%s is refused', (change, words) => {
  expect(() => applyChanges(config, [change])).toThrow(words);
});

test('a value that takes itself twice, line after line, is refused before it has grown', () => {
  const doubling = Array.from({ length: 100 }, () => 'ENV A=$A$A$A');
  expect(() => applyChanges(config, doubling)).toThrow('the configuration that the changes make is too large');
  expect(() => applyChanges(config, [`ENV A=${'x'.repeat(1 << 20)}`, `ENV B=${'$A'.repeat(1000)}`])).toThrow('too large');
});

test.each([
  ['LABEL', (line: number) => `LABEL l${line}=x`],
  ['ENV', (line: number) => `ENV v${line}=$A`],
  ['EXPOSE', (line: number) => `EXPOSE ${1 + (line % 65000)}`],
  ['VOLUME', (line: number) => `VOLUME /v${line}`],
  ['ONBUILD', (line: number) => `ONBUILD RUN ${line}`],
])('20 000 lines of %s copy nothing for each line', (_name, line) => {
  const applied = applyChanges(config, [Array.from({ length: 20_000 }, (_none, at) => line(at)).join('\n')]);
  expect(JSON.stringify(applied).length).toBeGreaterThan(100_000);
});
