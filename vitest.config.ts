import { defineConfig } from 'vitest/config';

const resolve = { conditions: ['vcloud-source'] };
const ssr = { resolve };

export default defineConfig({
  test: {
    projects: [
      { resolve, ssr, test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/lab/**'], testTimeout: 60_000 } },
      { resolve, ssr, test: { name: 'lab', include: ['test/lab/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 600_000, fileParallelism: false } },
    ],
  },
});
