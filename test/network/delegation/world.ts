import { readPlans } from '../../../modules/network/load.ts';
import type { MemberReport } from '../../../modules/network/delegation/index.ts';
import type { Extract, PlanSet } from '../../../modules/network/index.ts';
import type { ReceivedDelegation } from '../../../modules/federation/index.ts';
import { federationFolder } from '../folder.ts';

export const declared = 'network-plans/members.yaml:9:5';

/** A member's plan over two delegated blocks and what the centre said about them. */
export function member(
  plan: string,
  delegation: Partial<ReceivedDelegation> = {},
  options: { lock?: string; asOf?: string; extract?: Partial<Extract> } = {},
): PlanSet {
  const root = federationFolder({
    'network-plans/own.yaml': `apiVersion: vcloud/v1
kind: NetworkPlan
metadata: { name: own }
domains: [{ name: d }, { name: e }]
pools:
  - { name: six, from: { key: agency/moh, family: v6 }, domain: d, strategy: first-fit }
  - { name: four, from: { key: agency/moh, family: v4 }, domain: d, strategy: first-fit }
${plan}`,
    ...(options.lock === undefined ? {} : { 'network-plans/own.lock.yaml': options.lock }),
  });
  const extract: Extract = {
    blocks: [
      { key: 'agency/moh', family: 'v4', prefix: '10.8.0.0/16', domain: 'd' },
      { key: 'agency/moh', family: 'v6', prefix: '3fff:8::/32', domain: 'd' },
    ],
    delegations: [{ keys: ['agency/moh'], conditions: {}, detail: 'utilisation', proposals: [], declared, ...delegation }],
    ...options.extract,
  };
  return readPlans(root, undefined, { extract, asOf: options.asOf ?? '2026-11-22' });
}

export function lockOf(rows: string): string {
  return `apiVersion: vcloud/v1\nkind: NetworkLock\nallocations:\n${rows}`;
}

/** A centre whose key agency/moh holds two blocks; `report` is what the member's bundle said. */
export function centre(
  delegations: string,
  report: Partial<MemberReport> = {},
  options: { asOf?: string; lengths?: { v4: number; v6: number } } = {},
): PlanSet {
  const { v4, v6 } = options.lengths ?? { v4: 16, v6: 32 };
  const root = federationFolder({
    'network-plans/members.yaml': `apiVersion: vcloud/v1
kind: NetworkPlan
metadata: { name: members }
domains: [{ name: d }]
pools:
  - { name: gov-v6, prefix: "3fff::/20", domain: d, strategy: first-fit }
  - { name: gov-v4, prefix: 10.0.0.0/8, domain: d, strategy: first-fit }
needs:
  - { key: agency/moh, role: container, legs: { v6: { pool: gov-v6, length: ${v6} }, v4: { pool: gov-v4, length: ${v4} } } }
${delegations}`,
    'network-plans/members.lock.yaml': lockOf('  agency/moh: {v4: "10.8.0.0/16", pool4: gov-v4, v6: "3fff:8::/32", pool6: gov-v6}\n'),
  });
  const members: MemberReport[] = [{ member: 'moh', keys: ['agency/moh'], utilisation: [], answers: [], ...report }];
  return readPlans(root, undefined, { members, asOf: options.asOf ?? '2026-11-22' });
}
