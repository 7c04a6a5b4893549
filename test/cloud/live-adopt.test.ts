import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heldObjects, programText, propose, sortObjects, type LiveObject } from '../../modules/cloud/live/index.ts';
import { bodyOf } from '../../modules/cloud/live/adopt/body.ts';
import { namesFor } from '../../modules/cloud/live/adopt/names.ts';
import type { JsonObject } from '../../modules/core/index.ts';
import type { Candidate, CandidateReading } from '../../modules/engine/index.ts';

const id = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const object = (kind: string, number: number, attributes: JsonObject): LiveObject => ({
  ...{ kind: `openstack_${kind}`, id: id(number), tags: [] },
  ...(typeof attributes['name'] === 'string' && attributes['name'] !== '' ? { name: attributes['name'] } : {}),
  attributes: { id: id(number), ...attributes },
});

const network = object('networking_network_v2', 1, { name: 'Mạng Đà Nẵng' });
const subnet = object('networking_subnet_v2', 2, { name: '', network_id: id(1), cidr: '192.0.2.0/24', description: 'costs ${amount}' });
const group = object('networking_secgroup_v2', 3, { name: 'web' });
const rule = object('networking_secgroup_rule_v2', 4, {
  ...{ security_group_id: id(3), direction: 'ingress', ethertype: 'IPv4', protocol: 'tcp', port_range_min: 443, port_range_max: 443 },
  ...{ remote_ip_prefix: null, remote_group_id: null, remote_address_group_id: null },
});
const everything = [network, subnet, group, rule];

/** What a provider says of its kind, as it was seen to: reads names and refuses nothing; `secret` stands where somebody put it. */
function provider(extra: Readonly<Record<string, JsonObject>> = {}): (candidates: readonly Candidate[]) => Promise<CandidateReading[]> {
  return async (candidates) =>
    candidates.map(({ type, name, id: own, body }) => {
      const known = everything.find((one) => one.id === own);
      const attributes: JsonObject = { ...known?.attributes, ...extra[own] };
      const differs = Object.entries(attributes)
        .filter(([attribute, value]) => attribute === 'protocol' && body[attribute] !== value)
        .map(([attribute, before]) => ({ attribute, before, after: null }));
      return { address: `${type}.${name}`, attributes: { ...attributes, id: own }, differs, replaces: differs.length > 0 };
    });
}

describe('the declaration of what exists', () => {
  it('refers by variables, escapes what is no reference and is the same in any order', async () => {
    const facts = { tenant: 'portal', part: 'workload', project: { name: 'old portal', id: id(9) }, cloud: 'hall', scoped: true, notes: [] };
    const { adopted, left } = await propose(everything, provider());
    expect(left).toEqual([]);
    const text = programText(adopted, facts);
    expect(text).toContain("const mangDaNang = new NetworkingNetworkV2(stack, 'mang-da-nang', { name: 'Mạng Đà Nẵng' });");
    expect(text).toContain('networkId: mangDaNang.id');
    expect(text).toContain("new NetworkingSecgroupRuleV2(stack, 'web-ingress-tcp-443', {");
    expect(text).toContain("description: 'costs $${amount}'");
    expect(text.indexOf('const mangDaNang')).toBeLessThan(text.indexOf('mangDaNang.id'));
    expect(programText((await propose([...everything].reverse(), provider())).adopted, facts)).toBe(text);
  });

  it('never writes a secret, and says which object stays undeclared', async () => {
    const volume = object('blockstorage_volume_v3', 20, { name: 'data', size: 1 });
    const open = { name: 'data', size: 1, description: 'plain', metadata: { password: 'hunter2-hunter2' } };
    const { adopted } = await propose([volume], provider({ [id(20)]: open }));
    const facts = { tenant: 'portal', part: 'workload', project: { name: 'old', id: id(9) }, cloud: 'hall', scoped: true, notes: [] };
    expect(programText(adopted, facts)).toContain('  // - openstack_blockstorage_volume_v3 data: metadata: what looks like a secret is not written down');
    expect(programText(adopted, facts)).not.toContain('hunter2');
    expect(adopted.map(({ body }) => body)).toEqual([{ name: 'data', size: 1, description: 'plain' }]);
    const secret = object('keymanager_secret_v1', 5, { name: 'key' });
    const kept = await propose([...everything, secret], provider());
    expect(kept.left).toMatchObject([{ type: 'openstack_keymanager_secret_v1', name: 'key', whose: 'project' }]);
  });

  it("takes nothing in a group a state holds for the cloud's own", async () => {
    const any = { security_group_id: id(3), ethertype: 'IPv4', protocol: null, port_range_min: null, port_range_max: null, remote_ip_prefix: null };
    const out = object('networking_secgroup_rule_v2', 30, { ...any, direction: 'egress', remote_group_id: null });
    const among = object('networking_secgroup_rule_v2', 31, { ...any, direction: 'ingress', remote_group_id: id(3) });
    const read = provider({ [id(30)]: { direction: 'egress', security_group_id: id(3) }, [id(31)]: { direction: 'ingress', security_group_id: id(3) } });
    const alone = await propose([out, among], read);
    expect(alone.left.map(({ id: own, whose }) => [own, whose])).toEqual([
      [id(30), 'cloud'],
      [id(31), 'cloud'],
    ]);
    const around = { byId: new Map([[id(3), group]]), emptied: new Set([id(3)]) };
    const held = await propose([out, among], read, around);
    expect(held.left).toEqual([]);
    expect(held.adopted.map(({ id: own }) => own).sort()).toEqual([id(30), id(31)]);
  });

  it('keeps what somebody chose, also where the cloud would work it out, and names what it leaves to the cloud', () => {
    const body = (type: string, attributes: JsonObject): JsonObject => bodyOf(`openstack_${type}`, attributes).body;
    const router = { name: 'r', enable_snat: false, external_network_id: id(1), admin_state_up: true };
    expect(body('networking_router_v2', router)).toEqual({ name: 'r', enable_snat: false, external_network_id: id(1) });
    expect(body('networking_router_v2', { ...router, enable_snat: true })).toEqual({ name: 'r', external_network_id: id(1) });
    // Without a way out the provider reads "false", and nobody chose it.
    expect(body('networking_router_v2', { ...router, external_network_id: '' })).toEqual({ name: 'r' });
    expect(body('networking_port_v2', { network_id: id(1), port_security_enabled: false })).toEqual({ network_id: id(1), port_security_enabled: false });
    expect(body('networking_secgroup_v2', { name: 'g', stateful: false })).toEqual({ name: 'g', stateful: false });
    expect(body('networking_secgroup_v2', { name: 'g', stateful: true, delete_default_rules: false })).toEqual({ name: 'g' });
    const listener = { loadbalancer_id: id(2), protocol: 'TCP', protocol_port: 443 };
    const defaults = { connection_limit: -1, timeout_client_data: 50_000, timeout_member_connect: 5000, timeout_member_data: 50_000, timeout_tcp_inspect: 0 };
    expect(body('lb_listener_v2', { ...listener, ...defaults })).toEqual(listener);
    const tuned = { connection_limit: 500, timeout_client_data: 5000 };
    expect(body('lb_listener_v2', { ...listener, ...defaults, ...tuned })).toEqual({ ...listener, ...tuned });
    expect(body('lb_listener_v2', { ...listener, client_authentication: '' })).toEqual(listener);
    expect(body('lb_l7policy_v2', { action: 'REJECT', listener_id: id(2), position: 2 })).toMatchObject({ position: 2 });
    const properties = { hw_disk_bus: 'scsi', os_distro: 'debian', os_hash_algo: 'sha512', stores: 'a', 'owner_specified.openstack.md5': '' };
    expect(body('images_image_v2', { name: 'i', container_format: 'bare', disk_format: 'raw', properties })['properties']).toEqual({
      hw_disk_bus: 'scsi',
      os_distro: 'debian',
    });
    const network = bodyOf('openstack_networking_network_v2', { name: 'n', shared: true, external: false, mtu: 1442 });
    expect([network.body, network.left]).toEqual([{ name: 'n' }, ['shared']]);
    // Where two attributes exclude each other what can be worked out goes, and is named.
    expect(bodyOf('openstack_networking_network_v2', { name: 'n', port_security_enabled: false }, { sparse: true }).left).toEqual(['port_security_enabled']);
  });

  it('gives every object a name of its own, the same whatever order they come in', () => {
    const kinds = ['networking_network_v2', 'networking_subnet_v2', 'lb_member_v2', 'dns_zone_v2'];
    const objects = fc.array(fc.record({ kind: fc.constantFrom(...kinds), name: fc.constantFrom('', 'web', 'Web ', '1', 'đêm', '***') }), { maxLength: 12 });
    fc.assert(
      fc.property(objects, fc.infiniteStream(fc.nat()), (wanted, random) => {
        const list = wanted.map(({ kind, name }, index) => object(kind, index + 1, { name }));
        const names = namesFor(list);
        expect(new Set(names.values()).size).toBe(list.length);
        for (const name of names.values()) expect(name).toMatch(/^[a-z][a-z0-9-]*$/u);
        const shuffled = [...list].sort(() => (random.next().value ?? 0) % 2 || -1);
        expect([...namesFor(shuffled)].map(([{ id: own }, name]) => `${own} ${name}`).sort()).toEqual(
          [...names].map(([{ id: own }, name]) => `${own} ${name}`).sort(),
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('what no state holds', () => {
  it('is found inside of what is held; what the cloud makes itself is not', () => {
    const foreign = object('networking_secgroup_rule_v2', 6, { ...rule.attributes, id: id(6), port_range_min: 22, port_range_max: 22 });
    const out = object('networking_secgroup_rule_v2', 7, {
      ...rule.attributes,
      ...{ id: id(7), direction: 'egress', protocol: null, port_range_min: null, port_range_max: null },
    });
    const vip = object('networking_port_v2', 8, { name: `octavia-lb-${id(30)}`, device_owner: 'Octavia', network_id: id(1) });
    const card = object('networking_port_v2', 10, { name: '', device_owner: 'compute:nova', mac_address: 'fa:16:3e:00:00:01', network_id: id(1) });
    const spy = object('networking_port_v2', 11, { name: 'spy', device_owner: 'compute:nova', mac_address: 'fa:16:3e:00:00:02', network_id: id(1) });
    const others: LiveObject = { ...object('networking_network_v2', 12, { name: 'theirs' }), tags: ['vcloud:other:a.b.c'] };
    const holder = (address: string): { stack: string; address: string } => ({ stack: 's', address });
    const byId = new Map([
      [id(1), holder('n.web')],
      [id(3), holder('g.web')],
      [id(4), holder('r.https')],
    ]);
    const { unmanaged, made, held } = sortObjects(
      [network, group, rule, foreign, out, vip, card, spy, others],
      { byId, interfaces: new Set(['fa:16:3e:00:00:01']) },
      'me',
    );
    expect(unmanaged.map((one) => [one.id, one.within?.address])).toEqual([
      [id(6), 'g.web'],
      [id(11), 'n.web'],
    ]);
    expect(held.size).toBe(3);
    expect([...made.keys()].map((one) => one.id)).toEqual([id(7), id(8), id(10), id(12)]);
  });

  it('is a rule that lets everything out, in a group whose default rules were deleted; it is the cloud’s where they were kept', () => {
    const out = object('networking_secgroup_rule_v2', 7, {
      ...{ security_group_id: id(3), direction: 'egress', ethertype: 'IPv4', protocol: null, port_range_min: null, port_range_max: null },
      ...{ remote_ip_prefix: null, remote_group_id: null, remote_address_group_id: null },
    });
    const unmanagedWhere = (attributes: JsonObject | undefined): readonly (string | undefined)[] => {
      const resource = { stack: 's', address: 'g.web', type: group.kind, attributes: { id: id(3), ...attributes } };
      const held = heldObjects(new Map([['s', attributes === undefined ? [] : [resource]]]));
      return sortObjects([group, out], held).unmanaged.map(({ type, within }) => `${type} ${within?.address ?? '-'}`);
    };
    expect(unmanagedWhere({ delete_default_rules: true })).toEqual([`${out.kind} g.web`]);
    // An imported group's state says nothing of it.
    expect(unmanagedWhere({ delete_default_rules: false })).toEqual([]);
    expect(unmanagedWhere({ delete_default_rules: null })).toEqual([]);
    expect(unmanagedWhere(undefined)).toEqual([`${group.kind} -`]);
  });
});
