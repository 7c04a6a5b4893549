import { CustomObject } from '../../kubernetes/custom.ts';
import { namespaceName } from '../../kubernetes/tenant.ts';
import type { TenantStack } from '../../program/stack.ts';
import type { Key, SystemShape } from '../shape.ts';
import { componentLabel } from './openings.ts';

/** Namespace in which Velero runs, and where its schedules have to lie. */
const backupNamespace = 'velero';
/** Who signs certificates that the cluster makes itself. */
const issuer = { group: 'cert-manager.io', kind: 'ClusterIssuer', name: 'vcloud' };

/** Whether a shape needs objects of kinds that a cluster has only if its operator added them. */
export function needsExtensions(shape: SystemShape): boolean {
  return shape.keys.some(({ origin }) => origin === 'generated') || shape.components.some(({ storage }) => storage?.backup !== undefined);
}

/**
 * What Kubernetes itself has no kind for: copies of volumes (Velero), keys and passwords made inside the cluster (External
 * Secrets), certificates (cert-manager). A stack of its own, because its objects cannot be planned where the cluster lacks
 * the kind; what else the system has does not wait for it.
 */
export function placeExtensions(stack: TenantStack, shape: SystemShape): void {
  const namespace = namespaceName(stack);
  for (const { name, storage } of shape.components) {
    if (storage?.backup === undefined) continue;
    const { everyHours, keepDays } = storage.backup;
    new CustomObject(stack, `${name}-backup`, {
      apiVersion: 'velero.io/v1',
      kind: 'Schedule',
      name: stack.nameOf(name),
      namespace: backupNamespace,
      spec: {
        schedule: cron(everyHours),
        template: {
          includedNamespaces: [namespace],
          labelSelector: { matchLabels: { [componentLabel]: name } },
          snapshotVolumes: true,
          // The copy leaves the storage it was taken from.
          snapshotMoveData: true,
          ttl: `${keepDays * 24}h0m0s`,
        },
      },
    });
  }
  for (const key of shape.keys) if (key.origin === 'generated') generated(stack, namespace, key, shape);
}

/** A key the cluster makes: its value is in a Secret of the namespace and nowhere else. */
function generated(stack: TenantStack, namespace: string, { name, use }: Key, shape: SystemShape): void {
  if (use === 'certificate' || use === 'signing') {
    const { zone } = stack.agency;
    const entries = shape.entries.filter(({ tls }) => tls.at === 'members' || tls.certificate === name);
    const names = zone === undefined ? [] : entries.map((entry) => `${entry.name}.${stack.tenant.id}.${zone}`.replace(/\.$/u, ''));
    new CustomObject(stack, `${name}-key`, {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      name,
      namespace,
      spec: {
        secretName: name,
        commonName: `${namespace}-${name}`.slice(0, 64),
        ...(use === 'certificate' && names.length > 0 ? { dnsNames: names } : {}),
        privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: use === 'signing' ? 'Never' : 'Always' },
        usages: use === 'signing' ? ['digital signature'] : ['digital signature', 'server auth', 'client auth'],
        issuerRef: issuer,
      },
    });
    return;
  }
  const generator = { apiVersion: 'generators.external-secrets.io/v1alpha1', kind: 'Password', name };
  new CustomObject(stack, `${name}-generator`, {
    ...generator,
    namespace,
    // 43 letters and digits hold a little over 256 bits.
    spec: { length: 43, digits: 10, symbols: 0, noUpper: false, allowRepeat: true },
  });
  new CustomObject(stack, `${name}-key`, {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    name,
    namespace,
    spec: {
      // Made once: another value would be another key.
      refreshPolicy: 'CreatedOnce',
      target: { name, creationPolicy: 'Owner' },
      dataFrom: [{ sourceRef: { generatorRef: generator } }],
    },
  });
}

/** At minute 17, because everybody's backups begin at minute 0. */
function cron(everyHours: number): string {
  if (everyHours >= 24) return everyHours >= 48 ? `17 1 */${Math.floor(everyHours / 24)} * *` : '17 1 * * *';
  return everyHours <= 1 ? '17 * * * *' : `17 */${Math.floor(everyHours)} * * *`;
}
