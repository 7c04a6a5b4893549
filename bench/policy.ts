import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { audit, loadPolicies } from '../modules/policy/index.ts';
import { loadFederation } from '../modules/federation/index.ts';
import type { SynthesisedStack } from '../modules/engine/index.ts';
import { expect, measureCommand, measureHere, measureOne, temporaryFolder, writeFiles, type Parts } from './measure.ts';
import { fromGo, isAbsent } from './peers.ts';
import type { Benchmark, Row } from './table.ts';

const stacks = 1000;
const perStack = 50;
/** Rules: two arguments of each type of resource. */
const types = 10;
const judged = ['encrypted', 'protected'];
/** One argument in so many is not as demanded. */
const every = 20;
const resources = stacks * perStack;
const failures = (resources * judged.length) / every;

export const benchmark: Benchmark = {
  name: 'policy',
  about: `${types * judged.length} rules on ${resources.toLocaleString('en-US')} resources: each rule judges two arguments of its type, 5 % fail`,
  run: async ({ full }) => {
    const folder = temporaryFolder();
    writeFiles(folder, policiesOf());
    fs.cpSync(fileURLToPath(new URL('../policies/law', import.meta.url)), path.join(folder, 'policies/law'), { recursive: true });
    const work = `${types * judged.length} rules on ${resources.toLocaleString('en-US')} resources`;
    writeFiles(folder, { 'plan.json': JSON.stringify(planOf()), 'rules.rego': regoOf() });
    return [
      // The generated stacks exist before the clock starts, as the plan file does for the peer; both parse their JSON.
      { work, who: 'audit', scope: 'in process', ...measureOne('policy', 'audit', folder), bar: { cpuSeconds: 1.2, mebibytes: 350 } },
      opa(work, folder, full),
      {
        work: 'the plan file read alone (floor)',
        who: 'JSON.parse',
        scope: 'command',
        ...measureCommand(process.execPath, ['-e', 'JSON.parse(require("node:fs").readFileSync("plan.json","utf8"))'], { cwd: folder }),
        answer: `${(fs.statSync(path.join(folder, 'plan.json')).size / 2 ** 20).toFixed(0)} MiB`,
      },
    ];
  },
};

function policiesOf(): Record<string, string> {
  const ids = Array.from({ length: types }, (_, type) => judged.map((argument) => ({ id: `r-${type}-${argument}`, type, argument }))).flat();
  const rules = ids.map(
    ({ id, type, argument }) => `  - id: ${id}
    version: 1
    check: resource-argument
    title: { vi: "${id}", en: "${id}" }
    severity: high
    appliesTo: { type: ${typeOf(type)} }
    basis: [{ instrument: s0, controls: [sec-1] }]
    options: { argument: ${argument}, accepted: [true] }
    remediation: { vi: "${id}", en: "${id}" }
`,
  );
  return {
    'vcloud.yaml': 'apiVersion: vcloud/v1\nkind: Federation\nmember: { id: m, organisation: o, names: { vi: M, en: M } }\n',
    'stacks/o/o.yaml': 'apiVersion: vcloud/v1\nkind: Declarations\norganisations:\n  - { id: o, kind: nation, names: { vi: O, en: O } }\n',
    'policies/rules.yaml': `apiVersion: vcloud/v1\nkind: PolicyRules\nrules:\n${rules.join('')}`,
    'policies/profiles.yaml': `apiVersion: vcloud/v1
kind: PolicyProfiles
waivers: { minimumJustification: 40, maximumDays: { low: 365, medium: 180, high: 90, critical: 30 }, warnDays: 14 }
profiles:
  - id: all
    names: { vi: A, en: A }
    rules: { ${ids.map(({ id }) => `${id}: mandatory`).join(', ')} }
`,
  };
}

function typeOf(number: number): string {
  return `cloud_kind_${number}`;
}

/** The body of one resource: about as long as a server's, with the two arguments that are judged. */
function bodyOf(index: number): Record<string, boolean | number | string | Record<string, string> | string[]> {
  const fails = (argument: number): boolean => Math.floor(index / types) % every === argument;
  return {
    name: `resource-${index}`,
    description: 'A resource whose body is about as long as that of a server with its network and its volumes',
    region: 'main',
    size: index % 100,
    tags: ['agency', 'sandbox', `number-${index % 1000}`],
    network: { uuid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`, address: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}` },
    metadata: { owner: 'o', system: `system-${index % 500}`, environment: 'production', level: '3' },
    encrypted: !fails(0),
    protected: !fails(1),
  };
}

function stacksOf(): SynthesisedStack[] {
  return Array.from({ length: stacks }, (_, number) => {
    const name = `o.tenant-${number}.workload`;
    const input: Record<string, Record<string, unknown>> = {};
    const list = Array.from({ length: perStack }, (__, position) => {
      const index = number * perStack + position;
      const type = typeOf(index % types);
      (input[type] ??= {})[`r${index}`] = bodyOf(index);
      const address = `${type}.r${index}`;
      return { address, type, planned: address, construct: address };
    });
    return {
      path: name,
      agency: 'o',
      environment: 'production',
      json: JSON.stringify({ resource: input }),
      digest: '',
      dependsOn: [],
      reads: [],
      resources: list,
    };
  });
}

/** The same resources in the shape of `terraform show -json`. */
function planOf(): object {
  const changes = Array.from({ length: resources }, (_, index) => ({
    address: `${typeOf(index % types)}.r${index}`,
    mode: 'managed',
    type: typeOf(index % types),
    name: `r${index}`,
    provider_name: 'example.net/cloud/cloud',
    change: { actions: ['create'], before: null, after: bodyOf(index), after_unknown: { id: true }, before_sensitive: false, after_sensitive: {} },
  }));
  return { format_version: '1.2', resource_changes: changes };
}

/** The same rules in Rego, as usually written: each goes through all resources. */
function regoOf(): string {
  const rules = Array.from({ length: types }, (_, type) =>
    judged.map(
      (argument) => `deny contains msg if {
  some r in input.resource_changes
  r.type == "${typeOf(type)}"
  r.change.after.${argument} != true
  msg := sprintf("${argument}: %s", [r.address])
}
`,
    ),
  ).flat();
  return `package bench\n\n${rules.join('\n')}\ntotal := count(deny)\n`;
}

function opa(work: string, folder: string, build: boolean): Row {
  const who = 'opa eval 1.22.2';
  const peer = fromGo('github.com/open-policy-agent/opa@v1.22.2', build);
  if (isAbsent(peer)) return { work, who, absent: peer.absent };
  const usage = measureCommand(peer.command, ['eval', '--format=raw', '--data', 'rules.rego', '--input', 'plan.json', 'data.bench.total'], { cwd: folder });
  expect(Number(usage.stdout) === failures, `opa found ${usage.stdout}`);
  return { work, who, scope: 'command', ...usage, answer: `${failures} fail` };
}

export const parts: Parts = {
  audit: async (root = '') => {
    const asOf = '2026-11-22';
    const policies = loadPolicies(root);
    const federation = await loadFederation(root, { asOf });
    const nothing = { allocations: new Map(), pools: new Map(), domains: new Map(), asns: new Map(), released: [] };
    const facts = {
      federation,
      addresses: nothing,
      zones: { zones: [], files: new Map() },
      overlays: { overlays: [], files: new Map() },
      synthesis: { stacks: stacksOf(), cached: 0 },
    };
    globalThis.gc?.();
    const { value, ...figures } = await measureHere(() => audit(facts, policies, { asOf }));
    expect(value.totals.fail === failures, `${value.totals.fail} fail`);
    expect(value.findings.length === resources * judged.length, `${value.findings.length} findings`);
    return [{ ...figures, answer: `${value.totals.fail} fail, ${value.totals.pass} pass` }];
  },
};
