import { describe, expect, it } from 'vitest';
import { expectNearLinear, growingTexts } from '../../base/testing/growth.ts';
import { execute, executeHeader, parse } from './index.ts';
import { boolValue, intValue, rowValue, stringMapValue, stringsValue, stringValue } from './value.ts';

// The language itself is compared with the real client in test/cli/oracle; here is what only this engine's callers see.
const row = rowValue(
  '*formatter.ContainerContext',
  { Names: () => stringValue('web'), ID: () => stringValue('<1>') },
  { Label: ([name]) => stringValue(`label ${name?.kind === 'string' ? name.value : ''}`) },
);

describe('rows', () => {
  it('answer to the names of their columns and to methods with arguments', async () => {
    expect(await execute(parse('{{.Names}} {{.Label "a"}} {{"b" | .Label}}'), row)).toBe('web label a label b');
  });

  it('are JSON of their columns only, sorted and with HTML escaped', async () => {
    expect(await execute(parse('{{json .}}'), row)).toBe('{"ID":"\\u003c1\\u003e","Names":"web"}');
  });

  it('name their Go type when a column does not exist', async () => {
    await expect(execute(parse('{{.Nope}}'), row)).rejects.toThrow(
      'template: :1:2: executing "" at <.Nope>: can\'t evaluate field Nope in type *formatter.ContainerContext',
    );
  });
});

describe('headers', () => {
  it('keep the heading where the rows change the text', async () => {
    const headings = stringMapValue([['Names', 'NAMES']]);
    expect(await executeHeader(parse('{{upper .Names}} {{truncate .Names 2}} {{pad .Names 1 1}}|{{json .Names}}'), headings)).toBe(
      'NAMES NAMES  NAMES |NAMES',
    );
  });
});

describe('scopes', () => {
  it('end with their block', async () => {
    const list = stringsValue(['a', 'b']);
    expect(await execute(parse('{{$n := 0}}{{range $i, $e := .}}{{$n = $i}}{{end}}{{$n}}'), list)).toBe('1');
    expect(() => parse('{{if true}}{{$x := 1}}{{end}}{{$x}}')).toThrow('template: :1: undefined variable "$x"');
  });

  it('restore dot after with and range', async () => {
    expect(await execute(parse('{{with 5}}{{.}}{{end}}{{.}}'), intValue(7))).toBe('57');
    expect(await execute(parse('{{if .}}{{.}}{{end}}'), boolValue(true))).toBe('true');
  });
});

describe('failures on a later line', () => {
  it('count lines and columns as Go does', async () => {
    await expect(execute(parse('a\nb{{.X}}'), stringValue('s'))).rejects.toThrow(
      'template: :2:3: executing "" at <.X>: can\'t evaluate field X in type string',
    );
  });
});

describe('a template that takes long', () => {
  it('iterates over a number without a list of it, and lets everybody else run meanwhile', async () => {
    let turns = 0;
    const others = setInterval(() => turns++, 0);
    try {
      expect(await execute(parse('{{$n := 0}}{{range $i := 300000}}{{$n = $i}}{{end}}{{$n}}'), intValue(0))).toBe('299999');
    } finally {
      clearInterval(others);
    }
    expect(turns).toBeGreaterThan(2);
  });

  it('ends when the session does', async () => {
    const session = new AbortController();
    const execution = execute(parse('{{range 9000000000000}}{{end}}'), intValue(0), { signal: session.signal });
    setTimeout(() => session.abort(), 0);
    await expect(execution).rejects.toThrow('the session ended');
  });

  it('writes no more than fits, whatever doubles', async () => {
    await expect(execute(parse('{{$x := "aaaaaaaa"}}{{range 100}}{{$x = print $x $x}}{{end}}'), intValue(0))).rejects.toThrow(
      'error calling print: the text is too large',
    );
    await expect(execute(parse('{{range 100000000}}{{printf "%1000000d" 1}}{{end}}'), intValue(0))).rejects.toThrow(
      'the output is too large',
    );
    await expect(execute(parse('{{pad "x" 99999999999999 1}}'), intValue(0))).rejects.toThrow('error calling pad: the text is too large');
  });

  it('is refused when it nests without end', () => {
    expect(() => parse('{{'.concat('('.repeat(100_000)))).toThrow('max expression depth exceeded');
    expect(() => parse('{{if 1}}'.repeat(100_000))).toThrow('max expression depth exceeded');
  });
});

it('takes steps near its length, whatever is in a template', async () => {
  const pieces = [
    '{{',
    '}}',
    '{{-',
    '-}}',
    '(',
    ')',
    '|',
    ' ',
    '\n',
    '"',
    '`',
    "'",
    '\\',
    '.a',
    '$',
    '$a',
    ':=',
    '=',
    ',',
    '1',
    '0x',
    '_',
    'range',
    'end',
    'if',
    '/*',
    '*/',
    '{{$a := 1}}',
    '{{$a}}',
    '{{define "x"}}',
    '{{end}}',
    '{{if 1}}',
  ];
  await expectNearLinear(growingTexts(pieces), (text, steps) => parse(text, '', steps));
});
