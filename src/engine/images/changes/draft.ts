import type { Instruction } from '../../../grammar/dockerfile/instruction.ts';
import type { ContainerConfig } from '../../../protocol/engine-api.ts';

type Config = ContainerConfig;
export type Health = NonNullable<Config['Healthcheck']>;

/** A configuration while instructions change it: nothing is copied for each of them. Values come expanded. */
export class ConfigDraft {
  readonly #config: Config;
  readonly #environment: Map<string, string>;
  readonly #labels: Map<string, string>;
  readonly #ports: Set<string>;
  readonly #volumes: Set<string>;
  readonly #triggers: string[];
  /** A CMD came before: an ENTRYPOINT leaves it. */
  #hasCommand = false;
  /** Only what instructions changed differs from what was there. */
  readonly #changed: Partial<Config> = {};

  constructor(config: Config) {
    this.#config = config;
    this.#environment = new Map((config.Env ?? []).map((each) => [nameOf(each), each]));
    this.#labels = new Map(Object.entries(config.Labels ?? {}));
    this.#ports = new Set(Object.keys(config.ExposedPorts ?? {}));
    this.#volumes = new Set(Object.keys(config.Volumes ?? {}));
    this.#triggers = [...(config.OnBuild ?? [])];
  }

  get environment(): readonly string[] {
    return [...this.#environment.values()];
  }

  /** undefined: it is not set */
  variable(name: string): string | undefined {
    return this.#environment.get(name)?.slice(name.length + 1);
  }

  setVariable(name: string, value: string): void {
    this.#environment.set(name, `${name}=${value}`);
    this.#changed.Env = null;
  }

  setLabel(name: string, value: string): void {
    this.#labels.set(name, value);
    this.#changed.Labels = null;
  }

  /** @param port "80/tcp" */
  expose(port: string): void {
    this.#ports.add(port);
    this.#changed.ExposedPorts = undefined;
  }

  addVolume(path: string): void {
    this.#volumes.add(path);
    this.#changed.Volumes = null;
  }

  addTrigger(trigger: string): void {
    this.#triggers.push(trigger);
    this.#changed.OnBuild = null;
  }

  setCommand(words: readonly string[]): void {
    this.#changed.Cmd = [...words];
    this.#hasCommand = true;
  }

  setEntrypoint(words: readonly string[]): void {
    this.#changed.Entrypoint = [...words];
    if (!this.#hasCommand) this.#changed.Cmd = null;
  }

  /** Whatever only replaces what was there. */
  set(fields: Pick<Partial<Config>, 'User' | 'WorkingDir' | 'StopSignal' | 'Healthcheck' | 'Shell' | 'ArgsEscaped'>): void {
    Object.assign(this.#changed, fields);
  }

  get user(): string {
    return this.#changed.User ?? this.#config.User;
  }

  get folder(): string {
    return this.#changed.WorkingDir ?? this.#config.WorkingDir;
  }

  /** That of SHELL; null: nobody said one */
  get shell(): readonly string[] | null {
    const shell = this.#changed.Shell ?? this.#config.Shell ?? [];
    return shell.length > 0 ? shell : null;
  }

  config(): Config {
    const changed = this.#changed;
    const lists: Partial<Config> = {
      ...('Env' in changed && { Env: [...this.#environment.values()] }),
      ...('Labels' in changed && { Labels: Object.fromEntries(this.#labels) }),
      ...('ExposedPorts' in changed && { ExposedPorts: Object.fromEntries([...this.#ports].map((port) => [port, {}])) }),
      ...('Volumes' in changed && { Volumes: Object.fromEntries([...this.#volumes].map((path) => [path, {}])) }),
      ...('OnBuild' in changed && { OnBuild: [...this.#triggers] }),
    };
    return { ...this.#config, ...changed, ...lists };
  }
}

/** A shell's words and the line behind; '' is no word of commit's and import's, but one of a build's. */
export function shellWords(shell: readonly string[] | null, line: string): readonly string[] {
  return [...(shell ?? ['/bin/sh', '-c']), line];
}

/** The working directory after `WORKDIR path`: absolute and clean. */
export function joined(folder: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `/${folder}/${path}`).split('/'))
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  return `/${parts.join('/')}`;
}

type HealthCheck = Extract<Instruction, { readonly name: 'HEALTHCHECK' }>;

export function healthCheck({ test, options }: HealthCheck): Health {
  const times = {
    Interval: Number(options.interval),
    Timeout: Number(options.timeout),
    StartPeriod: Number(options.startPeriod),
    StartInterval: Number(options.startInterval),
    Retries: options.retries,
  };
  return { Test: [...test], ...Object.fromEntries(Object.entries(times).filter(([, value]) => value !== 0)) };
}

function nameOf(variable: string): string {
  const equals = variable.indexOf('=');
  return equals < 0 ? variable : variable.slice(0, equals);
}
