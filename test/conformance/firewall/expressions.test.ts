import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { daemonRules } from '../../../src/engine/networks/firewall-rules.ts';
import { adding } from '../../../src/guest/firewall/transaction.ts';
import type { FirewallChange, FirewallFamily, FirewallTable } from '../../../src/protocol/firewall.ts';
import { describeWith } from '../../support/tools.ts';

/** Every rule that a real engine made, in the order in which they stood, with its chains. */
function recorded(family: FirewallFamily): FirewallChange[] {
  const [name, mark] = family === 'ip' ? ['recorded.txt', '$ rules\n'] : ['recorded6.txt', '$ rules6\n'];
  const sections = readFileSync(join(import.meta.dirname, name), 'utf8')
    .split(mark)
    .map((section) => rulesIn(section.split('\n$')[0] ?? '', family));
  const [largest = []] = sections.sort((one, other) => other.length - one.length);
  // What iptables -S leaves out of a policy that is the kernel's.
  const policies = daemonRules().filter((change) => change.family === family && change.words.startsWith('-P'));
  const closed = policies.map((change) => ({ ...change, words: change.words.replace('FORWARD ACCEPT', 'FORWARD DROP') }));
  return [...closed, { family, table: 'raw', words: '-P PREROUTING ACCEPT' }, ...largest];
}

function rulesIn(section: string, family: FirewallFamily): FirewallChange[] {
  return section.split('\n').flatMap((line) => {
    const [, table, words] = /^(nat|filter|raw) (-[NA] .*)$/.exec(line) ?? [];
    return table === undefined || words === undefined ? [] : [{ family, table: tableOf(table), words }];
  });
}

function tableOf(name: string): FirewallTable {
  return name === 'nat' || name === 'raw' ? name : 'filter';
}

/** In a network name space of its own. */
function inNewNetwork(script: string): string {
  const { status, stdout, stderr } = spawnSync('unshare', ['--map-root-user', '--net', 'sh', '-ec', script], { encoding: 'utf8' });
  expect({ status, stderr: stderr.replace(/^#.*\n/gm, '') }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

describe.each([
  { family: 'ip', iptables: 'iptables-nft' },
  { family: 'ip6', iptables: 'ip6tables-nft' },
] as const)('rules of $family', ({ family, iptables }) => {
  describeWith([iptables, 'unshare', 'python3'], 'in nf_tables', () => rulesInNfTables(family, iptables));
});

function rulesInNfTables(family: FirewallFamily, iptables: string): void {
  const dump = `python3 ${join(import.meta.dirname, 'dump.py')} ${family}`;
  const rules = recorded(family);
  const file = join(mkdtempSync(join(tmpdir(), 'drydock-rules-')), 'transaction');
  writeFileSync(file, adding(rules, 8).bytes);

  /** Other versions have other expressions for some of them, and read these. */
  const isThatVersion = spawnSync(iptables, ['-V'], { encoding: 'utf8' }).stdout?.includes('v1.8.9 ') === true;

  test.skipIf(!isThatVersion)('of a whole real engine are byte for byte those that iptables 1.8.9 makes', () => {
    const commands = rules
      .filter(({ words }) => !/^-P .* ACCEPT$/.test(words))
      .map(({ table, words }) => `${iptables} -t ${table} ${words}`);
    const byIptables = inNewNetwork(`${commands.join('\n')}\n${dump}`);
    expect(rules.length).toBeGreaterThan(80);
    expect(inNewNetwork(`${dump} ${file}`).split('\n').sort()).toEqual(byIptables.split('\n').sort());
  });

  test('are read by iptables as they were written', () => {
    const shown = inNewNetwork(
      `${dump} ${file} >/dev/null\nfor table in nat filter raw; do ${iptables} -t $table -S | sed "s/^/$table /"; done`,
    );
    const written = rules.filter(({ words }) => !words.startsWith('-P')).map(({ table, words }) => `${table} ${words}`);
    expect(shown.split('\n').filter((line) => / -[NA] /.test(line))).toEqual(written);
  });
}
