import { describe, expect, it } from 'vitest';
import { FlagSet } from './flag-set.ts';
import { full } from './support.ts';
import { flagUsages } from './usage.ts';

function sample() {
  const flags = new FlagSet();
  return {
    flags,
    detach: flags.bool('detach', 'd', 'Run in background', full),
    tty: flags.bool('tty', 't', 'Allocate a pseudo-TTY', full),
    env: flags.list('env', 'e', 'Set variables', full),
    name: flags.string('name', '', 'A name', full),
  };
}

describe('FlagSet.parse', () => {
  it('reads clusters whose last letter takes the rest or the next word', () => {
    const { flags, detach, tty, env } = sample();
    expect(flags.parse(['-dteA=1', '-e', 'B', '-e=C', '--env=D=E', 'image', '-x'], false).args).toEqual(['image', '-x']);
    expect([detach.value, tty.value, env.value]).toEqual([true, true, ['A=1', 'B', 'C', 'D=E']]);
  });

  it('finds flags behind words where that is allowed, up to --', () => {
    const { flags, name } = sample();
    expect(flags.parse(['a', '--name', 'x', '-', '--', '-d'], true).args).toEqual(['a', '-', '-d']);
    expect([name.value, name.changed]).toEqual(['x', true]);
  });

  it('takes the last of a flag given twice, and = for booleans only', () => {
    const { flags, name, detach } = sample();
    flags.parse(['--name=a', '--name', 'b', '-d', '--detach=false'], true);
    expect([name.value, detach.value, detach.changed]).toEqual(['b', false, true]);
  });
});

describe('flagUsages', () => {
  it('wraps descriptions under themselves and lets an orphan word overhang', () => {
    const flags = new FlagSet();
    flags.string('format', 'f', 'one two three four five six seven eight nine ten eleven twelve', full);
    expect(flagUsages(flags.entries, 60)).toBe(
      '  -f, --format string   one two three four five six\n                        seven eight nine ten eleven twelve\n',
    );
  });
});
