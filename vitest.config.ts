import { defineConfig } from 'vitest/config';

/** What is said of tutorials without a guest. */
const withoutGuest = ['test/tutorials/harness.test.ts', 'test/tutorials/harness/*.test.ts', 'test/tutorials/lint.test.ts'];
const guest = ['test/integration/**/*.test.ts', 'test/tutorials/**/*.test.ts'];
const browser = ['test/e2e/**/*.test.ts'];
/** How long a condition is waited for: a machine may be slow and busy. What holds is seen at once. */
const expect = { poll: { timeout: 60_000 } };

/** unit: milliseconds each, anywhere. integration, tutorials: the real guest in Node. e2e: the built page in Chromium. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'scripts/**/*.test.ts',
            'kernel/**/*.test.ts',
            'images/**/*.test.ts',
            'tools/**/*.test.ts',
            'test/cli/**/*.test.ts',
            'test/conformance/**/*.test.ts',
            'test/page/**/*.test.ts',
            'tutorials/**/*.test.ts',
            ...withoutGuest,
          ],
          exclude: ['node_modules/**'],
          testTimeout: 90_000,
          expect,
          // What is measured in time, and what has a guest, comes after them and has the machine for itself.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      { test: { name: 'architecture', include: ['test/architecture/**/*.test.ts'], testTimeout: 60_000, sequence: { groupOrder: 1 } } },
      {
        test: {
          name: 'guest',
          include: guest,
          exclude: ['node_modules/**', ...withoutGuest],
          testTimeout: 180_000,
          expect,
          hookTimeout: 300_000,
          fileParallelism: false,
          pool: 'forks',
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: browser,
          testTimeout: 300_000,
          expect,
          hookTimeout: 300_000,
          fileParallelism: false,
          pool: 'forks',
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
