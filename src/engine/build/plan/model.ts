import type { Warning } from './checks/linter.ts';
import type { LineRange } from '../../../grammar/dockerfile/parse-error.ts';
import type { ContainerConfig } from '../../../protocol/engine-api.ts';
import type { OciConfig, Platform } from '../../registry/oci.ts';

export type History = NonNullable<OciConfig['history']>[number];

/** What a build is asked for, beside its Dockerfile. */
export interface PlanOptions {
  readonly buildArgs: ReadonlyMap<string, string>;
  /** A stage's name in any case; '' is the last one. */
  readonly target: string;
  readonly buildPlatform: Platform;
  readonly targetPlatform: Platform;
  /** Put into the configuration at the end. */
  readonly labels: ReadonlyMap<string, string>;
  /** Names of the stages of which nothing is taken from the cache. */
  readonly uncached: 'all' | readonly string[];
  /** Named contexts (`--build-context`): what stands for an image or a stage of that name. */
  readonly contexts: ReadonlyMap<string, string>;
  /** `--check`: stages that nobody needs are looked at, too, unless there is a target. */
  readonly everyStage?: boolean;
  /** Whether .dockerignore leaves out a path of the context; not given where it has none, or takes some back with `!`. */
  readonly isLeftOut?: (path: string) => boolean;
}

/** An image that a stage begins with. */
export interface BaseImage {
  readonly config: ContainerConfig;
  readonly history: readonly History[];
  readonly platform: Platform;
  readonly author?: string;
}

/** @param reference with domain and tag @throws AppError "failed to resolve source metadata for docker.io/library/x:latest: …" */
export type ResolveBase = (reference: string, platform: Platform) => Promise<BaseImage>;

/** Where a stage begins, or a COPY or a mount reads. */
export type Source =
  | { readonly kind: 'scratch' }
  | { readonly kind: 'image'; readonly reference: string; readonly platform: Platform }
  | { readonly kind: 'stage'; readonly stage: StagePlan }
  /** A named context: its value, "docker-image://…" apart. */
  | { readonly kind: 'context'; readonly name: string; readonly value: string }
  /** The build's own. */
  | { readonly kind: 'local' };

/** A file whose content is in the Dockerfile. */
export interface InlineFile {
  readonly path: string;
  readonly content: string;
}

export interface CopyStep {
  readonly kind: 'copy' | 'add';
  readonly from: Source;
  /** Patterns and, of ADD, addresses. */
  readonly sources: readonly string[];
  readonly files: readonly InlineFile[];
  /** Absolute; a `/` at its end says that it is a directory. */
  readonly destination: string;
  /** '' where not given. */
  readonly chown: string;
  /** Octal digits, or letters as chmod's; '' where not given. */
  readonly chmod: string;
  readonly checksum: string;
  readonly link: boolean;
  readonly parents: boolean;
  readonly exclude: readonly string[];
  readonly keepsGitFolder: boolean;
  /** null: an archive of the context is unpacked, one of an address is not. */
  readonly unpack: boolean | null;
}

export type Mount =
  | { readonly type: 'bind'; readonly target: string; readonly from: Source; readonly source: string; readonly isReadOnly: boolean }
  | {
      readonly type: 'cache';
      readonly target: string;
      readonly id: string;
      readonly sharing: 'shared' | 'private' | 'locked';
      readonly from: Source;
      readonly source: string;
      readonly isReadOnly: boolean;
      readonly owner: MountOwner;
    }
  /** @param size bytes, 0 = no limit */
  | { readonly type: 'tmpfs'; readonly target: string; readonly size: number; readonly isReadOnly: boolean }
  /** @param target null: only a variable @param variable null: only a file */
  | {
      readonly type: 'secret';
      readonly id: string;
      readonly target: string | null;
      readonly variable: string | null;
      readonly isRequired: boolean;
      readonly owner: MountOwner;
    };

/** null: not given */
export interface MountOwner {
  readonly mode: number | null;
  readonly uid: number | null;
  readonly gid: number | null;
}

export interface RunStep {
  readonly kind: 'run';
  readonly arguments: readonly string[];
  /** "A=1": ENV and ARG of the stage. They, arguments, user and folder are what the cache's key contains. */
  readonly environment: readonly string[];
  /** Both cases of each name; not in the cache's key. */
  readonly proxy: ReadonlyMap<string, string>;
  readonly user: string;
  readonly folder: string;
  readonly mounts: readonly Mount[];
  readonly network: 'default' | 'none' | 'host';
  /** A heredoc that is a program (`#!`), below /dev/pipes/; null: there is none. */
  readonly program: InlineFile | null;
}

export interface WorkdirStep {
  readonly kind: 'workdir';
  readonly path: string;
  /** Whose it becomes; '' is root. */
  readonly user: string;
}

/** What makes a layer. */
export type Step = (RunStep | CopyStep | WorkdirStep) & {
  /** "[stage 2/5] RUN true" */
  readonly name: string;
  readonly lines: LineRange;
  readonly isCached: boolean;
};

export interface StagePlan {
  /** Of `AS`, or "stage-1". */
  readonly name: string;
  readonly from: Source;
  /** "[1/5] FROM docker.io/library/busybox:latest"; null: it begins with nothing or with another stage. */
  readonly fromName: string | null;
  readonly steps: readonly Step[];
  /** Those that have to be done before. */
  readonly needs: readonly StagePlan[];
  readonly platform: Platform;
  readonly config: ContainerConfig;
  /** Oldest first, those of the base included. */
  readonly history: readonly History[];
  readonly author: string;
}

export interface BuildPlan {
  /** Those that the last of them needs, each behind its own needs. */
  readonly stages: readonly StagePlan[];
  readonly target: StagePlan;
  /** Build args that no ARG asked for. */
  readonly unusedArguments: readonly string[];
  /** What BuildKit's checks say of it. */
  readonly warnings: readonly Warning[];
}
