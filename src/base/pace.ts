/** One thread serves everybody: after so many milliseconds the others have a turn. */
const sliceMilliseconds = 8;

/** Lets a long asynchronous loop give way: `if (pace.isDue()) await pace.turn()` once a round. */
export interface Pace {
  /** Have the last turns of the loop taken longer than a slice? */
  isDue(): boolean;
  /** Everything else that waits for the event loop runs first. */
  turn(): Promise<void>;
  /** The loop begins, or goes on after it waited for something: what went by does not count. */
  begin(): void;
}

export function createPace(): Pace {
  let started = performance.now();
  return {
    isDue: () => performance.now() - started > sliceMilliseconds,
    async turn() {
      await nextTurn();
      started = performance.now();
    },
    begin() {
      started = performance.now();
    },
  };
}

/** A turn of the event loop: timers, sockets and messages come in between. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
