/**
 * Runs one after the other: whoever asks during a run gets another one after it, and all who ask share it.
 * @param run never rejects
 * @returns a function that resolves when a run that began after the call is over
 */
export function oneAtATime(run: () => Promise<void>): () => Promise<void> {
  let wanted = false;
  let running: Promise<void> | null = null;
  const untilQuiet = async (): Promise<void> => {
    while (wanted) {
      wanted = false;
      await run();
    }
    running = null;
  };
  return () => {
    wanted = true;
    return (running ??= untilQuiet());
  };
}
