const ownSocket = 'the source is the socket that each client was given; src/cli/run-docker.test.ts says what ours asks for';

/** What is supported and in no command line of the oracle, and why not. */
export const notCompared: ReadonlyMap<string, string> = new Map([
  ['docker run --use-api-socket', ownSocket],
  ['docker create --help', 'the help screens have their own test'],
  ['docker create --use-api-socket', ownSocket],
]);
