import { didYouMean, Problems } from '../../../core/index.ts';
import { offers } from '../../openstack/platform.ts';
import type { CloudFacts, TenantFacts } from '../../program/agency.ts';
import type { SystemShape } from '../shape.ts';

type Service = Parameters<typeof offers>[1];

/**
 * Names every part that this OpenStack cannot have, or not without a statement, before anything is made.
 * @throws ProblemError CLOUD-PLACE (part and cloud), CLOUD-SHAPE (parts that do not fit together); all of them at once
 */
export function refuse(tenant: TenantFacts, cloud: CloudFacts, { components, flows, entries, keys, stores }: SystemShape): void {
  const problems = new Problems();
  const subject = `tenant/${tenant.id}`;
  const refused = (part: string, why: string, hint: string): void =>
    problems.error('CLOUD-PLACE', `${part} cannot be placed on ${cloud.id}: ${why}`, { subject, hint });
  const odd = (message: string, hint: string | undefined): void => problems.error('CLOUD-SHAPE', message, { subject, hint });
  const needs = (part: string, service: Service): void => {
    if (!offers(cloud, service)) refused(part, `it has no ${service}`, `place it on another cloud, or add ${service} to the cloud's services if it has it`);
  };

  for (const { name, storage } of components) {
    needs(`component ${name}`, 'compute');
    if (storage) needs(`storage of component ${name}`, 'block-storage');
  }
  for (const { name, origin, use } of keys) {
    needs(`key ${name}`, 'key-manager');
    if (origin === 'generated' && use === 'certificate')
      refused(`key ${name}`, "OpenStack's key store makes keys, not certificates", 'let its owner put the certificate there (`origin: given`)');
  }
  for (const { name, writeOnceDays, class: policy } of stores) {
    needs(`store ${name}`, 'object-store');
    if (writeOnceDays !== undefined && policy === undefined)
      refused(
        `store ${name}`,
        'Swift keeps nothing unchangeable by itself',
        'state as its `class` the storage policy of this cloud that does (blueprint archive: parameter `storeClass`)',
      );
  }
  for (const { name, tls, component, port } of entries) {
    needs(`entry ${name}`, 'load-balancer');
    const ports = components.find((one) => one.name === component)?.ports.map((one) => one.name);
    if (ports?.includes(port) === false) odd(`entry ${name}: component ${component} has no port "${port}"`, didYouMean(port, ports));
    if (tls.at === 'entry' && !keys.some((key) => key.name === tls.certificate && key.use === 'certificate'))
      odd(`entry ${name}: "${tls.certificate}" is no certificate of the shape`, 'add it to `keys`');
  }
  for (const { to, port, why } of flows) {
    const ports = 'component' in to ? (components.find(({ name }) => name === to.component)?.ports.map(({ name }) => name) ?? []) : [];
    if (typeof port === 'string' && !ports.includes(port)) odd(`flow "${why}": no port "${port}" at its receiver`, didYouMean(port, ports));
  }
  problems.throwIfErrors();
}
