/** What a build tells while it goes on (moby/buildkit: client.SolveStatus), piece by piece. Times are Unix nanoseconds. */

import type { ByteSource } from '../base/streams.ts';

/** A step, or something that the builder does for itself; each message about it is whole. */
export interface BuildVertex {
  readonly kind: 'vertex';
  /** "sha256:…" */
  readonly digest: string;
  readonly inputs: readonly string[];
  /** "[stage 2/5] RUN true" */
  readonly name: string;
  readonly started: bigint | null;
  readonly completed: bigint | null;
  readonly cached: boolean;
  /** '' = none */
  readonly error: string;
}

/** Something that goes on in a vertex. */
export interface BuildStatus {
  readonly kind: 'status';
  readonly vertex: string;
  /** "transferring context:", "sha256:…", "exporting layers" */
  readonly id: string;
  readonly current: number;
  /** 0 = unknown */
  readonly total: number;
  readonly started: bigint;
  readonly timestamp: bigint;
  readonly completed: bigint | null;
}

export interface BuildLog {
  readonly kind: 'log';
  readonly vertex: string;
  readonly stream: 'stdout' | 'stderr';
  readonly data: Uint8Array;
  readonly timestamp: bigint;
}

/** Lines of a Dockerfile, counted from 1. */
export interface BuildLines {
  readonly start: number;
  readonly end: number;
}

export interface BuildWarning {
  readonly kind: 'warning';
  readonly vertex: string;
  /** "JSONArgsRecommended: JSON arguments recommended for CMD … (line 3)" */
  readonly short: string;
  readonly detail: readonly string[];
  readonly url: string;
  readonly filename: string;
  readonly source: Uint8Array;
  readonly ranges: readonly BuildLines[];
}

/** The image that came out. */
export interface BuildResult {
  readonly kind: 'image';
  readonly id: string;
  /** Familiar ones. */
  readonly names: readonly string[];
  /** Build args that no ARG asked for. */
  readonly unusedArguments: readonly string[];
}

/** What comes out of a build: an image in the store, nothing, the target's files (both as a tar), or the image as an archive, Docker's or an OCI layout. */
export type BuildOutput = 'image' | 'none' | 'local' | 'tar' | 'docker' | 'oci';

/** An output that goes to the client; the build waits until it was read to its end, or cancelled. */
export interface BuildArchive {
  readonly kind: 'archive';
  /** Which of the outputs that were asked for. */
  readonly output: number;
  readonly source: ByteSource;
}

export interface DescribedLocation {
  readonly ranges: readonly { readonly start: { readonly line: number }; readonly end: { readonly line: number } }[];
}

/** What the checks found, in BuildKit's JSON (moby/buildkit: frontend/subrequests/lint). */
export interface CheckAnswer {
  readonly warnings:
    | readonly {
        readonly ruleName: string;
        readonly description: string;
        readonly url: string;
        readonly detail: string;
        readonly location: DescribedLocation;
      }[]
    | null;
  /** `data` is the file in base64. */
  readonly sources: readonly { readonly filename: string; readonly data: string; readonly language: string }[];
  /** Why it could not be built. */
  readonly buildError?: { readonly message: string; readonly location?: DescribedLocation };
}

/** The stages, in BuildKit's JSON (moby/buildkit: frontend/subrequests/targets). */
export interface TargetsAnswer {
  readonly targets: readonly {
    readonly name?: string;
    readonly default?: true;
    readonly description?: string;
    readonly base: string;
    readonly location: DescribedLocation;
  }[];
  /** In base64. */
  readonly sources: readonly string[];
}

/** What was asked about a Dockerfile in place of a build. */
export interface BuildAnswer {
  readonly kind: 'answer';
  readonly value: CheckAnswer | TargetsAnswer;
}

/** What ended it. */
export interface BuildFailure {
  readonly kind: 'failure';
  readonly message: string;
  /** Of a command that ran; null: there was none. */
  readonly exit: { readonly code: number; readonly command: string } | null;
  readonly source: { readonly filename: string; readonly lines: BuildLines } | null;
}

export type BuildMessage = BuildVertex | BuildStatus | BuildLog | BuildWarning | BuildResult | BuildArchive | BuildAnswer | BuildFailure;
