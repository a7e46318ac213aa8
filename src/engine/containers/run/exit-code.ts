/** Docker's exit code when the runtime lost the process. */
export const lost = 255;
