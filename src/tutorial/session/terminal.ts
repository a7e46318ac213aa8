/** A terminal of the learner's, as show me uses it. */
export interface TutorialTerminal {
  /** Keys as a keyboard sends them: `\r` is Enter, `\x03` is Ctrl-C. Resolves when they are on their way. */
  write(keys: string): Promise<void>;
  /**
   * Resolves when a shell waits for a line after everything written so far; also when the terminal's shell has ended.
   * @throws AppError `cancelled` when the signal aborts
   */
  untilPrompt(signal: AbortSignal): Promise<void>;
}
