const ownSocket = 'the source is the socket that each client was given; src/cli/run-docker.test.ts says what ours asks for';

const session = 'buildx builds over a session of gRPC and ours by POST /build; src/cli/build and test/integration/build have the tests';

/** What is supported and in no command line of the oracle, and why not. */
export const notCompared: ReadonlyMap<string, string> = new Map([
  ['docker run --use-api-socket', ownSocket],
  ['docker build', session],
  ['docker build --add-host', session],
  ['docker build --build-arg', session],
  ['docker build --call', session],
  ['docker build --cgroup-parent', session],
  ['docker build --check', session],
  ['docker build --debug', session],
  ['docker build --file', session],
  ['docker build --iidfile', session],
  ['docker build --label', session],
  ['docker build --load', session],
  ['docker build --metadata-file', session],
  ['docker build --network', session],
  ['docker build --no-cache', session],
  ['docker build --no-cache-filter', session],
  ['docker build --output', session],
  ['docker build --platform', session],
  ['docker build --progress', session],
  ['docker build --pull', session],
  ['docker build --push', session],
  ['docker build --quiet', session],
  ['docker build --secret', session],
  ['docker build --shm-size', session],
  ['docker build --tag', session],
  ['docker build --target', session],
  ['docker build --ulimit', session],
  ['docker create --help', 'the help screens have their own test'],
  ['docker create --use-api-socket', ownSocket],
]);
