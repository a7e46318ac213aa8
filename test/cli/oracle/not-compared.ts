/** What is supported and in no command line of the oracle, and why not. */
export const notCompared: ReadonlyMap<string, string> = new Map([['docker create --help', 'the help screens have their own test']]);
