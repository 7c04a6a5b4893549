import { planOverlays, type Overlay, type OverlaySet } from '../../modules/vpn/index.ts';
import { addressesOf, federationOf } from '../dns/fixture.ts';

export const organisations = `apiVersion: vcloud/v1
kind: Declarations
organisations:
  - { id: root, kind: nation, names: { vi: r, en: r } }
  - { id: hue, kind: city, code: "46", names: { vi: b, en: b }, label: hue, parent: root }
  - { id: commune-1, kind: ward, code: "1", names: { vi: c, en: c }, label: a-1, parent: city/46 }
  - { id: commune-2, kind: ward, code: "2", names: { vi: c, en: c }, label: b-2, parent: city/46 }
`;

export const blocks = {
  'agency/hue': { v6: '3fff:200::/32', v4: '10.2.0.0/16' },
  'commune/1': { v6: '3fff:200:1::/48', v4: '10.2.0.64/26' },
  'commune/2': { v6: '3fff:200:2::/48', v4: '10.2.0.128/26' },
  'tunnel/commune-1': { v6: '3fff:f00::1/128', v4: '10.99.0.1/32' },
};

export const ipsec = `profiles:
  - name: standard
    kind: ipsec
    ike: { proposals: [aes256gcm16-prfsha384-ecp384] }
    esp: { proposals: [aes256gcm16-ecp384] }
    authentication: { authority: ca.pem, identity: "{node}.example" }
`;
export const wireguard = `profiles:
  - { name: standard, kind: wireguard, publicKeys: data/keys.csv }
`;

export const nodes = `overlays:
  - name: extended
    profile: standard
    reach: [{ pool: gov-v6 }, { pool: gov-v4 }]
    nodes:
      - { id: hub-1, role: hub, group: hue, owner: hue, endpoints: [192.0.2.1], prefixes: [{ key: agency/hue }], asn: { key: agency/hue } }
      - { id: hub-2, role: hub, group: hue, owner: hue, endpoints: [198.51.100.1, "2001:db8::2"], prefixes: [{ key: agency/hue }], asn: { key: agency/hue } }
      - forEach: { organisations: { kind: ward } }
        id: "{id}"
        role: spoke
        joins: ["{parent.id}"]
        prefixes: [{ key: "commune/{code}" }]
`;

/** A public key of nobody: 32 octets that follow from a number. */
export function inventedKey(seed: number): string {
  return Buffer.from(Array.from({ length: 32 }, (_, index) => (seed * 31 + index * 7 + 1) & 255)).toString('base64');
}

export const keys = ['node,publicKey', ...['hub-1', 'hub-2', 'commune-1', 'commune-2'].map((node, index) => `${node},${inventedKey(index)}`)].join('\n');

/** Plans the overlays of one OverlayPlan over the fixture's organisations and blocks. */
export async function overlaysOf(
  body = nodes,
  options: { profiles?: string; files?: Record<string, string>; blocks?: Parameters<typeof addressesOf>[0] } = {},
): Promise<OverlaySet> {
  const { root, federation } = await federationOf({
    'stacks/a/a.yaml': organisations,
    'network-plans/overlays.yaml': `apiVersion: vcloud/v1\nkind: OverlayPlan\nmetadata: { name: test }\n${options.profiles ?? ipsec}${body}`,
    'network-plans/data/keys.csv': keys,
    ...options.files,
  });
  return planOverlays(
    root,
    federation,
    addressesOf(options.blocks ?? blocks, { 'gov-v6': '3fff::/20', 'gov-v4': '10.0.0.0/8' }, { 'agency/hue': 4_200_000_001 }),
  );
}

/** The only overlay of a set, or the first. */
export function first(set: OverlaySet): Overlay {
  const [overlay] = set.overlays;
  if (!overlay) throw new Error('no overlay');
  return overlay;
}
