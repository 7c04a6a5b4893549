import { dataOf, expect, measureCommand, measureHere, measureOne, measurePart, temporaryFolder, vcloud, writeFiles, type Part, type Parts } from './measure.ts';
import { fromGoSource, fromPyPI, isAbsent } from './peers.ts';
import { benchmark as prefixes } from './prefixes.ts';
import type { Benchmark, Row } from './table.ts';
import { AddressSession, loadAddressPlans, planAddresses, type PlanSet } from '../modules/network/index.ts';

/** Keys of the plans: half /64 of a documentation block, half /28 of 10/8. */
const keys = 100_000;
/** NetBox's way of finding the next free block is quadratic, so it is asked for fewer. */
const peerKeys = 2_000;

export const benchmark: Benchmark = {
  name: 'network',
  about: `${keys.toLocaleString('en-US')} keyed allocations, where no peer keeps keys and all only find the next free block; then ${prefixes.about}`,
  run: async (options) => {
    const fresh = temporaryFolder();
    writeFiles(fresh, planOf(keys));
    const held = temporaryFolder();
    writeFiles(held, planOf(keys));
    const small = temporaryFolder();
    writeFiles(small, planOf(peerKeys));
    const rows: Row[] = [];
    const place = `place ${keys.toLocaleString('en-US')} new keys`;
    rows.push({ work: place, who: 'planAddresses', scope: 'in process', ...measureOne('network', 'place', fresh), bar: { cpuSeconds: 0.5 } });
    const plan = vcloud(fresh, ['net', 'plan', '--json'], { accept: [2] });
    const { add } = dataOf<{ add: unknown[] }>(plan);
    expect(add.length === keys, `net plan adds ${add.length} blocks`);
    rows.push({ work: place, who: 'vcloud net plan', scope: 'command', ...plan, answer: `${add.length} blocks to add` });
    vcloud(held, ['net', 'allocate']);
    const command = unchanged(held);
    const [same, open, first, next] = measurePart('network', 'again', held);
    expect(same !== undefined && open !== undefined && first !== undefined && next !== undefined, 'four figures');
    rows.push({ work: 'plan again, all held', who: 'planAddresses', scope: 'in process', ...same });
    rows.push({ work: 'plan again, all held', who: 'vcloud net plan (needs from CSV)', scope: 'command', ...command, bar: { cpuSeconds: 1.5 } });
    rows.push({ work: 'one leaf more, in a session', who: 'AddressSession opened', scope: 'in process', ...open });
    rows.push({ work: 'one leaf more, in a session', who: 'first leaf of its pool', scope: 'in process', ...first, bar: { cpuSeconds: 0.05 } });
    rows.push({ work: 'one leaf more, in a session', who: 'every leaf after it', scope: 'in process', ...next, bar: { cpuSeconds: 0.05 } });
    const few = `place ${peerKeys.toLocaleString('en-US')} new keys (peer's size)`;
    rows.push({ work: few, who: 'planAddresses', scope: 'in process', ...measureOne('network', 'place', small) }, netaddr(few), goIpam(few));
    rows.push(...(await prefixes.run(options)));
    return rows;
  },
};

/** A plan of `count` keys from a table, the first pool for one half and the second for the other. */
function planOf(count: number): Record<string, string> {
  const table = Array.from({ length: count }, (_, index) => `leaf/${String(index).padStart(6, '0')},${index % 2 === 0 ? 'six,64' : 'four,28'}`);
  return {
    'vcloud.yaml': 'apiVersion: vcloud/v1\nkind: Federation\nmember: { id: m, names: { vi: M, en: M } }\n',
    'network-plans/leaves.csv': `key,pool,length\n${table.join('\n')}\n`,
    'network-plans/leaves.yaml': `apiVersion: vcloud/v1
kind: NetworkPlan
metadata: { name: leaves }
domains: [{ name: inside }]
pools:
  - { name: six, prefix: "3fff:1000::/36", domain: inside, strategy: first-fit }
  - { name: four, prefix: 10.0.0.0/8, domain: inside, strategy: first-fit }
needs:
  - { forEach: { csv: leaves.csv }, key: "{key}", pool: "{pool}", length: "{length}" }
`,
  };
}

function unchanged(folder: string): Omit<Extract<Row, { scope: string }>, 'work' | 'who' | 'scope'> {
  const usage = vcloud(folder, ['net', 'plan', '--json']);
  const data = dataOf<{ add: unknown[]; unchanged: number }>(usage);
  expect(data.add.length === 0 && data.unchanged === keys, `net plan: ${data.add.length} added, ${data.unchanged} unchanged`);
  return { ...usage, answer: `${data.unchanged} unchanged` };
}

/** NetBox's method: the pool's set of addresses less what is used; the first block large enough is next. */
const netboxMethod = `
import sys
from netaddr import IPNetwork, IPSet
def fill(pool, length, count):
    pool, used, given = IPSet([IPNetwork(pool)]), IPSet(), []
    for _ in range(count):
        free = pool - used
        block = next(b for b in free.iter_cidrs() if b.prefixlen <= length)
        taken = IPNetwork((block.first, length), version=block.version) if False else next(block.subnet(length))
        used.add(taken)
        given.append(taken)
    return given
count = int(sys.argv[1]) // 2
print(len(set(fill('3fff:1000::/36', 64, count))) + len(set(fill('10.0.0.0/8', 28, count))))
`;

function netaddr(work: string): Row {
  const who = 'netaddr 1.3.0 IPSet (the method of NetBox)';
  const python = fromPyPI(['netaddr==1.3.0']);
  if (isAbsent(python)) return { work, who, absent: python.absent };
  const usage = measureCommand(python.command, ['-c', netboxMethod, String(peerKeys)]);
  expect(Number(usage.stdout) === peerKeys, `netaddr placed ${usage.stdout}`);
  return { work, who, scope: 'command', ...usage, answer: `${peerKeys} blocks, no keys, no locks (quadratic: not run at ${keys})` };
}

function goIpam(work: string): Row {
  const who = 'Go go-ipam 1.14.14, in memory';
  const go = fromGoSource('allocate', ['github.com/metal-stack/go-ipam@v1.14.14']);
  if (isAbsent(go)) return { work, who, absent: go.absent };
  const usage = measureCommand(go.command, [String(peerKeys)]);
  expect(Number(usage.stdout) === peerKeys, `go-ipam placed ${usage.stdout}`);
  return { work, who, scope: 'command', ...usage, answer: `${peerKeys} blocks, no keys, no locks (quadratic: not run at ${keys})` };
}

export const parts: Parts = {
  /** Places all keys of a folder without a lock. */
  place: async (folder = '') => {
    const plans = await loadAddressPlans(folder);
    globalThis.gc?.();
    const { value, ...figures } = await measureHere(() => planAddresses(plans));
    const { addressPlan, diff } = value;
    const prefixes = new Set([...addressPlan.allocations.values()].map(({ v4, v6 }) => v6 ?? v4));
    expect(prefixes.size === plans.needs.size && diff.add.length === plans.needs.size, `${prefixes.size} blocks`);
    return [{ ...figures, answer: `${prefixes.size} blocks, none twice` }];
  },
  /** The same folder with its lock: planned again, then with one more key. */
  again: async (folder = '') => {
    const plans = await loadAddressPlans(folder);
    planAddresses(plans);
    globalThis.gc?.();
    const { value, ...figures } = await measureHere(() => planAddresses(plans));
    expect(value.diff.unchanged === keys && value.diff.add.length === 0, `${value.diff.unchanged} unchanged`);
    return [{ ...figures, answer: `${value.diff.unchanged} unchanged` }, ...(await oneMore(folder, plans))];
  },
};

/** More keys in a session that is open; no peer keeps one. The first answer is compared with that of planning everything. */
async function oneMore(folder: string, plans: PlanSet): Promise<Part[]> {
  const { value: session, ...opened } = await measureHere(() => new AddressSession(plans));
  const leg = { pool: 'six', length: 64 };
  const { value: first, ...figures } = await measureHere(() => session.add({ key: 'leaf/first', legs: { v6: leg } }));
  const { value: second, ...again } = await measureHere(() => session.add({ key: 'leaf/second', legs: { v6: leg } }));
  writeFiles(folder, {
    'network-plans/more.yaml': `apiVersion: vcloud/v1\nkind: NetworkPlan\nmetadata: { name: more }\nneeds:\n  - { key: leaf/first, pool: six, length: 64 }\n  - { key: leaf/second, pool: six, length: 64 }\n`,
  });
  const { diff } = planAddresses(await loadAddressPlans(folder));
  const wanted = diff.add.map(({ to }) => to);
  expect(wanted.length === 2 && wanted[0] === first?.[0]?.to && wanted[1] === second?.[0]?.to, `planned in full: ${wanted.join(' ')}`);
  return [
    { ...opened, answer: 'all placed' },
    { ...figures, answer: `${wanted[0] ?? ''}, as planned in full` },
    { ...again, answer: `${wanted[1] ?? ''}, as planned in full` },
  ];
}
