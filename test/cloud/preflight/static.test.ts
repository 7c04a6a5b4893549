import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toSandbox } from '../../../modules/cloud/index.ts';
import { cloudPreflight } from '../../../modules/cloud/preflight/index.ts';
import { BlockIndex } from '../../../modules/cloud/preflight/static/address-plan.ts';
import { between, noHost, overlappingPairs } from '../../../modules/cloud/preflight/static/pairs.ts';
import { canonicalJson } from '../../../modules/core/index.ts';
import type { PreflightResult, SynthesisedStack } from '../../../modules/engine/index.ts';
import {
  contains,
  formatPrefix,
  fromInteger,
  hostPrefix,
  overlaps,
  parseAddress,
  parsePrefix,
  samePrefix,
  toInteger,
  truncate,
  type Address,
  type Prefix,
} from '../../../modules/network/index.ts';
import { openstackStack, type Resources } from '../../lab/live/federation.ts';
import { faults } from '../../lab/preflight/faults.ts';

const v4 = fc
  .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 20, max: 32 }))
  .map(([last, length]): Prefix => truncate(fromInteger('v4', BigInt(0x0a000000 + last * 17)) as Address, length));
const v6 = fc
  .tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 60, max: 70 }))
  .map(([part, length]): Prefix => truncate(fromInteger('v6', (0x3fffn << 112n) + (BigInt(part) << 59n)) as Address, length));
const prefixes = fc.array(fc.oneof(v4, v6), { maxLength: 24 });

describe('what shares an address', () => {
  it('is what comparing every two says, each pair once', () => {
    fc.assert(
      fc.property(prefixes, (list) => {
        const things = list.map((prefix, id) => ({ prefix, id }));
        const key = (one: { id: number }, other: { id: number }): string => [one.id, other.id].sort((a, b) => a - b).join(' ');
        const naive = things.flatMap((one, index) => things.slice(index + 1).flatMap((other) => (overlaps(one.prefix, other.prefix) ? [key(one, other)] : [])));
        expect(
          overlappingPairs(things)
            .map(([one, other]) => key(one, other))
            .sort(),
        ).toEqual(naive.sort());
      }),
    );
  });

  it('of blocks: the smallest that hold a prefix, and those inside it, as looking at every one says', () => {
    fc.assert(
      fc.property(prefixes, fc.oneof(v4, v6), (list, asked) => {
        const index = new BlockIndex(list.map((prefix, at) => ({ key: String(at), prefix: formatPrefix(prefix), owner: '' })));
        const holding = list.filter((prefix) => contains(prefix, asked));
        const longest = Math.max(-1, ...holding.map(({ length }) => length));
        expect(
          index
            .around(asked)
            .map(({ prefix }) => formatPrefix(prefix))
            .sort(),
        ).toEqual(
          holding
            .filter(({ length }) => length === longest)
            .map(formatPrefix)
            .sort(),
        );
        expect(
          index
            .inside(asked)
            .map(({ prefix }) => formatPrefix(prefix))
            .sort(),
        ).toEqual(
          list
            .filter((prefix) => contains(asked, prefix) && !samePrefix(asked, prefix))
            .map(formatPrefix)
            .sort(),
        );
      }),
    );
  });

  it('between two addresses lies what is between their numbers', () => {
    const address = fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((value) => fromInteger('v4', BigInt(value)) as Address);
    fc.assert(
      fc.property(address, address, address, (start, end, one) => {
        expect(between(start, end, one)).toBe(toInteger(start) <= toInteger(one) && toInteger(one) <= toInteger(end));
      }),
    );
  });

  it('no host has the first and the last address of an IPv4 subnet, except in the smallest ones (RFC 3021)', () => {
    const prefix = parsePrefix('192.0.2.0/24');
    expect(noHost(prefix, parseAddress('192.0.2.0'))).toBe('the network address');
    expect(noHost(prefix, parseAddress('192.0.2.255'))).toBe('the broadcast address');
    expect(noHost(prefix, parseAddress('192.0.2.1'))).toBeUndefined();
    expect(noHost(parsePrefix('192.0.2.0/31'), parseAddress('192.0.2.0'))).toBeUndefined();
    expect(noHost(hostPrefix(parseAddress('192.0.2.7')), parseAddress('192.0.2.7'))).toBeUndefined();
    expect(noHost(parsePrefix('2001:db8::/64'), parseAddress('2001:db8::'))).toBe("the routers' anycast address");
  });
});

async function checked(stacks: readonly SynthesisedStack[]): Promise<readonly PreflightResult[]> {
  const blocks = [
    { key: 'agency/other', prefix: '10.99.0.0/16', owner: 'other' },
    { key: 'tenant/lab', prefix: '10.50.0.0/16', owner: 'lab' },
  ];
  const query = { root: '/', mode: 'static', stacks, declared: stacks, environmentOf: () => ({}), held: () => undefined } as const;
  const run = await cloudPreflight({ blocks: () => blocks }).begin(query);
  run.close();
  return run.results;
}

function sandboxed(stack: SynthesisedStack): SynthesisedStack {
  const { json, resources } = toSandbox(JSON.parse(stack.json) as Record<string, unknown>, stack.path);
  const planned = new Map([...resources].map(([address, real]) => [real, address]));
  return {
    ...stack,
    environment: 'sandbox',
    json: canonicalJson(json),
    resources: stack.resources.map((resource) => ({ ...resource, planned: planned.get(resource.address) ?? resource.planned })),
  };
}

const ground = { prefix: 'unit', livePrefix: '10.77.0.0/24', twice: 'unit-twice' };
const told = (results: readonly PreflightResult[]): string[] =>
  results
    .filter(({ check }) => check !== 'live')
    .map(({ check, result, stacks, address, construct, message }) => [check, result, stacks.join(','), address, construct, message].join(' '))
    .sort();

describe('planted faults', () => {
  it.each(faults.filter(({ sandbox, id }) => sandbox && id !== 'image' && id !== 'ambiguous'))('$what: named in the configuration', async (fault) => {
    const stacks = fault.stacks(ground, `${fault.id}.lab.workload`, 'lab');
    const found = await checked(stacks);
    const hit = found.filter(({ result }) => result === 'fail');
    expect(hit.map(({ check }) => check)).toContain(fault.check);
    expect(hit.map(({ message }) => message).join('\n')).toMatch(fault.says);
    for (const { hint, construct, address } of hit) {
      expect(hint).toBeTruthy();
      expect(construct).toBe(`${stacks[0]?.path ?? ''}/${address?.split('.')[1] ?? ''}`);
    }
    // The sandbox plans something else in its place, and the same is found in it.
    expect(told(await checked(stacks.map(sandboxed)))).toEqual(told(found));
  });
});

const network = { openstack_networking_network_v2: { n: { name: 'n' } } };
const networkId = '${openstack_networking_network_v2.n.id}';
const subnet = (cidr: string, more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> => ({
  network_id: networkId,
  cidr,
  ip_version: cidr.includes(':') ? 6 : 4,
  ...more,
});
const one = (resources: Resources, name = 'lab.unit.workload'): SynthesisedStack => openstackStack(name, resources);
const faultsOf = (results: readonly PreflightResult[]): string[] =>
  results.filter(({ result }) => result === 'fail').map(({ check, message }) => `${check}: ${message}`);

describe('what is right', () => {
  it('passes, and the number looked at is told', async () => {
    const results = await checked([
      one({
        ...network,
        openstack_networking_subnet_v2: { four: subnet('10.50.0.0/24', { gateway_ip: '10.50.0.1' }), six: subnet('2001:db8::/64') },
        openstack_networking_port_v2: {
          p: { network_id: networkId, fixed_ip: [{ subnet_id: '${openstack_networking_subnet_v2.four.id}', ip_address: '10.50.0.9' }] },
        },
        openstack_networking_secgroup_rule_v2: {
          ping: { security_group_id: 'x', direction: 'ingress', ethertype: 'IPv4', protocol: 'icmp', port_range_min: 8, port_range_max: 0 },
        },
      }),
    ]);
    expect(faultsOf(results)).toEqual([]);
    expect(results.filter(({ result }) => result === 'unknown').map(({ check }) => check)).toEqual(['live']);
    expect(results.find(({ check }) => check === 'address-plan')).toMatchObject({ result: 'pass', message: '2 subnets', stacks: ['lab.unit.workload'] });
  });

  it('says "unknown" of what is known only at apply', async () => {
    const results = await checked([one({ ...network, openstack_networking_subnet_v2: { s: subnet('${var.nowhere}') } })]);
    expect(results.find(({ check }) => check === 'cidr')).toMatchObject({ result: 'unknown', message: 'its cidr is known only at apply' });
  });
});

describe('references', () => {
  it('are followed through locals, variables, templates and the outputs of other stacks', async () => {
    const producer = { ...one({}, 'lab.unit.platform') };
    const made = (json: Record<string, unknown>, path: string): SynthesisedStack => ({ ...producer, path, json: canonicalJson(json) });
    const stacks = [
      made({ output: { block: { value: '10.50.1.0' } } }, 'lab.unit.platform'),
      made(
        {
          variable: { length: { default: 24 } },
          locals: { start: '${data.terraform_remote_state.p.outputs.block}' },
          data: { terraform_remote_state: { p: { backend: 'local', config: { path: '../lab.unit.platform/terraform.tfstate' } } } },
          resource: {
            ...network,
            openstack_networking_subnet_v2: { a: subnet('${local.start}/${var.length}', { ip_version: 4 }), b: subnet('10.50.1.128/25') },
          },
        },
        'lab.unit.workload',
      ),
    ];
    expect(faultsOf(await checked(stacks))).toEqual([expect.stringMatching(/^overlap: 10\.50\.1\.128\/25 overlaps 10\.50\.1\.0\/24/u)]);
  });

  it('across stacks find what two stacks put into one network', async () => {
    const lookup = (path: string, cidr: string): SynthesisedStack => {
      const base = one({ openstack_networking_subnet_v2: { s: subnet(cidr, { network_id: '${data.openstack_networking_network_v2.shared.id}' }) } }, path);
      return {
        ...base,
        json: canonicalJson({ ...(JSON.parse(base.json) as object), data: { openstack_networking_network_v2: { shared: { name: 'shared' } } } }),
      };
    };
    const results = await checked([lookup('lab.a.workload', '10.50.0.0/24'), lookup('lab.b.workload', '10.50.0.0/25')]);
    expect(results.find(({ check, result }) => check === 'overlap' && result === 'fail')?.stacks).toEqual(['lab.a.workload', 'lab.b.workload']);
  });
});

describe('a cloud that cannot be reached', () => {
  it('is told as such at once, and nothing of it is a pass', async () => {
    const stack = one(network);
    const run = await cloudPreflight().begin({
      root: '/',
      mode: 'full',
      stacks: [stack],
      declared: [stack],
      environmentOf: () => ({ OS_AUTH_URL: 'http://127.0.0.1:9/v3', OS_USERNAME: 'u', OS_PASSWORD: 'p', OS_PROJECT_NAME: 'x' }),
      held: () => undefined,
    });
    run.close();
    expect(run.results.map(({ check, result }) => [check, result])).toEqual([
      ['endpoint', 'fail'],
      ['live', 'unknown'],
    ]);
    expect(JSON.stringify(run.results)).not.toContain('"p"');
  });

  it('without credentials is asked nothing, which is no pass', async () => {
    const stack = one(network);
    const query = { root: '/', mode: 'full', stacks: [stack], declared: [stack], environmentOf: () => ({}), held: () => undefined } as const;
    const run = await cloudPreflight().begin(query);
    expect(run.results.map(({ check, result }) => [check, result])).toEqual([['credentials', 'unknown']]);
  });
});
