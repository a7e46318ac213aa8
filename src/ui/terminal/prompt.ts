/**
 * What a line that is typed now would go to. `prompt`: the shell of the Docker host, with nothing on its line; `inside`: another shell's prompt, in a
 * container for one; `typed`: the host's shell, with something on its line already; `program`: whatever runs; `closed`: there is no shell.
 */
export type Standing = 'closed' | 'prompt' | 'inside' | 'typed' | 'program';

/** Prompts of the shells and of Python end in one of these and a space. The host's shell marks its prompts (prompt-marks.ts), those in containers do not. */
const anyPrompt = /(^|\S ?)[#$>] $/;

/** Whether it looks like the prompt of a shell that does not mark it. @param line what stands before the cursor, lines that were wrapped joined */
export const isPrompt = (line: string): boolean => anyPrompt.test(line);
