import { AppError } from '../../../base/errors.ts';
import type { FirewallChange, FirewallFamily, FirewallRule } from '../../../protocol/firewall.ts';
import { errno, type GuestFirewall } from '../../runtime.ts';
import { fillMap, type TestCalls } from './calls.ts';

type Line = FirewallRule & { readonly words: string };

export interface SavedFirewall {
  readonly rules: readonly Line[];
  readonly chains: ReadonlyMap<string, string>;
  readonly made: number;
}

/** nf_tables as far as chains, rules in order and their handles go. */
export class TestFirewall implements GuestFirewall {
  /** The words that made each, by family, table and name. */
  readonly #chains = new Map<string, string>();
  #rules: Line[] = [];
  /** Ports of UDP whose flows were forgotten, one request after the other: "ip 53,54". */
  readonly forgotten: string[] = [];
  #made = 0;
  readonly #calls: TestCalls;

  constructor(calls: TestCalls) {
    this.#calls = calls;
  }

  async add(changes: readonly FirewallChange[]): Promise<readonly FirewallRule[]> {
    await this.#calls.call('addRules');
    const made: FirewallRule[] = [];
    const before = [...this.#rules];
    for (const { family, table, words } of changes) {
      const [verb, chain = ''] = words.split(' ');
      if (verb === '-N' || verb === '-P') {
        this.#chains.set(`${family} ${table} ${chain}`, words);
        continue;
      }
      if (!this.#chains.has(`${family} ${table} ${chain}`)) {
        this.#rules = before;
        throw new AppError('not_found', 'nf_tables refused the rules (errno 2)', { detail: { errno: errno.ENOENT } });
      }
      this.#made += 1;
      const rule = { family, table, chain, handle: this.#made };
      const line = { ...rule, words: words.replace(/^-I/, '-A') };
      if (verb === '-I') this.#rules.unshift(line);
      else this.#rules.push(line);
      made.push(rule);
    }
    return made;
  }

  async remove(rules: readonly FirewallRule[]): Promise<void> {
    await this.#calls.call('removeRules');
    const gone = new Set(rules.map(({ table, handle }) => `${table} ${handle}`));
    this.#rules = this.#rules.filter(({ table, handle }) => !gone.has(`${table} ${handle}`));
  }

  async forgetUdp(family: FirewallFamily, ports: readonly number[]): Promise<void> {
    await this.#calls.call('forgetUdp');
    this.forgotten.push(`${family} ${ports.join()}`);
  }

  /** As `iptables -t TABLE -S` shows it: policies, chains, rules, each by chain. */
  list(table: string, family: FirewallFamily): string[] {
    const chains = [...this.#chains].filter(([key]) => key.startsWith(`${family} ${table} `));
    const own = chains
      .filter(([, words]) => words.startsWith('-P'))
      .sort((one, other) => hooks.indexOf(hookOf(one)) - hooks.indexOf(hookOf(other)));
    const made = chains.filter(([, words]) => words.startsWith('-N')).sort(([one], [other]) => (one < other ? -1 : 1));
    const sorted = [...own, ...made];
    const rules = sorted.flatMap(([key]) =>
      this.#rules.filter((rule) => `${rule.family} ${rule.table} ${rule.chain}` === key).map(({ words }) => words),
    );
    return [...sorted.map(([, words]) => words), ...rules];
  }

  /** As `iptables -t TABLE -F CHAIN && iptables -t TABLE -X CHAIN`. */
  dropChain(table: string, chain: string): void {
    this.#chains.delete(`ip ${table} ${chain}`);
    this.#rules = this.#rules.filter((rule) => rule.family !== 'ip' || rule.table !== table || rule.chain !== chain);
  }

  save(): SavedFirewall {
    return { rules: [...this.#rules], chains: new Map(this.#chains), made: this.#made };
  }

  restore({ rules, chains, made }: SavedFirewall): void {
    this.#rules = [...rules];
    fillMap(this.#chains, chains);
    this.#made = made;
  }
}

const hooks = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'];
const hookOf = ([key]: readonly [string, string]): string => key.split(' ')[2] ?? '';
