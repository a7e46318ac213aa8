import type { FlagValues } from './flags.ts';
import type { Heredoc } from './heredoc.ts';
import type { InstructionNode } from './parse.ts';
import type { KeyValue } from './split-instruction.ts';

/** Of RUN, CMD and ENTRYPOINT: a line for a shell, or the words of a program. */
export type Command = { readonly form: 'shell'; readonly line: string } | { readonly form: 'exec'; readonly words: readonly string[] };

/** Words that `expandWord` has still to read: quotes, escapes and variables are in them. */
export type Unexpanded = string;

export interface HealthCheckOptions {
  /** Nanoseconds; 0 = not given. */
  readonly interval: bigint;
  readonly timeout: bigint;
  readonly startPeriod: bigint;
  readonly startInterval: bigint;
  readonly retries: number;
}

export interface CopyInstruction {
  readonly name: 'ADD' | 'COPY';
  readonly sources: readonly (Unexpanded | Heredoc)[];
  readonly destination: Unexpanded;
  readonly flags: FlagValues;
}

type Body =
  | { readonly name: 'FROM'; readonly image: Unexpanded; readonly as: string | null; readonly platform: Unexpanded }
  | { readonly name: 'ARG'; readonly arguments: readonly { readonly key: string; readonly value: Unexpanded | null }[] }
  | { readonly name: 'ENV' | 'LABEL'; readonly pairs: readonly KeyValue[]; readonly legacy: boolean }
  | CopyInstruction
  | { readonly name: 'RUN'; readonly command: Command; readonly flags: FlagValues }
  | { readonly name: 'CMD' | 'ENTRYPOINT'; readonly command: Command }
  | { readonly name: 'EXPOSE'; readonly ports: readonly Unexpanded[] }
  | { readonly name: 'VOLUME'; readonly paths: readonly Unexpanded[] }
  | { readonly name: 'USER'; readonly value: Unexpanded }
  | { readonly name: 'WORKDIR'; readonly value: Unexpanded }
  | { readonly name: 'STOPSIGNAL'; readonly value: Unexpanded }
  | { readonly name: 'MAINTAINER'; readonly value: string }
  | { readonly name: 'SHELL'; readonly words: readonly string[] }
  | { readonly name: 'ONBUILD'; readonly trigger: string }
  | { readonly name: 'HEALTHCHECK'; readonly test: readonly string[]; readonly options: HealthCheckOptions };

/** An instruction that makes sense, with its place in the file. */
export type Instruction = Body & { readonly node: InstructionNode };
export type InstructionBody = Body;
export type InstructionName = Body['name'];
