import { defineConfig } from 'vitest/config';

const resolve = { conditions: ['vcloud-source'] };
const ssr = { resolve };

// Whole runs of the toolkit, one after another, and ten times as many random edits: `npm test` answers within three minutes.
const wholeRuns = [
  'test/cloud/sandbox.test.ts',
  'test/engine/crash.test.ts',
  'test/engine/store.test.ts',
  'test/federate/*.test.ts',
  'test/federation/broken.test.ts',
  'test/network/adopt/samples.test.ts',
  'test/network/commit.test.ts',
];

// Many servers for many minutes: CI runs them last, where time is left.
const long = ['blueprints', 'engine-openstack', 'engines-openstack', 'first-tenant', 'kubernetes-blueprints', 'one-intent'].map(
  (name) => `test/lab/${name}.test.ts`,
);

// On a loaded machine: what fails twice is broken.
const patient = { testTimeout: 600_000, hookTimeout: 600_000, fileParallelism: false, retry: 1 };

export default defineConfig({
  test: {
    projects: [
      { resolve, ssr, test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/lab/**', ...wholeRuns], testTimeout: 60_000 } },
      {
        resolve,
        ssr,
        test: { name: 'runs', include: ['test/network/edit/sequences.test.ts', ...wholeRuns], env: { VCLOUD_SEQUENCES: '10000' }, ...patient },
      },
      { resolve, ssr, test: { name: 'lab', include: ['test/lab/**/*.test.ts'], exclude: long, ...patient } },
      { resolve, ssr, test: { name: 'long', include: long, ...patient } },
    ],
  },
});
