import type { ClusterObject } from './objects.ts';

interface Row {
  /** Kind of the object; absent: any. */
  readonly kind?: string | undefined;
  readonly when: (object: ClusterObject) => boolean;
  readonly because: string;
}

/** Names under which a control plane's own programs write (field managers). */
const controllers = new Set(['kube-controller-manager', 'kube-apiserver', 'kube-scheduler', 'kubelet', 'cloud-controller-manager']);

/**
 * What clusters make by themselves, so that nobody can be asked to declare it. An object no row fits is somebody's. Events, Leases,
 * ReplicaSets and the like are of kinds that are never declared, and not read. Sources: the controllers' own code (service
 * accounts, root-ca-cert-publisher, endpoints), the Kubernetes documentation.
 */
export const madeByClusters: readonly Row[] = [
  {
    when: ({ owners }) => owners.length > 0,
    because: 'it belongs to another object, which made it and takes it along when it goes (ownerReferences)',
  },
  {
    kind: 'ServiceAccount',
    when: ({ name }) => name === 'default',
    because: 'the service account controller gives every namespace one',
  },
  {
    kind: 'ConfigMap',
    when: ({ name }) => name === 'kube-root-ca.crt',
    because: 'the controller manager publishes the certificate of the API server in every namespace',
  },
  {
    kind: 'Secret',
    when: ({ name, account }) => account !== undefined && (name.startsWith(`${account}-token-`) || name.startsWith(`${account}-dockercfg-`)),
    because: 'the token controller makes it for a service account',
  },
  {
    kind: 'Secret',
    when: ({ labels }) => labels['tfstate'] === 'true',
    because: 'a state is kept in it (kubernetes backend)',
  },
  {
    kind: 'Endpoints',
    when: ({ annotations, labels, managers }) =>
      annotations.includes('endpoints.kubernetes.io/last-change-trigger-time') ||
      labels['endpoints.kubernetes.io/managed-by'] === 'endpoint-controller' ||
      managers.some((manager) => controllers.has(manager)),
    because: 'the endpoint controller keeps it for a Service',
  },
  {
    kind: 'EndpointSlice',
    when: ({ labels }) => /\.k8s\.io$/u.test(labels['endpointslice.kubernetes.io/managed-by'] ?? ''),
    because: 'the endpoint slice controller keeps it for a Service',
  },
  {
    when: ({ namespace, name, kind }) => namespace === 'default' && name === 'kubernetes' && ['Service', 'Endpoints', 'EndpointSlice'].includes(kind.kind),
    because: 'the API server publishes its own address',
  },
  {
    when: ({ labels }) => labels['kubernetes.io/bootstrapping'] !== undefined,
    because: 'the API server makes the roles it works with itself',
  },
  {
    when: ({ annotations }) => annotations.includes('control-plane.alpha.kubernetes.io/leader'),
    because: 'a controller elects its leader with it',
  },
  {
    kind: 'PersistentVolumeClaim',
    when: ({ managers }) => managers.length > 0 && managers.every((manager) => controllers.has(manager)),
    because: 'the controller of a StatefulSet made it from its template, and keeps it',
  },
];

/** Why a cluster is taken to have made an object by itself; undefined: it is somebody's. Pure. */
export function madeByCluster(object: ClusterObject): string | undefined {
  return madeByClusters.find(({ kind, when }) => (kind === undefined || kind === object.kind.kind) && when(object))?.because;
}
