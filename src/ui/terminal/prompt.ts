/**
 * What a line that is typed now would go to. `prompt`: the shell of the Docker host, with nothing on its line; `inside`: another shell's prompt, in a
 * container for one; `typed`: the host's shell, with something on its line already; `program`: whatever runs; `closed`: there is no shell.
 */
export type Standing = 'closed' | 'prompt' | 'inside' | 'typed' | 'program';

/** PS1 of the guest (kernel/rootfs/files/etc/profile). */
const hostPrompt = /^root@drydock:[^ ]*# /;
/** Prompts of the shells and of Python end in one of these and a space. */
const anyPrompt = /(^|\S ?)[#$>] $/;

/** @param line what stands before the cursor, lines that were wrapped joined */
export function standingOf(line: string): Exclude<Standing, 'closed'> {
  const host = hostPrompt.exec(line)?.[0];
  if (host !== undefined) return host === line ? 'prompt' : 'typed';
  return anyPrompt.test(line) ? 'inside' : 'program';
}

export const isPrompt = (line: string): boolean => anyPrompt.test(line);
