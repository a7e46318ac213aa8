import { describe, expect, it } from 'vitest';
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
