import { describe, expect, it } from 'vitest';
import { verifyOverlays, type OverlayNode, type OverlaySet } from '../../modules/vpn/index.ts';
import { blocks, first, inventedKey, nodes, overlaysOf, wireguard } from './fixture.ts';

const codes = (set: OverlaySet): string[] => verifyOverlays(set).map(({ code }) => code);

/** The set with one text of one file replaced; fails where the text is not there. */
function edited(set: OverlaySet, file: string, from: string, to: string): OverlaySet {
  const text = set.files.get(file) ?? '';
  expect(text).toContain(from);
  return { ...set, files: new Map([...set.files, [file, text.replace(from, to)]]) };
}

function withNode(set: OverlaySet, id: string, change: Partial<OverlayNode>): OverlaySet {
  const overlay = first(set);
  return { ...set, overlays: [{ ...overlay, nodes: overlay.nodes.map((node) => (node.id === id ? { ...node, ...change } : node)) }] };
}

describe('verifying overlays', () => {
  const hub = 'extended/nodes/hub-1.swanctl.conf';
  const edits: readonly [string, string, string, string][] = [
    ['selectors that differ', '10.2.0.64/26', '10.2.0.192/26', 'VPN-ENDS-DIFFER'],
    ['a prefix with two owners on an interface', '10.2.0.64/26', '10.2.0.128/26', 'VPN-INTERFACE'],
    ['a nested prefix on an interface', '10.2.0.64/26', '10.2.0.128/28', 'VPN-INTERFACE'],
    ['an identity that differs', 'id = commune-1.example', 'id = commune-2.example', 'VPN-ENDS-DIFFER'],
    ['algorithms that differ', 'aes256gcm16-ecp384', 'aes128gcm16-ecp256', 'VPN-ENDS-DIFFER'],
    ['an endpoint that differs', 'local_addrs = 192.0.2.1', 'local_addrs = 192.0.2.9', 'VPN-ENDS-DIFFER'],
    ['a connection nobody planned', 'commune-1--hub-1', 'commune-9--hub-1', 'VPN-UNPLANNED'],
    ['a connection that is gone', 'commune-1--hub-1', 'commune-9--hub-1', 'VPN-ENDS'],
    ['a brace too many', 'connections {', 'connections {\n}', 'VPN-SYNTAX'],
    ['a secrets section', 'connections {', 'secrets {\n}\nconnections {', 'VPN-SECRET'],
    ['a private key', 'connections {', ['#-----BEGIN', 'EC', 'PRIVATE', 'KEY-----\nconnections {'].join(' '), 'VPN-SECRET'],
    ['a key of nobody', 'connections {', `# ${inventedKey(99)}\nconnections {`, 'VPN-SECRET'],
  ];
  it.each(edits)('names %s', async (_what, from, to, code) => {
    const set = edited(await overlaysOf(), hub, from, to);
    const found = verifyOverlays(set);
    expect(found.map((problem) => problem.code)).toContain(code);
    expect(found.every(({ hint, message }) => hint !== undefined && message !== '')).toBe(true);
  });

  it('names a spoke that lost a hub, and a group with one hub', async () => {
    const set = await overlaysOf();
    const overlay = first(set);
    const without = { ...set, overlays: [{ ...overlay, tunnels: overlay.tunnels.filter(({ id }) => id !== 'commune-1--hub-2') }] };
    expect(codes(without)).toEqual(expect.arrayContaining(['VPN-NO-TUNNEL', 'VPN-TUNNEL-COUNT', 'VPN-UNPLANNED']));
    const single = await overlaysOf(nodes.replace(/ {6}- \{ id: hub-2.*\n/u, ''));
    expect(codes(single)).toEqual(['VPN-SINGLE-HUB']);
  });

  it('names prefixes behind two nodes, but lets a hub stand for what lies below it', async () => {
    const nested = await overlaysOf(nodes, { blocks: { ...blocks, 'commune/2': { v4: '10.2.0.64/27' } } });
    expect(codes(nested)).toContain('VPN-OVERLAP');
    const stranger = `${nodes}      - { id: stranger, role: spoke, owner: x, joins: [hue], prefixes: [10.2.0.0/16] }\n`;
    expect(codes(await overlaysOf(stranger))).toContain('VPN-OVERLAP');
  });

  it('names shared endpoints, inner addresses, AS numbers, and endpoints inside the overlay', async () => {
    const set = await overlaysOf();
    expect(codes(withNode(set, 'hub-2', { endpoints: ['192.0.2.1'] }))).toContain('VPN-ENDPOINT-SHARED');
    expect(codes(withNode(set, 'hub-2', { endpoints: ['10.200.0.1'] }))).toContain('VPN-ENDPOINT-INSIDE');
    expect(codes(withNode(set, 'hub-2', { owner: 'other' }))).toContain('VPN-ASN-SHARED');
    const shared = withNode(withNode(set, 'commune-1', { inner: { v4: '10.99.0.1' } }), 'commune-2', { inner: { v4: '10.99.0.1' } });
    expect(codes(shared)).toContain('VPN-INNER-SHARED');
    expect(codes(withNode(withNode(set, 'hub-1', { site: 'dc' }), 'hub-2', { site: 'dc' }))).toContain('VPN-SHARED-SITE');
  });

  it('says what is not in the address plan yet', async () => {
    expect(codes(await overlaysOf(nodes.replace('commune/{code}', 'village/{code}')))).toEqual(expect.arrayContaining(['VPN-NO-PREFIX', 'VPN-NOTHING-BEHIND']));
    const rest = { ...blocks, 'commune/2': {} };
    expect(codes(await overlaysOf(nodes, { blocks: rest }))).toEqual(expect.arrayContaining(['VPN-NOTHING-BEHIND']));
  });

  describe('WireGuard files', () => {
    const file = 'extended/nodes/hub-1/wg-hub.conf';
    it.each([
      ['a second owner of a prefix', '10.2.0.64/26', '10.2.0.128/26', 'VPN-INTERFACE'],
      ['a missing prefix', '10.2.0.64/26, ', '', 'VPN-ENDS-DIFFER'],
      ['a peer of nobody', inventedKey(2), inventedKey(50), 'VPN-UNPLANNED'],
      ['its own key as a peer', inventedKey(2), inventedKey(0), 'VPN-SELF'],
      ['a private key', 'ListenPort', `PrivateKey = ${inventedKey(7)}\nListenPort`, 'VPN-SECRET'],
      ['an unknown line', '[Peer]', '[Pear]', 'VPN-SYNTAX'],
    ])('names %s', async (_what, from, to, code) => {
      expect(codes(edited(await overlaysOf(nodes, { profiles: wireguard }), file, from, to))).toContain(code);
    });

    it('names a key two nodes share', async () => {
      const keys = `node,publicKey\n${['hub-1', 'hub-2', 'commune-1', 'commune-2'].map((node, index) => `${node},${inventedKey(index === 3 ? 2 : index)}`).join('\n')}\n`;
      expect(codes(await overlaysOf(nodes, { profiles: wireguard, files: { 'network-plans/data/keys.csv': keys } }))).toContain('VPN-KEY-SHARED');
    });
  });
});
