/** The outcome of a tutorial's trials in the shape of Exercism's test runner interface, version 3. */
export interface Report {
  readonly version: 3;
  readonly tutorial: string;
  readonly status: 'pass' | 'fail' | 'error';
  readonly message?: string;
  readonly tests: readonly TrialReport[];
}

export interface TrialReport {
  /** `STEP: TRIAL what` */
  readonly name: string;
  readonly status: 'pass' | 'fail' | 'error';
  readonly message?: string;
  /** The lines that were typed. */
  readonly test_code: string;
  /** Number of the step, from 1. */
  readonly task_id: number;
  /** How the leaves of the check stood at the end. */
  readonly leaves: readonly { readonly path: string; readonly ok: boolean; readonly sentence: string }[];
}

export function reportOf(tutorial: string, tests: readonly TrialReport[]): Report {
  const status = tests.some((test) => test.status === 'error') ? 'error' : tests.some((test) => test.status === 'fail') ? 'fail' : 'pass';
  return { version: 3, tutorial, status, tests };
}
