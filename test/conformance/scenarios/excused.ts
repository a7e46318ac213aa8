interface Excuse {
  readonly flag: string;
  /** The way that no line shows. */
  readonly how: 'success' | 'failure';
  readonly why: string;
}

const noDisk = 'no disk has the same name on both machines; test/integration/clients/options.test.ts limits ours';

const noWeights = "the recording machine's kernel had none; test/integration/clients/options.test.ts weighs ours";

/** Full flags that no scenario shows in one of the two ways. One that is shown after all, or is full no more, fails the test. */
export const excused: readonly Excuse[] = [
  { flag: 'docker run --device-read-bps', how: 'success', why: noDisk },
  { flag: 'docker run --device-read-iops', how: 'success', why: noDisk },
  { flag: 'docker run --device-write-bps', how: 'success', why: noDisk },
  { flag: 'docker run --device-write-iops', how: 'success', why: noDisk },
  { flag: 'docker run --blkio-weight', how: 'success', why: noWeights },
  { flag: 'docker create --blkio-weight', how: 'success', why: noWeights },
  { flag: 'docker update --blkio-weight', how: 'success', why: noWeights },
  ...['filter', 'format', 'limit', 'no-trunc'].map((flag) => ({
    flag: `docker search --${flag}`,
    how: 'success' as const,
    why: 'the real one asks Docker Hub',
  })),
  ...['push --all-tags', 'push --quiet', 'login --username', 'login --password', 'login --password-stdin'].flatMap((flag) =>
    (['success', 'failure'] as const).map((how) => ({
      flag: `docker ${flag}`,
      how,
      why: 'the recording engine has no registry; test/cli/oracle and test/cli/login.test.ts have ours',
    })),
  ),
  { flag: 'docker rmi --platform', how: 'success', why: 'the real one refuses it without its containerd store' },
];
