/** `--call` and `--check`: what is asked about a Dockerfile in place of a build (buildx: commands/build.go, util/buildflags/print.go). */
import { toAppError } from '../../base/errors.ts';
import { csvFields } from '../../grammar/csv.ts';
import type { CliContext } from '../context.ts';
import { StatusError } from '../errors.ts';
import type { Flag } from '../flags/flag-set.ts';
import { indentJson, writeJson, type JsonView } from '../json.ts';
import { sourceExcerpt } from './summary.ts';

export interface Call {
  readonly name: 'build' | 'check' | 'targets';
  readonly isJson: boolean;
  /** What is found changes nothing of how the command ends. */
  readonly ignoresStatus: boolean;
}

/** @throws StatusError in buildx's words */
export function callOf({ call, check }: { readonly call: Flag<string>; readonly check: Flag<boolean> }): Call {
  const { name, format, ignores } = fieldsOf(check.value && !call.changed ? 'check' : call.value);
  const more = { isJson: format === 'json', ignoresStatus: ignores };
  switch (name) {
    case '':
    case 'build':
      return { name: 'build', ...more };
    case 'check':
    case 'lint':
      return { name: 'check', ...more };
    case 'targets':
      return { name, ...more };
    case 'outline':
      throw new StatusError(
        1,
        'ERROR: failed to build: --call=outline is not part of this playground yet; --call=targets lists the stages',
      );
    default: {
      const why = `unsupported request frontend.${name}`;
      throw new StatusError(1, `ERROR: failed to build: failed to solve: ${why}: ${why}`);
    }
  }
}

function fieldsOf(text: string): { readonly name: string; readonly format: string; readonly ignores: boolean } {
  let [name, format, ignores] = ['', '', false];
  for (const field of text === '' ? [] : recordOf(text)) {
    const [key, value] = splitOnce(field);
    if (value === null && name === '') name = field;
    else if (value === null) throw new StatusError(1, `ERROR: invalid print value: ${text}`);
    else if (key === 'format') format = value;
    else if (key === 'ignorestatus') ignores = value === 'true' || value === '1';
    else throw new StatusError(1, `ERROR: invalid print field: ${field}`);
  }
  return { name, format, ignores };
}

function recordOf(text: string): readonly string[] {
  try {
    return csvFields(text);
  } catch (thrown) {
    throw new StatusError(1, `ERROR: ${toAppError(thrown).message}`);
  }
}

function splitOnce(field: string): readonly [key: string, value: string | null] {
  const at = field.indexOf('=');
  return at < 0 ? [field, null] : [field.slice(0, at).trim().toLowerCase(), field.slice(at + 1)];
}

export interface Told {
  /** BuildKit's JSON. */
  readonly answer: JsonView;
  /** The Dockerfile's, as it was typed. */
  readonly filename: string;
  /** null: it is in an archive that the caller gave. */
  readonly text: string | null;
}

/** @returns the exit status */
export async function printAnswer(context: CliContext, { name, isJson, ignoresStatus }: Call, told: Told): Promise<number> {
  const { answer } = told;
  if (isJson) await context.out(`${indentJson(writeJson(answer.json), '  ')}\n`);
  else await context.out(name === 'targets' ? targetsText(answer) : checkText(told));
  const error = answer.get('buildError').string('message');
  if (error !== '') await context.err(`ERROR: ${error}\n${excerptOf(told, answer.get('buildError'))}\n`);
  return !ignoresStatus && (error !== '' || answer.list('warnings').length > 0) ? 1 : 0;
}

function targetsText(answer: JsonView): string {
  const rows = answer.list('targets').map((target) => {
    const name = target.string('name');
    const shown = target.bool('default') ? `${name} (default)`.trimStart() : name;
    return [shown, target.string('description')] as const;
  });
  const all = [['TARGET', 'DESCRIPTION'] as const, ...rows];
  const width = Math.max(...all.map(([first]) => first.length)) + 1;
  return all.map(([first, second]) => `${first.padEnd(width)}${second}\n`).join('');
}

function checkText(told: Told): string {
  const warnings = told.answer.list('warnings');
  if (warnings.length === 0) return told.answer.get('buildError').string('message') === '' ? 'Check complete, no warnings found.\n' : '';
  const count = warnings.length === 1 ? '1 warning has' : `${warnings.length} warnings have`;
  const texts = warnings.map((warning) => {
    const url = warning.string('url');
    const about = `\nWARNING: ${warning.string('ruleName')}${url === '' ? '' : ` - ${url}`}\n${warning.string('detail')}\n`;
    return about + excerptOf(told, warning);
  });
  return `Check complete, ${count} been found!\n${texts.join('')}`;
}

function excerptOf({ filename, text }: Told, about: JsonView): string {
  const [range] = about.get('location').list('ranges');
  if (range === undefined) return '';
  const lines = { start: range.get('start').number('line'), end: range.get('end').number('line') };
  return text === null ? `${filename}:${lines.start}\n` : sourceExcerpt(filename, text, lines);
}
