import { fromUtf8 } from '../../base/bytes.ts';
import type { CliContext } from '../context.ts';
import { compactJson } from '../json.ts';
import { StatusError, messageOf } from '../errors.ts';
import { goQuote } from '../../grammar/go-quote.ts';

export interface Security {
  readonly options: readonly string[];
  /** null: the daemon's defaults; `systempaths=unconfined` makes them empty. */
  readonly maskedPaths: readonly string[] | null;
  readonly readonlyPaths: readonly string[] | null;
}

/** `--security-opt`: a seccomp profile is read here and sent whole. Throws StatusError. */
export async function securityOf(context: CliContext, options: readonly string[]): Promise<Security> {
  const unconfined = options.includes('systempaths=unconfined');
  const sent: string[] = [];
  for (const option of options) {
    if (option !== 'systempaths=unconfined') sent.push(await expand(context, option));
  }
  return { options: sent, maskedPaths: unconfined ? [] : null, readonlyPaths: unconfined ? [] : null };
}

async function expand(context: CliContext, option: string): Promise<string> {
  const parts = /^([^=]*?)=(.+)$/s.exec(option) ?? /^([^:]*):(.+)$/s.exec(option);
  if (parts === null && option !== 'no-new-privileges') throw new StatusError(1, `Invalid --security-opt: ${goQuote(option)}`);
  const [, name = '', value = ''] = parts ?? [];
  if (name !== 'seccomp' || value === 'unconfined' || value === 'builtin') return option;
  return `seccomp=${await readProfile(context, value)}`;
}

async function readProfile(context: CliContext, path: string): Promise<string> {
  let text: string;
  try {
    text = fromUtf8(await context.session.readFile(path));
  } catch (error) {
    throw new StatusError(1, `opening seccomp profile (${path}) failed: ${messageOf(error)}`);
  }
  try {
    return compactJson(text);
  } catch (error) {
    throw new StatusError(1, `compacting json for seccomp profile (${path}) failed: ${messageOf(error)}`);
  }
}
