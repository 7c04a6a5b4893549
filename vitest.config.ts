import { defineConfig } from 'vitest/config';

const resolve = { conditions: ['vcloud-source'] };
const ssr = { resolve };

export default defineConfig({
  test: {
    projects: [
      { resolve, ssr, test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/lab/**'], testTimeout: 60_000 } },
      {
        resolve,
        ssr,
        test: {
          name: 'lab',
          // Ten times as many random edits as in the unit tests.
          include: ['test/lab/**/*.test.ts', 'test/network/edit/sequences.test.ts'],
          env: { VCLOUD_SEQUENCES: '10000' },
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
          // Real servers on a loaded machine: what fails twice is broken.
          retry: 1,
        },
      },
    ],
  },
});
