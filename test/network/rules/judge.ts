import { loadFederation } from '../../../modules/federation/index.ts';
import { loadAddressPlans, reviewAddressPlans, type AddressCheck } from '../../../modules/network/index.ts';
import { federationFolder } from '../folder.ts';

const header = 'apiVersion: vcloud/v1\nkind: NetworkPlan\nmetadata: { name: a }\n';
/** Domain and pools of most cases: real-looking space, so that only the rule in question finds something. */
export const pools = `domains: [{ name: inside }]
pools:
  - { name: p6, prefix: "2400::/16", domain: inside }
  - { name: p4, prefix: 10.0.0.0/8, domain: inside }
`;
const settings = 'apiVersion: vcloud/v1\nkind: Federation\nmember: { id: m, organisation: nation, names: { vi: M, en: M } }\n';
const organisations = ['a', 'b'].map((id) => `  - { id: ${id}, kind: ministry, names: { vi: ${id}, en: ${id} }, parent: nation }\n`).join('');

export interface Case {
  /** Text of network-plans/a.yaml after its header. */
  readonly plan: string;
  readonly files?: Readonly<Record<string, string>> | undefined;
  /** Rows under `networks:` of a declared federation with organisations a and b; without it nothing is declared. */
  readonly networks?: readonly string[] | undefined;
  readonly asOf?: string | undefined;
}

/** Judges a plan as `net check` does. */
export async function judge({ plan, files = {}, networks, asOf = '2026-06-01' }: Case): Promise<AddressCheck> {
  const declared: Record<string, string> =
    networks === undefined
      ? {}
      : {
          'vcloud.yaml': settings,
          'stacks/s/s.yaml': `apiVersion: vcloud/v1\nkind: Declarations\norganisations:\n  - { id: nation, kind: nation, names: { vi: N, en: N } }\n${organisations}${networks.length > 0 ? `networks:\n${networks.map((row) => `  - ${row}\n`).join('')}` : ''}`,
        };
  const root = federationFolder({ ...declared, ...files, 'network-plans/a.yaml': header + plan });
  const federation = networks === undefined ? undefined : await loadFederation(root, { asOf });
  return reviewAddressPlans(await loadAddressPlans(root, federation), federation, { asOf });
}
