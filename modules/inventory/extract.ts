import { API_VERSION, canonicalJson, digestOf, ensureSigningKey, fail, formatPlace, signEnvelope, type Envelope } from '../core/index.ts';
import {
  extractPayloadType,
  listPolicies,
  ownPolicies,
  proposalSchema,
  receiveExtract,
  type Member,
  type MemberExtract,
  type PolicyFiles,
  type Settings,
} from '../federation/index.ts';
import type { AddressPlan, Delegation } from '../network/types.ts';
import type { OverlaySet } from '../vpn/types.ts';
import { addDays } from './bundle/dates.ts';
import { blocksOf } from './bundle/blocks.ts';
import { readRegistry, updateRegistry } from './bundle/registry.ts';

export interface CreateExtractOptions {
  /** The centre's own: parent zone, how long what it signs counts. */
  readonly settings: Settings;
  readonly addresses: AddressPlan;
  /** The centre's overlays, for the hubs members connect to. */
  readonly overlays?: OverlaySet | undefined;
  readonly asOf: string;
  /** What the centre's plans say of delegation. */
  readonly delegations?: readonly Delegation[] | undefined;
  /** Days it counts; that of bundles by default. */
  readonly expiresAfterDays?: number | undefined;
}

/**
 * What the centre hands to a member, signed: its blocks, AS numbers, parent zone, the hubs of the overlays and the digests of the
 * policies it is judged by. The same extract (byte for byte) as long as nothing in it changes and half its time is not over.
 * Remembers the sequence in the centre's registry.
 * @throws ProblemError INV-EXTRACT-KEY when a key of the member's scope holds no block
 */
export function createExtract(
  root: string,
  member: Member,
  options: CreateExtractOptions,
): { envelope: Envelope; extract: MemberExtract; policies: PolicyFiles; changed: boolean } {
  const { settings, addresses, overlays, asOf } = options;
  const days = options.expiresAfterDays ?? settings.bundle.expiresAfterDays;
  for (const key of member.scope.keys) {
    if (addresses.allocations.has(key)) continue;
    fail('INV-EXTRACT-KEY', `member "${member.id}" holds key "${key}", which the address plan does not know`, {
      file: 'vcloud.yaml',
      subject: member.id,
      hint: 'add a need with this key to a plan below network-plans/, or correct `scope.keys`',
    });
  }
  const { privateKey, publicKey } = ensureSigningKey(root);
  const policies = ownPolicies(root);
  const says = {
    member: member.id,
    blocks: blocksOf(addresses, member.scope.keys),
    asns: [...member.scope.keys].sort().flatMap((key) => {
      const asn = addresses.asns.get(key);
      return asn === undefined ? [] : [{ key, asn }];
    }),
    ...(settings.parentZone === undefined ? {} : { parentZone: settings.parentZone }),
    hubs: (overlays?.overlays ?? []).flatMap((overlay) =>
      overlay.nodes
        .filter(({ role, elsewhere }) => role === 'hub' && elsewhere !== true)
        .map((node) => ({ overlay: overlay.name, id: node.id, endpoints: [...node.endpoints] }))
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
    ),
    ...delegationsOf(member, options.delegations ?? []),
    ...(policies.size === 0 ? {} : { policies: listPolicies(policies) }),
    centreKey: publicKey,
  };
  const content = digestOf(says);
  const last = readRegistry(root).members[member.id]?.extract;
  const stands = last !== undefined && last.content === content && asOf < renewalOf(last.created, last.expires);
  const extract: MemberExtract = {
    apiVersion: API_VERSION,
    kind: 'MemberExtract',
    sequence: stands ? last.sequence : (last?.sequence ?? 0) + 1,
    created: stands ? last.created : asOf,
    expires: stands ? last.expires : addDays(asOf, days),
    ...says,
  };
  const envelope = signEnvelope(extractPayloadType, canonicalJson(extract), privateKey);
  if (!stands) {
    updateRegistry(root, member.id, { extract: { sequence: extract.sequence, content, created: extract.created, expires: extract.expires } });
  }
  return { envelope, extract, policies, changed: !stands };
}

/** What is declared of a member's blocks; nothing where nothing is, so that what was handed out before stays as it is. */
function delegationsOf({ id, scope }: Member, declared: readonly Delegation[]): Pick<MemberExtract, 'delegations'> {
  const own = declared.flatMap(({ member, keys, domain, conditions, detail, proposals, place }) => {
    const held = (keys ?? scope.keys).filter((key) => scope.keys.includes(key));
    if (member !== id || held.length === 0) return [];
    const asked = proposals.map((proposal) => proposalSchema.strip().parse(proposal));
    return [{ keys: [...held].sort(), ...(domain === undefined ? {} : { domain }), conditions, detail, proposals: asked, declared: formatPlace(place) ?? '' }];
  });
  return own.length === 0 ? {} : { delegations: own };
}

/** Half the time it counts: early enough that a member that calls rarely never holds an expired one. */
function renewalOf(created: string, expires: string): string {
  const days = (Date.parse(expires) - Date.parse(created)) / 86_400_000;
  return addDays(created, Math.max(1, Math.floor(days / 2)));
}

/**
 * Makes a member's extract and lays it into the member's folder with the policies, where the member verifies them before they count.
 * @returns whether the member holds another extract than before
 */
export function deliverExtract(root: string, memberRoot: string, member: Member, options: CreateExtractOptions): boolean {
  const { envelope, policies } = createExtract(root, member, options);
  return receiveExtract(memberRoot, envelope, { asOf: options.asOf, member: member.id, policies });
}
