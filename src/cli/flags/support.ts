/** How far a command or flag is honoured; the support table is made of these. */
export interface Support {
  readonly level: 'full' | 'partial' | 'none';
  readonly note: string;
  /** What kind of daemon has it, which this is not: Docker's client itself refuses the flag, after it has read the whole line. */
  readonly only?: 'windows' | 'experimental';
}

export const full: Support = { level: 'full', note: '' };

export const windowsOnly: Support = { level: 'none', note: 'for Windows daemons only, as in Docker', only: 'windows' };
export const experimental: Support = {
  level: 'none',
  note: 'checkpoints of processes are for experimental daemons only, as in Docker',
  only: 'experimental',
};

/** @param note what differs from Docker */
export function partial(note: string): Support {
  return { level: 'partial', note };
}

/** Known, shown in no help screen, and refused in clear words when used. @param note why */
export function none(note: string): Support {
  return { level: 'none', note };
}
