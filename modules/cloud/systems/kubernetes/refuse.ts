import { Problems } from '../../../core/index.ts';
import type { TenantStack } from '../../program/stack.ts';
import type { Entry, SystemShape } from '../shape.ts';

/**
 * What an entry becomes: `ingress` (by host name, TLS, port 443, through the cluster's controller), `balancer` (an address of
 * its own), `service` (for members of the same system only).
 */
export function entryKind({ from, listen, tls, connections }: Entry): 'ingress' | 'balancer' | 'service' {
  if ('component' in from) return 'service';
  // Passed on unopened, an Ingress is needed only where connections are counted, which a Service cannot.
  return listen === 443 && (tls.at === 'entry' || connections !== undefined) ? 'ingress' : 'balancer';
}

/**
 * Parts of a shape that Kubernetes cannot have, each a problem of its own that names it.
 * @throws ProblemError CLOUD-PLACE
 */
export function refuse({ tenant, cloud, agency }: Pick<TenantStack, 'tenant' | 'cloud' | 'agency'>, shape: SystemShape): void {
  const problems = new Problems();
  const cannot = (part: string, why: string, hint: string): void => {
    problems.error('CLOUD-PLACE', `${part} of tenant "${tenant.id}" cannot be had on ${cloud.id} (kubernetes): ${why}`, {
      subject: `tenant/${tenant.id}`,
      hint,
    });
  };
  for (const { name } of shape.stores)
    cannot(
      `object store "${name}"`,
      'Kubernetes has no storage of objects',
      'place the store in a cloud that has one and let the system reach it by a flow to its key (blueprint archive: `medium: volumes` has none)',
    );
  for (const { name: component, ports } of shape.components)
    for (const { name } of ports)
      if (!/^(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*$/u.test(name) || name.length > 15)
        cannot(
          `port "${name}" of component "${component}"`,
          'names of ports are those of RFC 6335',
          'use at most 15 lower-case letters, digits and single hyphens',
        );
  for (const entry of shape.entries) {
    const { name, listen, tls, connections } = entry;
    const kind = entryKind(entry);
    const part = `entry "${name}"`;
    if (kind !== 'ingress' && tls.at === 'entry')
      cannot(
        part,
        kind === 'service' ? 'inside the cluster nothing ends TLS but members' : `an Ingress ends TLS on port 443 only, not on ${listen}`,
        'listen on 443, or end TLS at the members',
      );
    if (kind !== 'ingress' && connections !== undefined)
      cannot(part, `nothing in front of port ${listen} counts connections`, 'listen on 443, or leave the limit to the members');
    if (kind === 'ingress' && agency.zone === undefined)
      cannot(part, `${agency.id} has no zone, and an Ingress tells entries apart by their names`, 'give its organisation a label');
  }
  const outward = new Map(shape.segments.map(({ name, egress }) => [name, egress === true]));
  for (const { from, to, why } of shape.flows) {
    if (!('component' in from) || !('anywhere' in to)) continue;
    const segment = shape.components.find(({ name }) => name === from.component)?.segment ?? '';
    if (outward.get(segment) === false)
      cannot(`flow "${why}" from "${from.component}"`, `its segment "${segment}" has no way out`, 'give the segment `egress`, or name whom it talks to');
  }
  problems.throwIfErrors();
}
