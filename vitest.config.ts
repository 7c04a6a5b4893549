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

// Tenants of the one OpenStack a lab has: one file after another, for what one offers (images, networks outside) the next would see.
const openstack = [
  'blueprints',
  'daytwo-openstack',
  'engine-openstack',
  'engine-openstack-failures',
  'engines-openstack',
  'first-tenant',
  'live-project',
  'neutron-pools',
  'one-intent',
  'openstack-kinds',
  'preflight',
  'removed-checkout',
].map((name) => `test/lab/${name}.test.ts`);

// On a loaded machine: what fails twice is broken.
const patient = { testTimeout: 600_000, hookTimeout: 600_000, fileParallelism: false, retry: 1 };

export default defineConfig({
  test: {
    // A report names what differed, not how many things did.
    chaiConfig: { truncateThreshold: 1000 },
    projects: [
      // Files share their workers: each would otherwise load the whole toolkit anew, a quarter of the time of `npm test`.
      {
        resolve,
        ssr,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/lab/**', ...wholeRuns], testTimeout: 60_000, isolate: false },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'runs',
          include: ['test/network/edit/sequences.test.ts', ...wholeRuns],
          env: { VCLOUD_SEQUENCES: process.env['VCLOUD_SEQUENCES'] ?? '10000' },
          ...patient,
        },
      },
      { resolve, ssr, test: { name: 'lab', include: ['test/lab/**/*.test.ts'], exclude: openstack, ...patient } },
      { resolve, ssr, test: { name: 'openstack', include: openstack, ...patient } },
    ],
  },
});
