import { z } from 'zod';

const condition = z.object({
  caps: z.array(z.string()).optional(),
  arches: z.array(z.string()).optional(),
  minKernel: z.string().optional(),
});
const nothing = z.null().transform(() => ({}));

const ruleSchema = z.object({
  names: z.array(z.string()).optional(),
  /** Of old profiles. */
  name: z.string().optional(),
  action: z.string(),
  errnoRet: z.number().int().nullish(),
  args: z
    .array(
      z.object({
        index: z.number().int().min(0).max(5),
        value: z.number(),
        valueTwo: z.number().default(0),
        op: z.enum(['SCMP_CMP_NE', 'SCMP_CMP_LT', 'SCMP_CMP_LE', 'SCMP_CMP_EQ', 'SCMP_CMP_GE', 'SCMP_CMP_GT', 'SCMP_CMP_MASKED_EQ']),
      }),
    )
    .nullish()
    .transform((args) => args ?? []),
  includes: z
    .union([condition, nothing])
    .optional()
    .transform((value) => value ?? {}),
  excludes: z
    .union([condition, nothing])
    .optional()
    .transform((value) => value ?? {}),
});

/** A seccomp profile in Docker's JSON (OCI's LinuxSeccomp with conditions): docs.docker.com/engine/security/seccomp. */
export const profileSchema = z
  .object({ defaultAction: z.string(), defaultErrnoRet: z.number().int().nullish(), syscalls: z.array(ruleSchema).nullish() })
  .transform(({ defaultAction, defaultErrnoRet, syscalls }): Profile => ({
    defaultAction,
    ...(defaultErrnoRet === null || defaultErrnoRet === undefined ? {} : { defaultErrnoRet }),
    syscalls: (syscalls ?? []).map(({ names, name, action, errnoRet, args, includes, excludes }) => ({
      names: names ?? (name === undefined ? [] : [name]),
      action,
      ...(errnoRet === null || errnoRet === undefined ? {} : { errnoRet }),
      args,
      includes,
      excludes,
    })),
  }));

export interface Comparison {
  readonly index: number;
  /** For MASKED_EQ the mask. */
  readonly value: number;
  readonly valueTwo: number;
  readonly op: 'SCMP_CMP_NE' | 'SCMP_CMP_LT' | 'SCMP_CMP_LE' | 'SCMP_CMP_EQ' | 'SCMP_CMP_GE' | 'SCMP_CMP_GT' | 'SCMP_CMP_MASKED_EQ';
}

export interface Condition {
  readonly caps?: readonly string[] | undefined;
  readonly arches?: readonly string[] | undefined;
  readonly minKernel?: string | undefined;
}

export interface Rule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  /** All must hold. */
  readonly args: readonly Comparison[];
  readonly includes: Condition;
  readonly excludes: Condition;
}

export interface Profile {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly syscalls: readonly Rule[];
}
