import { defineConfig } from 'vitest/config';

const guest = ['test/integration/**/*.test.ts', 'test/tutorials/**/*.test.ts'];
const browser = ['test/e2e/**/*.test.ts'];

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
            'test/cli/**/*.test.ts',
            'test/conformance/**/*.test.ts',
            'tutorials/**/*.test.ts',
          ],
          exclude: ['node_modules/**'],
        },
      },
      { test: { name: 'architecture', include: ['test/architecture/**/*.test.ts'], testTimeout: 60_000 } },
      { test: { name: 'guest', include: guest, testTimeout: 180_000, hookTimeout: 300_000, fileParallelism: false, pool: 'forks' } },
      { test: { name: 'e2e', include: browser, testTimeout: 300_000, hookTimeout: 300_000, fileParallelism: false, pool: 'forks' } },
    ],
  },
});
