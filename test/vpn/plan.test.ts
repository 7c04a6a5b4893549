import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../modules/core/index.ts';
import { renderNode, renderOverlays, verifyOverlays, type Overlay, type OverlayNode } from '../../modules/vpn/index.ts';
import { interfaceNumber } from '../../modules/vpn/links.ts';
import { parseSwanctl, parseWireguard } from '../../modules/vpn/parse.ts';
import { tunnelsOf } from '../../modules/vpn/topology.ts';
import { first, inventedKey, ipsec, nodes, overlaysOf, wireguard } from './fixture.ts';

describe('planning overlays', () => {
  it('connects every spoke to both hubs of its group, and names tunnels by their ends', async () => {
    const set = await overlaysOf();
    const overlay = first(set);
    expect(overlay.tunnels.map(({ id }) => id)).toEqual(['commune-1--hub-1', 'commune-1--hub-2', 'commune-2--hub-1', 'commune-2--hub-2']);
    expect(overlay.nodes.map(({ id, asn }) => [id, asn])).toEqual([
      ['commune-1', undefined],
      ['commune-2', undefined],
      ['hub-1', 4_200_000_001],
      ['hub-2', 4_200_000_001],
    ]);
    expect([...set.files.keys()].sort()).toEqual([
      'extended/nodes/hub-1.swanctl.conf',
      'extended/nodes/hub-2.swanctl.conf',
      'extended/spokes/hue.swanctl.conf',
      'extended/tunnels.json',
    ]);
    expect(verifyOverlays(set)).toEqual([]);
  });

  it('writes selectors of both families, certificates by name, and no secret', async () => {
    const set = await overlaysOf();
    const hub = parseSwanctl(set.files.get('extended/nodes/hub-2.swanctl.conf') ?? '');
    const connection = hub?.sections.get('connections')?.sections.get('commune-1--hub-2');
    expect(Object.fromEntries(connection?.values ?? [])).toMatchObject({
      version: '2',
      proposals: 'aes256gcm16-prfsha384-ecp384',
      local_addrs: '198.51.100.1,2001:db8::2',
      remote_addrs: '%any',
      if_id_in: '1',
    });
    expect(Object.fromEntries(connection?.sections.get('local')?.values ?? [])).toEqual({ auth: 'pubkey', certs: 'hub-2.pem', id: 'hub-2.example' });
    expect(connection?.sections.get('children')?.sections.get('net')?.values.get('remote_ts')).toBe('10.2.0.64/26,3fff:200:1::/48');
    for (const text of set.files.values()) expect(text).not.toMatch(/private ?key ?=|secret/iu);
  });

  it('gives one device its own configuration, equal to its part of the group file', async () => {
    const set = await overlaysOf();
    const [[file, text] = ['', '']] = [...renderNode(first(set), 'commune-2')];
    expect(file).toBe('nodes/commune-2.swanctl.conf');
    const own = parseSwanctl(text)?.sections.get('connections')?.sections;
    const group = parseSwanctl(set.files.get('extended/spokes/hue.swanctl.conf') ?? '')?.sections.get('connections')?.sections;
    expect([...(own?.keys() ?? [])]).toEqual(['commune-2--hub-1', 'commune-2--hub-2']);
    for (const [name, section] of own ?? []) expect(section).toEqual(group?.get(name));
  });

  it('links regions in a mesh and lets members configure their own ends', async () => {
    const body = `overlays:
  - name: extended
    profile: standard
    reach: [{ pool: gov-v6 }]
    mesh: [north, south]
    nodes:
      - { id: n1, role: hub, group: north, owner: a, endpoints: [192.0.2.1] }
      - { id: n2, role: hub, group: north, owner: a, endpoints: [192.0.2.2] }
      - { id: s1, role: hub, group: south, owner: a, endpoints: [192.0.2.3] }
      - { id: s2, role: hub, group: south, owner: a, endpoints: [192.0.2.4] }
      - { id: p1, role: hub, group: p, owner: b, endpoints: [192.0.2.5], joins: [north], elsewhere: true, prefixes: [10.2.0.0/16] }
      - { id: p2, role: hub, group: p, owner: b, endpoints: [192.0.2.6], joins: [north], elsewhere: true, prefixes: [10.2.0.0/16] }
      - { id: q, role: spoke, owner: b, joins: [p], elsewhere: true, prefixes: [10.2.1.0/24] }
`;
    const set = await overlaysOf(body);
    expect(first(set).tunnels.filter(({ kind }) => kind === 'mesh')).toHaveLength(6);
    expect(first(set).tunnels.filter(({ kind }) => kind === 'join')).toHaveLength(4);
    expect([...set.files.keys()].some((file) => file.includes('p1') || file.includes('/p.'))).toBe(false);
    expect(verifyOverlays(set)).toEqual([]);
  });

  it('writes WireGuard interfaces without a private key: one per hub at a spoke, one for all spokes at a hub', async () => {
    const set = await overlaysOf(nodes, { profiles: wireguard });
    expect(first(set).profile).toMatchObject({ kind: 'wireguard', trial: true });
    expect([...set.files.keys()].filter((file) => file.includes('commune-1/'))).toEqual([
      'extended/nodes/commune-1/wg-hub-1.conf',
      'extended/nodes/commune-1/wg-hub-2.conf',
    ]);
    const spoke = parseWireguard(set.files.get('extended/nodes/commune-1/wg-hub-2.conf') ?? '');
    expect(Object.fromEntries(spoke?.peers[0] ?? [])).toEqual({
      PublicKey: inventedKey(1),
      Endpoint: '198.51.100.1:51820',
      AllowedIPs: '3fff::/20, 10.0.0.0/8',
      PersistentKeepalive: '25',
    });
    expect(spoke?.interface.get('PostUp')).toBe('wg set %i private-key /etc/wireguard/keys/%i.key');
    const hub = parseWireguard(set.files.get('extended/nodes/hub-1/wg-hub.conf') ?? '');
    expect(hub?.peers.map((peer) => peer.get('AllowedIPs'))).toEqual(['10.2.0.64/26, 3fff:200:1::/48', '10.2.0.128/26, 3fff:200:2::/48']);
    expect(verifyOverlays(set)).toEqual([]);
  });

  it('is deterministic', async () => {
    const [one, other] = [await overlaysOf(), await overlaysOf()];
    expect([...one.files]).toEqual([...other.files]);
  });
});

describe('topology', () => {
  const arbitraryNodes = fc.uniqueArray(
    fc.record({ name: fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/u), hub: fc.boolean(), group: fc.constantFrom('a', 'b', 'c') }),
    {
      selector: ({ name }) => name,
      maxLength: 14,
    },
  );
  const nodesOf = (made: readonly { name: string; hub: boolean; group: string }[]): OverlayNode[] =>
    made
      .map(({ name, hub, group }): OverlayNode => ({
        id: name,
        role: hub ? 'hub' : 'spoke',
        owner: 'o',
        endpoints: [],
        prefixes: [],
        ...(hub ? { group } : { joins: [group] }),
      }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));

  it('adding a node moves no tunnel and no interface number', () => {
    fc.assert(
      fc.property(arbitraryNodes, (made) => {
        const all = nodesOf(made);
        const fewer = all.slice(1);
        const ids = new Set(tunnelsOf('o', 'p', all, ['a']).map(({ id }) => id));
        for (const { id } of tunnelsOf('o', 'p', fewer, ['a'])) expect(ids.has(id)).toBe(true);
      }),
    );
    expect(interfaceNumber('a--b')).toBe(interfaceNumber('a--b'));
    expect(interfaceNumber('a--b')).toBeGreaterThan(1);
  });

  it('what is planned and rendered is what is read back', () => {
    fc.assert(
      fc.property(arbitraryNodes, (made) => {
        const list = nodesOf(made).map((node, index) => ({
          ...node,
          prefixes: [`10.${index}.0.0/16`],
          endpoints: node.role === 'hub' ? [`192.0.2.${index}`] : [],
        }));
        const overlay: Overlay = {
          name: 'o',
          profile: {
            name: 'p',
            kind: 'ipsec',
            trial: false,
            stated: {
              name: 'p',
              kind: 'ipsec',
              trial: false,
              ike: { proposals: ['aes256gcm16-prfsha384-ecp384'], lifetime: 60, deadPeerDelay: 30 },
              esp: { proposals: ['aes256gcm16-ecp384'], lifetime: 60 },
              authentication: { certificate: '{node}.pem', identity: '{node}' },
            },
          },
          nodes: list,
          tunnels: tunnelsOf('o', 'p', list, ['a']),
          reach: ['10.0.0.0/8'],
          hubsPerGroup: 1,
          mesh: ['a'],
        };
        const set = { overlays: [overlay], files: renderOverlays([overlay]) };
        expect(verifyOverlays(set).filter(({ code }) => code !== 'VPN-ALONE')).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

describe('broken plans', () => {
  const broken: readonly [string, string, string, { profiles?: string; files?: Record<string, string> }?][] = [
    ['an unknown profile', nodes.replace('profile: standard', 'profile: strict'), 'VPN-UNKNOWN-PROFILE'],
    ['an unknown group', nodes.replace('joins: ["{parent.id}"]', 'joins: [nowhere]'), 'VPN-UNKNOWN-GROUP'],
    ['a hub without endpoint', nodes.replace('endpoints: [192.0.2.1], ', ''), 'VPN-HUB'],
    ['an endpoint with a length', nodes.replace('[192.0.2.1]', '[192.0.2.1/32]'), 'VPN-ENDPOINT'],
    ['a node twice', nodes.replace('id: hub-2', 'id: hub-1'), 'VPN-NODE-DUPLICATE'],
    ['an id with a slash', nodes.replace('id: hub-2', 'id: a/b'), 'VPN-NODE-ID'],
    ['a prefix with host bits', nodes.replace('{ pool: gov-v6 }', '10.1.1.1/8'), 'NET-PREFIX'],
    ['an overlay twice', `${nodes}${nodes.replace('overlays:\n', '')}`, 'VPN-OVERLAY-DUPLICATE'],
    [
      'a missing public key',
      nodes,
      'VPN-KEY-MISSING',
      { profiles: wireguard, files: { 'network-plans/data/keys.csv': `node,publicKey\nhub-1,${inventedKey(0)}\n` } },
    ],
    ['a key that is none', nodes, 'VPN-KEY', { profiles: wireguard, files: { 'network-plans/data/keys.csv': 'node,publicKey\nhub-1,abc\n' } }],
    ['hubs above hubs with WireGuard', nodes.replace('id: hub-2,', 'id: hub-2, joins: [hue],'), 'VPN-WIREGUARD-LEVELS', { profiles: wireguard }],
    ['a profile twice', nodes, 'VPN-PROFILE-DUPLICATE', { profiles: ipsec + ipsec.replace('profiles:\n', '') }],
    ['a private key in the plan', nodes.replace('role: spoke', 'role: spoke\n        privateKey: x'), 'CORE-SCHEMA-UNKNOWN-KEY'],
  ];
  it.each(broken)('refuses %s, with place and hint', async (_what, body, code, options) => {
    const error = await overlaysOf(body, options ?? {}).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(ProblemError);
    const found = (error as ProblemError).problems.find((problem) => problem.code === code);
    expect(found, (error as ProblemError).message).toBeDefined();
    expect(found?.line).toBeGreaterThan(0);
  });
});
