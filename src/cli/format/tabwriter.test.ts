import { describe, expect, it } from 'vitest';
import { alignTabs, tableTabs } from './tabwriter.ts';

describe('alignTabs', () => {
  it('pads columns to the widest cell and leaves the last cell of a line alone', () => {
    expect(alignTabs('NAME\tSTATUS\nlonger-than-ten\tx\n', tableTabs)).toBe('NAME              STATUS\nlonger-than-ten   x\n');
  });

  it('keeps the least width', () => {
    expect(alignTabs('A\tB\n', tableTabs)).toBe('A         B\n');
  });

  it('ends a column at a line that does not have it', () => {
    expect(alignTabs('aaaaaaaaaaaaaaa\tb\nalone\nc\td\n', tableTabs)).toBe('aaaaaaaaaaaaaaa   b\nalone\nc         d\n');
  });

  it('counts characters, not bytes', () => {
    expect(alignTabs('é…\tb\n', { minWidth: 0, padding: 1 })).toBe('é… b\n');
  });
});
