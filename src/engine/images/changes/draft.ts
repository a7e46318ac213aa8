import { AppError } from '../../../base/errors.ts';
import type { Steps } from '../../../base/steps.ts';
import { expandWord, expandWords } from '../../../grammar/dockerfile/expand.ts';
import type { Command, Instruction } from '../../../grammar/dockerfile/instruction.ts';
import { parseSignal } from '../../../grammar/signals.ts';
import type { ContainerConfig } from '../../../protocol/engine-api.ts';

type Config = ContainerConfig;
type Of<N extends Instruction['name']> = Extract<Instruction, { readonly name: N }>;
type Metadata = Exclude<Instruction, Of<'FROM' | 'ARG' | 'RUN' | 'ADD' | 'COPY' | 'SHELL' | 'MAINTAINER'>>;

const names = ['CMD', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'HEALTHCHECK', 'LABEL', 'ONBUILD', 'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR'];

/** Whether an instruction only writes into the configuration (moby: builder/dockerfile, validCommitCommands). */
export function isMetadata(name: string): boolean {
  return names.includes(name);
}

/** A configuration while instructions change it: nothing is copied for each of them. */
export class ConfigDraft {
  readonly #config: Config;
  readonly #options: { readonly escape: string; readonly steps: Steps };
  readonly #environment: Map<string, string>;
  readonly #labels: Map<string, string>;
  readonly #ports: Set<string>;
  readonly #volumes: Set<string>;
  readonly #triggers: string[];
  #command: Config['Cmd'];
  #entrypoint: Config['Entrypoint'];
  /** A CMD came before: an ENTRYPOINT leaves it. */
  #hasCommand = false;
  #user: Config['User'];
  #folder: Config['WorkingDir'];
  #signal: string | null = null;
  #health: NonNullable<Config['Healthcheck']> | null = null;
  /** Only what instructions changed differs from what was there. */
  readonly #changed = new Set<string>();

  constructor(config: Config, options: { readonly escape: string; readonly steps: Steps }) {
    this.#config = config;
    this.#options = options;
    this.#environment = new Map((config.Env ?? []).map((each) => [nameOf(each), each]));
    this.#labels = new Map(Object.entries(config.Labels ?? {}));
    this.#ports = new Set(Object.keys(config.ExposedPorts ?? {}));
    this.#volumes = new Set(Object.keys(config.Volumes ?? {}));
    this.#triggers = [...(config.OnBuild ?? [])];
    [this.#command, this.#entrypoint, this.#user] = [config.Cmd, config.Entrypoint, config.User];
    this.#folder = config.WorkingDir;
  }

  /** @throws AppError invalid in Docker's words */
  apply(instruction: Instruction): void {
    if (!isApplied(instruction)) throw new AppError('invalid', `${instruction.node.keyword} is not a valid change command`);
    this.#apply(instruction);
    this.#changed.add(instruction.name);
  }

  #apply(instruction: Metadata): void {
    switch (instruction.name) {
      case 'CMD':
        this.#command = this.#words(instruction.command);
        this.#hasCommand = true;
        return;
      case 'ENTRYPOINT':
        this.#entrypoint = this.#words(instruction.command);
        if (!this.#hasCommand) this.#command = null;
        return;
      case 'ENV':
        for (const [name, value] of this.#pairs(instruction)) this.#environment.set(name, `${name}=${value}`);
        return;
      case 'LABEL':
        for (const [name, value] of this.#pairs(instruction)) this.#labels.set(name, value);
        return;
      case 'EXPOSE':
        for (const port of instruction.ports.flatMap((word) => this.#expandAll(word)).flatMap(exposed)) this.#ports.add(port);
        return;
      case 'VOLUME':
        for (const path of instruction.paths) this.#volumes.add(this.#volume(path));
        return;
      case 'USER':
        this.#user = this.#expand(instruction.value);
        return;
      case 'WORKDIR':
        this.#folder = joined(this.#folder, this.#expand(instruction.value));
        return;
      case 'STOPSIGNAL':
        this.#signal = this.#stopSignal(instruction.value);
        return;
      case 'ONBUILD':
        this.#triggers.push(instruction.trigger);
        return;
      case 'HEALTHCHECK':
        this.#health = healthCheck(instruction);
    }
  }

  config(): Config {
    const fields: Readonly<Record<string, Partial<Config>>> = {
      CMD: { Cmd: this.#command },
      ENTRYPOINT: { Entrypoint: this.#entrypoint, Cmd: this.#command },
      ENV: { Env: [...this.#environment.values()] },
      LABEL: { Labels: Object.fromEntries(this.#labels) },
      EXPOSE: { ExposedPorts: Object.fromEntries([...this.#ports].map((port) => [port, {}])) },
      USER: { User: this.#user },
      WORKDIR: { WorkingDir: this.#folder },
      VOLUME: { Volumes: Object.fromEntries([...this.#volumes].map((path) => [path, {}])) },
      STOPSIGNAL: this.#signal === null ? {} : { StopSignal: this.#signal },
      ONBUILD: { OnBuild: this.#triggers },
      HEALTHCHECK: this.#health === null ? {} : { Healthcheck: this.#health },
    };
    return [...this.#changed].reduce((config, name) => ({ ...config, ...fields[name] }), this.#config);
  }

  readonly #variables = (name: string): string | undefined => this.#environment.get(name)?.slice(name.length + 1);

  #expand(word: string): string {
    return expandWord(word, this.#variables, this.#options);
  }

  #expandAll(word: string): readonly string[] {
    return expandWords(word, this.#variables, this.#options);
  }

  #words(command: Command): string[] {
    if (command.form === 'exec') return [...command.words];
    const { Shell: shell } = this.#config;
    const own = shell !== undefined && shell.length > 0 ? shell : ['/bin/sh', '-c'];
    return [...own, ...(command.line === '' ? [] : [command.line])];
  }

  /** All see the variables as they were before the line. */
  #pairs({ name, pairs }: Of<'ENV' | 'LABEL'>): (readonly [string, string])[] {
    return pairs.map(({ key, value }) => {
      const expanded = this.#expand(key);
      if (expanded === '') throw new AppError('invalid', `${name} names can not be blank`);
      return [expanded, this.#expand(value)];
    });
  }

  #volume(path: string): string {
    const expanded = this.#expand(path);
    if (expanded === '') throw new AppError('invalid', 'VOLUME specified can not be an empty string');
    return expanded;
  }

  #stopSignal(value: string): string {
    const signal = this.#expand(value);
    parseSignal(signal);
    return signal;
  }
}

function isApplied(instruction: Instruction): instruction is Metadata {
  return isMetadata(instruction.name);
}

function nameOf(variable: string): string {
  const equals = variable.indexOf('=');
  return equals < 0 ? variable : variable.slice(0, equals);
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

function healthCheck({ test, options }: Of<'HEALTHCHECK'>): NonNullable<Config['Healthcheck']> {
  const times = {
    Interval: Number(options.interval),
    Timeout: Number(options.timeout),
    StartPeriod: Number(options.startPeriod),
    StartInterval: Number(options.startInterval),
    Retries: options.retries,
  };
  return { Test: [...test], ...Object.fromEntries(Object.entries(times).filter(([, value]) => value !== 0)) };
}
