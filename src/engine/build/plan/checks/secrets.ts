import type { LineRange } from '../../../../grammar/dockerfile/parse-error.ts';
import type { Linter } from './linter.ts';

/** Names that say that their value should be nobody's to read: what stands between underscores. */
const words = 'apikey auth credential credentials key password pword passwd secret token'.split(' ');

interface Place {
  readonly lines: LineRange;
  readonly linter: Linter;
}

/** SecretsUsedInArgOrEnv: a secret in the configuration or the history is everybody's. */
export function checkSecret(instruction: 'ARG' | 'ENV', name: string, { lines, linter }: Place): void {
  const parts = name.toLowerCase().split('_');
  if (parts.includes('public') || !parts.some((part) => words.includes(part))) return;
  const detail = `Do not use ARG or ENV instructions for sensitive data (${instruction} "${name}")`;
  linter.warn('SecretsUsedInArgOrEnv', lines, detail);
}
