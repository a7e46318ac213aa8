/** `--change`: instructions of a Dockerfile on a container's configuration (moby: builder/dockerfile, BuildFromConfig). */
import { AppError } from '../../../base/errors.ts';
import { parseDuration } from '../../../grammar/duration.ts';
import { parseSignal } from '../../../grammar/signals.ts';
import type { ContainerConfig } from '../../../protocol/engine-api.ts';
import { expand, splitWords, type Variables } from './words.ts';

type Config = ContainerConfig;

interface Change {
  readonly config: Config;
  /** Behind the instruction's name. */
  readonly rest: string;
  readonly variables: Variables;
  /** A CMD came before: an ENTRYPOINT leaves it. */
  readonly hasCommand: boolean;
}

const instructions: Readonly<Record<string, (change: Change) => Partial<Config>>> = {
  CMD: ({ config, rest }) => ({ Cmd: command(config, rest) }),
  ENTRYPOINT: ({ config, rest, hasCommand }) => ({ Entrypoint: command(config, rest), ...(hasCommand ? {} : { Cmd: null }) }),
  ENV: (change) => ({ Env: withVariables(change.config.Env ?? [], pairs(change, 'ENV')) }),
  LABEL: (change) => ({ Labels: { ...change.config.Labels, ...Object.fromEntries(pairs(change, 'LABEL')) } }),
  EXPOSE: ({ config, rest, variables }) => {
    const ports = splitWords(rest).flatMap((word) => expand(word, variables).split(/\s+/));
    if (ports.length === 0) throw needs('EXPOSE', 'at least one argument');
    return { ExposedPorts: { ...config.ExposedPorts, ...Object.fromEntries(ports.flatMap(exposed).map((port) => [port, {}])) } };
  },
  USER: ({ rest, variables }) => ({ User: expand(one('USER', rest), variables) }),
  WORKDIR: ({ config, rest, variables }) => ({ WorkingDir: joined(config.WorkingDir, expand(one('WORKDIR', rest), variables)) }),
  VOLUME: ({ config, rest, variables }) => {
    const paths = (list(rest) ?? splitWords(rest)).map((path) => expand(path, variables).trim());
    if (paths.length === 0) throw needs('VOLUME', 'at least one argument');
    if (paths.includes('')) throw new AppError('invalid', 'VOLUME specified can not be an empty string');
    return { Volumes: { ...config.Volumes, ...Object.fromEntries(paths.map((path) => [path, {}])) } };
  },
  STOPSIGNAL: ({ rest, variables }) => {
    const signal = expand(one('STOPSIGNAL', rest), variables);
    parseSignal(signal);
    return { StopSignal: signal };
  },
  ONBUILD: ({ config, rest }) => ({ OnBuild: [...(config.OnBuild ?? []), trigger(rest)] }),
  HEALTHCHECK: ({ rest }) => ({ Healthcheck: healthCheck(rest) }),
};

/**
 * The configuration after the instructions; each string may be several lines.
 * @throws AppError invalid in Docker's words: "RUN is not a valid change command"
 */
export function applyChanges(config: Config, changes: readonly string[]): Config {
  let now = config;
  let hasCommand = false;
  const parsed = linesOf(changes.join('\n')).map(firstWord);
  if (changes.length > 0 && parsed.length === 0) throw new AppError('invalid', 'file with no instructions');
  // All are known before one is applied.
  for (const { name } of parsed)
    if (!Object.hasOwn(instructions, name.toUpperCase())) throw new AppError('invalid', `${name} is not a valid change command`);
  for (const { name, rest } of parsed) {
    const instruction = name.toUpperCase();
    const apply = instructions[instruction];
    if (apply === undefined) continue;
    now = { ...now, ...apply({ config: now, rest, hasCommand, variables: variablesOf(now) }) };
    hasCommand ||= instruction === 'CMD';
  }
  return now;
}

function firstWord(text: string): { readonly name: string; readonly rest: string } {
  const end = text.search(/\s/);
  return end < 0 ? { name: text, rest: '' } : { name: text.slice(0, end), rest: text.slice(end).trim() };
}

/** Without comments and empty lines; a backslash at an end joins the next. */
function linesOf(text: string): readonly string[] {
  const lines: string[] = [];
  let joinedLine = '';
  for (const line of text.split('\n')) {
    if (/^\s*#/.test(line)) continue;
    const continued = /\\[ \t]*$/.exec(line);
    joinedLine += continued === null ? line : line.slice(0, continued.index);
    if (continued !== null) continue;
    if (joinedLine.trim() !== '') lines.push(joinedLine.trim());
    joinedLine = '';
  }
  if (joinedLine.trim() !== '') lines.push(joinedLine.trim());
  return lines;
}

function variablesOf({ Env: environment }: Config): Variables {
  return (name) => environment?.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);
}

function needs(name: string, what: string): AppError {
  return new AppError('invalid', `${name} requires ${what}`);
}

function one(name: string, rest: string): string {
  if (rest === '') throw needs(name, 'exactly one argument');
  return rest;
}

/** A JSON list of strings. null: it is none, and taken as words. */
function list(rest: string): string[] | null {
  if (!rest.startsWith('[')) return null;
  try {
    const value: unknown = JSON.parse(rest);
    if (!Array.isArray(value)) return null;
    if (value.every((each) => typeof each === 'string')) return value;
  } catch {
    return null;
  }
  throw new AppError('invalid', 'when using JSON array syntax, arrays must be comprised of strings only');
}

function command({ Shell: shell }: Config, rest: string): string[] {
  const own = shell !== undefined && shell.length > 0 ? shell : ['/bin/sh', '-c'];
  return list(rest) ?? [...own, ...(rest === '' ? [] : [rest])];
}

/** NAME=VALUE words, or the older NAME VALUE, in which the value is the rest of the line. */
function pairs({ rest, variables }: Change, name: string): (readonly [string, string])[] {
  const words = splitWords(rest);
  const [first = ''] = words;
  if (first === '') throw needs(name, 'at least one argument');
  if (!first.includes('=')) {
    const value = rest.slice(first.length).trim();
    if (value === '') throw new AppError('invalid', `${name} must have two arguments`);
    return [[expand(first, variables), expand(value, variables)]];
  }
  return words.map((word) => {
    const equals = word.indexOf('=');
    if (equals < 0)
      throw new AppError('invalid', `Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`);
    const key = expand(word.slice(0, equals), variables);
    if (key === '') throw new AppError('invalid', `${name} names can not be blank`);
    return [key, expand(word.slice(equals + 1), variables)];
  });
}

function withVariables(environment: readonly string[], added: readonly (readonly [string, string])[]): string[] {
  const all = [...environment];
  for (const [name, value] of added) {
    const at = all.findIndex((each) => each.startsWith(`${name}=`));
    if (at < 0) all.push(`${name}=${value}`);
    else all[at] = `${name}=${value}`;
  }
  return all;
}

/** "80", "80-82/udp". */
function exposed(text: string): readonly string[] {
  const [, from = '', to = from, protocol = 'tcp'] = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(\w+))?$/.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  if (from === '' || last < first || last > 65535) throw new AppError('invalid', `Invalid containerPort: ${text}`);
  if (!['tcp', 'udp', 'sctp'].includes(protocol.toLowerCase())) throw new AppError('invalid', `Invalid proto: ${protocol}`);
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol.toLowerCase()}`);
}

function joined(folder: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `/${folder}/${path}`).split('/'))
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  return `/${parts.join('/')}`;
}

function trigger(rest: string): string {
  const name = (rest.split(/\s/, 1)[0] ?? '').toUpperCase();
  if (name === '') throw needs('ONBUILD', 'at least one argument');
  if (name === 'ONBUILD') throw new AppError('invalid', "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  if (name === 'MAINTAINER' || name === 'FROM') throw new AppError('invalid', `${name} isn't allowed as an ONBUILD trigger`);
  return rest;
}

const healthFlags: Readonly<Record<string, 'Interval' | 'Timeout' | 'StartPeriod' | 'StartInterval' | 'Retries'>> = {
  interval: 'Interval',
  timeout: 'Timeout',
  'start-period': 'StartPeriod',
  'start-interval': 'StartInterval',
  retries: 'Retries',
};

function healthCheck(text: string): NonNullable<Config['Healthcheck']> {
  const health: { Test?: string[]; Interval?: number; Timeout?: number; StartPeriod?: number; StartInterval?: number; Retries?: number } =
    {};
  let rest = text;
  for (let flag = /^--([a-z-]+)(?:=(\S*))?\s*/.exec(rest); flag !== null; flag = /^--([a-z-]+)(?:=(\S*))?\s*/.exec(rest)) {
    const [whole, name = '', value = ''] = flag;
    const field = healthFlags[name];
    if (field === undefined) throw new AppError('invalid', `unknown flag: --${name}`);
    health[field] = field === 'Retries' ? retries(value) : Number(parseDuration(value));
    rest = rest.slice(whole.length);
  }
  const { name: kind, rest: test } = firstWord(rest);
  if (kind === '') throw needs('HEALTHCHECK', 'at least one argument');
  if (kind.toUpperCase() === 'NONE') {
    if (test !== '') throw new AppError('invalid', 'HEALTHCHECK NONE takes no arguments');
    return { Test: ['NONE'] };
  }
  if (kind.toUpperCase() !== 'CMD') throw new AppError('invalid', `Unknown type "${kind.toUpperCase()}" in HEALTHCHECK (try CMD)`);
  if (test === '') throw new AppError('invalid', 'Missing command after HEALTHCHECK CMD');
  const words = list(test);
  return { ...health, Test: words === null ? ['CMD-SHELL', test] : ['CMD', ...words] };
}

function retries(text: string): number {
  const count = /^-?\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(count)) throw new AppError('invalid', `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  if (count < 0) throw new AppError('invalid', `--retries cannot be negative (${count})`);
  return count;
}
