import { groundwork, type Kinds } from './became.ts';
import type { SystemView } from './index.ts';

/** The view as a table: a line per part and cloud, then names and links. */
export function viewText({ system, mode, sides, parts, names, routes }: SystemView): string {
  const wide = Math.max(...sides.map(({ tenant }) => tenant.length), 0);
  const cloudOf = new Map(sides.map(({ tenant, cloud, kind }) => [tenant, `${tenant.padEnd(wide)}  ${kind === 'none' ? 'site' : kind} ${cloud}`]));
  const column = Math.max(...[...cloudOf.values()].map((text) => text.length), 0);
  const lines = [
    `${system}${mode === null ? '' : ` (${mode})`}`,
    ...sides.map(
      ({ tenant, side, answers, stacks }) =>
        `  ${(cloudOf.get(tenant) ?? '').padEnd(column)}  ${side}${answers ? ', answers' : ''}: ${stacks.join(', ') || 'no stack'}`,
    ),
  ];
  if (sides.length === 0) lines.push('  runs in no tenant that is declared here');
  for (const { part, on } of parts) {
    lines.push('', part);
    // A part of the shape that is no object of its own somewhere is said to be none, not left out.
    const shaped = on.length < sides.length && !['names', 'work list', groundwork].includes(part);
    for (const { tenant, kinds, addresses } of shaped
      ? sides.map(({ tenant: id }) => on.find((one) => one.tenant === id) ?? { tenant: id, kinds: {}, addresses: [] })
      : on)
      lines.push(`  ${(cloudOf.get(tenant) ?? '').padEnd(column)}  ${kindsText(kinds)}${addresses.length === 0 ? '' : ` at ${addresses.join(', ')}`}`);
  }
  if (names.length > 0) {
    lines.push('', 'names');
    for (const { name, addresses, planned } of names)
      lines.push(
        `  ${name} leads to ${addresses.join(', ') || 'nobody'}${planned === null || same(planned, addresses) ? '' : `; the zone plan says ${planned.join(', ')}`}`,
      );
  }
  if (routes.length > 0) {
    lines.push('', 'copies travel');
    for (const { from, to, over } of routes)
      lines.push(
        `  ${from} - ${to}: ${over === null ? 'over nothing that is declared and protected' : over.length === 0 ? 'within one site' : over.join(', ')}`,
      );
  }
  return lines.join('\n');
}

function kindsText(kinds: Kinds): string {
  if (Object.keys(kinds).length === 0) return 'no object of its own';
  return Object.entries(kinds)
    .map(([kind, count]) => `${kind.replace(/^(?:openstack|kubernetes)_/u, '')}${count === 1 ? '' : ` ${count}`}`)
    .join(', ');
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return [...one].sort().join() === [...other].sort().join();
}
