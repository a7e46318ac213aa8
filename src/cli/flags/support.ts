/** How far a command or flag is honoured; the support table is made of these. */
export interface Support {
  readonly level: 'full' | 'partial' | 'none';
  readonly note: string;
  /** Docker's client itself refuses the flag where the daemon runs on Linux, after it has read the whole line. */
  readonly windowsOnly?: true;
}

export const full: Support = { level: 'full', note: '' };

export const windowsOnly: Support = { level: 'none', note: 'for Windows daemons only, as in Docker', windowsOnly: true };

/** @param note what differs from Docker */
export function partial(note: string): Support {
  return { level: 'partial', note };
}

/** Known, shown in no help screen, and refused in clear words when used. @param note why */
export function none(note: string): Support {
  return { level: 'none', note };
}
