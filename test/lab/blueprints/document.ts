import { compareCodeUnits } from '../../../modules/core/index.ts';
import { checks } from './checks.ts';

/** `docs/blueprints-live.md`: requirements as they were checked, with the kinds that claim each. */
export function liveDocument(claimed: ReadonlyMap<string, ReadonlySet<string>>): string {
  const area = (id: string): string => id.split('-')[0] ?? '';
  const number = (id: string): number => Number(id.split('-')[1]);
  const ids = [...claimed.keys()].sort((a, b) => compareCodeUnits(area(a), area(b)) || number(a) - number(b));
  const row = (id: string): string => `| ${id} | ${checks[id]?.how ?? ''} | ${[...(claimed.get(id) ?? [])].sort(compareCodeUnits).join(', ')} | as claimed |`;
  return `# The nine kinds on a real OpenStack

Written by \`VCLOUD_WRITE_DOCS=1 npx vitest run test/lab/blueprints.test.ts\`, which applies a tenant of each kind (and the other
side of the data store as a tenant of a second cloud), asks the cloud's services for what each kind claims, and destroys all of it again. There is
no data plane in the lab: that a rule lets a packet through, or holds it back, is Neutron's promise and not shown here. Names of requirements are
those of the founding documents; what a kind claims and by which parts is in [blueprints.md](blueprints.md).

| requirement | asked of the live objects | kinds | result |
|---|---|---|---|
${ids.map(row).join('\n')}
`;
}
