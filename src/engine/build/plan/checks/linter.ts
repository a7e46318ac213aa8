import { AppError } from '../../../../base/errors.ts';
import { ownValue } from '../../../../base/record.ts';
import type { LineRange } from '../../../../grammar/dockerfile/parse-error.ts';
import { readCheckOptions, type CheckOptions } from './check-options.ts';
import { experimentalRules, rules, type Rule } from './rules.ts';

/** What a build says of a Dockerfile that works, and could be better. */
export interface Warning {
  readonly rule: Rule;
  /** What is wrong with any Dockerfile that has it. */
  readonly description: string;
  /** What is wrong with this one. */
  readonly detail: string;
  readonly url: string;
  readonly lines: LineRange;
}

/** Collects what the build's checks find (moby/buildkit: frontend/dockerfile/linter). */
export class Linter {
  readonly #warnings: Warning[] = [];
  #options: CheckOptions = readCheckOptions('');

  /** @param check the value of `# check=` @throws AppError invalid */
  configure(check: string): void {
    this.#options = readCheckOptions(check);
  }

  warn(rule: Rule, lines: LineRange, detail: string): void {
    if (this.#isSilent(rule)) return;
    this.#warnings.push({
      rule,
      description: rules[rule],
      detail,
      url: `https://docs.docker.com/go/dockerfile/rule/${slug(rule)}/`,
      lines,
    });
  }

  get warnings(): readonly Warning[] {
    return this.#warnings;
  }

  /** @throws AppError invalid where the file wants warnings to be errors, and there are some */
  finish(): void {
    if (!this.#options.isError || this.#warnings.length === 0) return;
    const found = [...new Set(this.#warnings.map(({ rule }) => rule))].sort();
    throw new AppError('invalid', `lint violation found for rules: ${found.join(', ')}`);
  }

  #isSilent(rule: Rule): boolean {
    const { skips, experimental } = this.#options;
    if (experimentalRules.includes(rule)) return !(experimental === 'all' || experimental.includes(rule));
    return skips === 'all' || skips.includes(rule);
  }
}

const slugs: Readonly<Record<string, string>> = { JSONArgsRecommended: 'json-args-recommended' };

/** "StageNameCasing": "stage-name-casing". */
function slug(rule: string): string {
  return ownValue(slugs, rule) ?? rule.replace(/(?!^)([A-Z])/g, '-$1').toLowerCase();
}
