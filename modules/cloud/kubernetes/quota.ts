/** What a namespace may use. */
export interface NamespaceQuota {
  /** Processors its containers may use at most, together. */
  readonly cores?: number;
  readonly memoryGiB?: number;
  readonly pods?: number;
  /** Persistent volumes together, and how many of them. */
  readonly storageGiB?: number;
  readonly volumes?: number;
  /** Services with an address outside the cluster. */
  readonly loadBalancers?: number;
  /** How many times what is reserved may be used at most: 1 where everything that may be used is reserved too. */
  readonly overcommit?: number;
}

/**
 * A quota as Kubernetes counts it. Node ports are nobody's: they would open every node on a port the address plan knows
 * nothing of.
 */
export function hardLimits({
  cores = 16,
  memoryGiB = 64,
  pods = 100,
  storageGiB = 500,
  volumes,
  loadBalancers,
  overcommit = 2,
}: NamespaceQuota): Record<string, string> {
  return {
    'limits.cpu': String(cores),
    'limits.memory': `${memoryGiB}Gi`,
    'requests.cpu': String(cores / overcommit),
    'requests.memory': overcommit === 1 ? `${memoryGiB}Gi` : `${Math.ceil((memoryGiB * 1024) / overcommit)}Mi`,
    'requests.storage': `${storageGiB}Gi`,
    pods: String(pods),
    'services.nodeports': '0',
    ...(volumes === undefined ? {} : { persistentvolumeclaims: String(volumes) }),
    ...(loadBalancers === undefined ? {} : { 'services.loadbalancers': String(loadBalancers) }),
  };
}

/** Sizes of a plan of an offer, as `offers:` states them (vcpus, memoryGiB, storageGiB, pods ...), as a quota. */
export function quotaOfPlan(sizes: Readonly<Record<string, number>>): NamespaceQuota {
  const { vcpus, memoryGiB, storageGiB, pods, volumes, loadBalancers } = sizes;
  return {
    ...(vcpus === undefined ? {} : { cores: vcpus }),
    ...(memoryGiB === undefined ? {} : { memoryGiB }),
    ...(storageGiB === undefined ? {} : { storageGiB }),
    ...(pods === undefined ? {} : { pods }),
    ...(volumes === undefined ? {} : { volumes }),
    ...(loadBalancers === undefined ? {} : { loadBalancers }),
  };
}
