/** The world's time, also where the process has one of its own (host-time.ts). Milliseconds. */
export const worldTime = {
  now: performance.now.bind(performance),
  date: Date.now.bind(Date),
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
};
