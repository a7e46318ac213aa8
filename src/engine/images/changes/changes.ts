/** `--change`: instructions of a Dockerfile on a container's configuration (moby: builder/dockerfile, BuildFromConfig). */
import { AppError } from '../../../base/errors.ts';
import { Steps } from '../../../base/steps.ts';
import { parseDuration } from '../../../grammar/duration.ts';
import { parseSignal } from '../../../grammar/signals.ts';
import type { ContainerConfig } from '../../../protocol/engine-api.ts';
import { expand, splitWords } from './words.ts';

type Config = ContainerConfig;

/** Characters that all instructions of one request may read and put in: a value that takes itself twice doubles with each line. */
const mostCharacters = 4 << 20;

/** A configuration while instructions change it. */
class Draft {
  readonly #config: Config;
  readonly environment: Map<string, string>;
  readonly labels: Map<string, string>;
  readonly ports: Set<string>;
  readonly volumes: Set<string>;
  readonly triggers: string[];
  command: Config['Cmd'];
  entrypoint: Config['Entrypoint'];
  /** A CMD came before: an ENTRYPOINT leaves it. */
  hasCommand = false;
  user: Config['User'];
  folder: Config['WorkingDir'];
  signal: string | null = null;
  health: NonNullable<Config['Healthcheck']> | null = null;
  readonly #steps: Steps;

  constructor(config: Config, steps: Steps) {
    this.#config = config;
    this.#steps = steps;
    this.environment = new Map((config.Env ?? []).map((each) => [nameOf(each), each]));
    this.labels = new Map(Object.entries(config.Labels ?? {}));
    this.ports = new Set(Object.keys(config.ExposedPorts ?? {}));
    this.volumes = new Set(Object.keys(config.Volumes ?? {}));
    this.triggers = [...(config.OnBuild ?? [])];
    [this.command, this.entrypoint, this.user] = [config.Cmd, config.Entrypoint, config.User];
    this.folder = config.WorkingDir;
  }

  expand(text: string): string {
    return expand(text, (name) => this.environment.get(name)?.slice(name.length + 1), this.#steps);
  }

  /** What a CMD or an ENTRYPOINT says: a JSON list, or a line for the shell. */
  line(rest: string): string[] {
    const { Shell: shell } = this.#config;
    const own = shell !== undefined && shell.length > 0 ? shell : ['/bin/sh', '-c'];
    return list(rest) ?? [...own, ...(rest === '' ? [] : [rest])];
  }

  /** Only what instructions changed differs from what was there. */
  config(changed: ReadonlySet<string>): Config {
    const fields: Readonly<Record<string, Partial<Config>>> = {
      CMD: { Cmd: this.command },
      ENTRYPOINT: { Entrypoint: this.entrypoint, Cmd: this.command },
      ENV: { Env: [...this.environment.values()] },
      LABEL: { Labels: Object.fromEntries(this.labels) },
      EXPOSE: { ExposedPorts: Object.fromEntries([...this.ports].map((port) => [port, {}])) },
      USER: { User: this.user },
      WORKDIR: { WorkingDir: this.folder },
      VOLUME: { Volumes: Object.fromEntries([...this.volumes].map((path) => [path, {}])) },
      STOPSIGNAL: this.signal === null ? {} : { StopSignal: this.signal },
      ONBUILD: { OnBuild: this.triggers },
      HEALTHCHECK: this.health === null ? {} : { Healthcheck: this.health },
    };
    return [...changed].reduce((config, name) => ({ ...config, ...fields[name] }), this.#config);
  }
}

/** What each does, with what is behind its name. */
const instructions = new Map<string, (draft: Draft, rest: string) => void>([
  [
    'CMD',
    (draft, rest) => {
      draft.command = draft.line(rest);
      draft.hasCommand = true;
    },
  ],
  [
    'ENTRYPOINT',
    (draft, rest) => {
      draft.entrypoint = draft.line(rest);
      if (!draft.hasCommand) draft.command = null;
    },
  ],
  [
    'ENV',
    (draft, rest) => {
      for (const [name, value] of pairs(draft, rest, 'ENV')) draft.environment.set(name, `${name}=${value}`);
    },
  ],
  [
    'LABEL',
    (draft, rest) => {
      for (const [name, value] of pairs(draft, rest, 'LABEL')) draft.labels.set(name, value);
    },
  ],
  [
    'EXPOSE',
    (draft, rest) => {
      const ports = splitWords(rest).flatMap((word) => draft.expand(word).split(/\s+/));
      if (ports.length === 0) throw needs('EXPOSE', 'at least one argument');
      for (const port of ports.flatMap(exposed)) draft.ports.add(port);
    },
  ],
  ['USER', (draft, rest) => (draft.user = draft.expand(one('USER', rest)))],
  ['WORKDIR', (draft, rest) => (draft.folder = joined(draft.folder, draft.expand(one('WORKDIR', rest))))],
  [
    'VOLUME',
    (draft, rest) => {
      const paths = (list(rest) ?? splitWords(rest)).map((path) => draft.expand(path).trim());
      if (paths.length === 0) throw needs('VOLUME', 'at least one argument');
      if (paths.includes('')) throw new AppError('invalid', 'VOLUME specified can not be an empty string');
      for (const path of paths) draft.volumes.add(path);
    },
  ],
  [
    'STOPSIGNAL',
    (draft, rest) => {
      const signal = draft.expand(one('STOPSIGNAL', rest));
      parseSignal(signal);
      draft.signal = signal;
    },
  ],
  ['ONBUILD', (draft, rest) => void draft.triggers.push(trigger(rest))],
  ['HEALTHCHECK', (draft, rest) => (draft.health = healthCheck(rest))],
]);

/**
 * The configuration after the instructions; each string may be several lines.
 * @throws AppError invalid in Docker's words: "RUN is not a valid change command"; exhausted where variables grow beyond 4 MiB
 */
export function applyChanges(
  config: Config,
  changes: readonly string[],
  steps = new Steps(mostCharacters, 'the configuration that the changes make'),
): Config {
  const parsed = linesOf(changes.join('\n')).map(firstWord);
  if (changes.length > 0 && parsed.length === 0) throw new AppError('invalid', 'file with no instructions');
  // All are known before one is applied.
  for (const { name } of parsed)
    if (!instructions.has(name.toUpperCase())) throw new AppError('invalid', `${name} is not a valid change command`);
  const draft = new Draft(config, steps);
  const changed = new Set<string>();
  for (const { name, rest } of parsed) {
    const instruction = name.toUpperCase();
    instructions.get(instruction)?.(draft, rest);
    changed.add(instruction);
  }
  return draft.config(changed);
}

function nameOf(variable: string): string {
  const equals = variable.indexOf('=');
  return equals < 0 ? variable : variable.slice(0, equals);
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

/** NAME=VALUE words, or the older NAME VALUE, in which the value is the rest of the line. */
function pairs(draft: Draft, rest: string, name: string): (readonly [string, string])[] {
  const words = splitWords(rest);
  const [first = ''] = words;
  if (first === '') throw needs(name, 'at least one argument');
  if (!first.includes('=')) {
    const value = rest.slice(first.length).trim();
    if (value === '') throw new AppError('invalid', `${name} must have two arguments`);
    return [[draft.expand(first), draft.expand(value)]];
  }
  return words.map((word) => {
    const equals = word.indexOf('=');
    if (equals < 0)
      throw new AppError('invalid', `Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`);
    const key = draft.expand(word.slice(0, equals));
    if (key === '') throw new AppError('invalid', `${name} names can not be blank`);
    return [key, draft.expand(word.slice(equals + 1))];
  });
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
