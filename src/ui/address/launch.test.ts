import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseLaunch, type Launch } from './launch.ts';

const nothing: Launch = { place: { kind: 'welcome' }, theme: null, command: null, problems: [] };
const launch = (search: string, hash = ''): Launch => parseLaunch({ search, hash });
const fieldsOf = ({ problems }: Launch): string[] => problems.map(({ field }) => field);

describe('an address', () => {
  test('without anything is the front door', () => {
    expect(launch('')).toEqual(nothing);
    expect(launch('?', '#')).toEqual(nothing);
  });

  test('names a tutorial and a step, a theme and a command', () => {
    expect(launch('?tutorial=first-container&step=look-inside&theme=dark&command=docker%20ps%20-a')).toEqual({
      place: { kind: 'tutorial', id: 'first-container', step: 'look-inside' },
      theme: 'dark',
      command: 'docker ps -a',
      problems: [],
    });
  });

  test('is led by its fragment, where there is one', () => {
    expect(launch('?tutorial=first-container&step=x&theme=light', '#/playground')).toEqual({
      ...nothing,
      place: { kind: 'playground' },
      theme: 'light',
    });
  });

  test('may carry what others put into it', () => {
    expect(launch('?utm_source=mail&fbclid=1&__proto__=2')).toEqual(nothing);
  });
});

describe('what cannot be followed is told and left out', () => {
  test.each([
    ['?theme=blue', '', 'theme'],
    ['?theme=', '', 'theme'],
    ['?tutorial=../x', '', 'tutorial'],
    ['?tutorial=', '', 'tutorial'],
    ['?step=look-inside', '', 'step'],
    ['?command=', '', 'command'],
    ['?command=%20', '', 'command'],
    ['?command=a%0Ab', '', 'command'],
    ['?command=a%0Db', '', 'command'],
    ['?command=a%1B%5B2J', '', 'command'],
    ['?command=a%E2%80%AEb', '', 'command'],
    [`?command=${'x'.repeat(1001)}`, '', 'command'],
    ['', '#/elsewhere', 'place'],
    ['', '#/tutorials/..', 'place'],
  ])('%s%s: %s', (search, hash, field) => {
    const { problems, ...rest } = launch(search, hash);
    expect(problems.map((problem) => problem.field)).toEqual([field]);
    expect(rest).toEqual({ place: nothing.place, theme: null, command: null });
  });

  test('a step of a tutorial that is wrong is not told again', () => {
    expect(fieldsOf(launch('?tutorial=A&step=b'))).toEqual(['tutorial']);
  });

  test('one wrong value takes nothing from the others', () => {
    expect(launch('?theme=blue&command=ls', '#/tutorials/a/b')).toMatchObject({
      place: { kind: 'tutorial', id: 'a', step: 'b' },
      command: 'ls',
      problems: [{ field: 'theme', value: 'blue' }],
    });
  });

  test('a long value is cut, and one with what cannot be seen is made plain', () => {
    expect(launch(`?theme=${'x'.repeat(200)}`).problems[0]?.value).toBe(`${'x'.repeat(59)}…`);
    expect(launch('?theme=a%00b').problems[0]?.value).toBe('a\u{FFFD}b');
  });
});

test('no address throws, and what is left of it is sound', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (search, hash) => {
      const { command, problems } = launch(`?command=${search}&theme=${search}`, hash);
      expect(command ?? 'x').not.toMatch(/[\r\n\x1b\x03]/);
      for (const { value } of problems) expect(value.length).toBeLessThanOrEqual(120);
    }),
  );
});
