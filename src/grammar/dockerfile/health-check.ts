/** HEALTHCHECK (moby/buildkit: frontend/dockerfile/instructions, parseHealthcheck). */
import { AppError } from '../../base/errors.ts';
import { parseDuration } from '../duration.ts';
import { goQuote } from '../go-quote.ts';
import { readFlags } from './flags.ts';
import type { InstructionBody } from './instruction.ts';
import type { InstructionNode } from './parse.ts';
import { jsonWords } from './split-instruction.ts';

/** The shortest that is no slip; Docker's engine refuses less, too. */
const shortest = 1_000_000n;

/** @throws AppError invalid */
export function readHealthCheck({ rest, flags }: InstructionNode): InstructionBody {
  if (rest === '') throw invalid('HEALTHCHECK requires at least one argument');
  const kind = /^\S+/.exec(rest)?.[0] ?? '';
  const line = rest.slice(kind.length).trim();
  const name = 'HEALTHCHECK';
  if (kind.toUpperCase() === 'NONE') {
    if (line !== '') throw invalid('HEALTHCHECK NONE takes no arguments');
    readFlags(flags, {});
    return { name, test: ['NONE'], options: { interval: 0n, timeout: 0n, startPeriod: 0n, startInterval: 0n, retries: 0 } };
  }
  const given = readFlags(flags, { interval: 'text', timeout: 'text', 'start-period': 'text', 'start-interval': 'text', retries: 'text' });
  if (kind.toUpperCase() !== 'CMD') throw invalid(`Unknown type ${goQuote(kind.toUpperCase())} in HEALTHCHECK (try CMD)`);
  if (line === '') throw invalid('Missing command after HEALTHCHECK CMD');
  const words = jsonWords(line);
  const time = (flag: string): bigint => duration(flag, given.text(flag));
  return {
    name,
    test: words === null ? ['CMD-SHELL', line] : ['CMD', ...words],
    options: {
      interval: time('interval'),
      timeout: time('timeout'),
      startPeriod: time('start-period'),
      startInterval: time('start-interval'),
      retries: retriesOf(given.text('retries')),
    },
  };
}

function duration(flag: string, text: string): bigint {
  if (text === '') return 0n;
  const nanoseconds = BigInt(parseDuration(text));
  if (nanoseconds !== 0n && nanoseconds < shortest) throw invalid(`Interval ${goQuote(flag)} cannot be less than 1ms`);
  return nanoseconds;
}

function retriesOf(text: string): number {
  if (text === '') return 0;
  if (!/^[+-]?\d{1,10}$/.test(text)) throw invalid(`strconv.ParseInt: parsing ${goQuote(text)}: invalid syntax`);
  const retries = Number(text);
  if (retries > 2 ** 31 - 1) throw invalid(`strconv.ParseInt: parsing ${goQuote(text)}: value out of range`);
  if (retries < 0) throw invalid(`--retries cannot be negative (${retries})`);
  return retries;
}

function invalid(message: string): AppError {
  return new AppError('invalid', message);
}
