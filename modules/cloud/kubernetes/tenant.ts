import { Construct } from 'constructs';
import { LimitRangeV1 } from '../providers/kubernetes/limit-range-v1.ts';
import { NamespaceV1 } from '../providers/kubernetes/namespace-v1.ts';
import { KubernetesProvider } from '../providers/kubernetes/provider.ts';
import { ResourceQuotaV1 } from '../providers/kubernetes/resource-quota-v1.ts';
import type { Agency, TenantFacts } from '../program/agency.ts';
import { TenantStack, type TenantStackProps } from '../program/stack.ts';
import { NamespaceAccess } from './access.ts';
import { insideOf, marks, type Inside } from './marks.ts';
import { PodPolicy, type PodPeer } from './policy.ts';
import { hardLimits, quotaOfPlan, type NamespaceQuota } from './quota.ts';

/** Who may reach the tenant's pods, and where from. */
export interface Ingress {
  readonly name: string;
  /** Prefixes of either family. */
  readonly from: readonly string[];
  readonly ports: readonly number[];
}

export interface KubernetesTenantProps {
  readonly tenant: TenantFacts;
  /** Namespaces besides the tenant's own, named `TENANT-NAME`. */
  readonly namespaces?: readonly string[];
  /** What each may use; of a tenant that takes a plan of an offer, what the plan says wins. */
  readonly quota?: NamespaceQuota;
  readonly ingress?: readonly Ingress[];
  /** Whether pods of a namespace may talk to one another without being named; by default they may. */
  readonly openInside?: boolean;
  /** Group of the cluster's identity provider whose members work in the tenant. */
  readonly group?: string;
  /** Group whose members may look at it. */
  readonly auditors?: string;
}

/**
 * A stack with Kubernetes' provider. Where the cluster is and who logs in is the environment's to say (`KUBE_CONFIG_PATH`, or
 * `KUBE_HOST`, `KUBE_TOKEN`, `KUBE_CLUSTER_CA_CERT_DATA`, resolved by the engine from `clouds:` in vcloud.yaml); of a
 * kubeconfig the context named like the cloud is taken.
 * @param props.as of a tenant with credentials of its own, whether the stack is applied with these or with the cluster operator's
 */
export function kubernetesStack(agency: Agency, { as = 'operator', ...props }: TenantStackProps & { readonly as?: 'operator' | 'tenant' }): TenantStack {
  const own = agency.ask('access', props.tenant.cloud)?.tenants.includes(props.tenant.id) === true;
  const stack = new TenantStack(agency, { ...props, ...(own ? { authority: as } : {}) });
  new KubernetesProvider(stack, 'kubernetes', { configContext: stack.cloud.id });
  return stack;
}

/**
 * A tenant of a Kubernetes cluster: its namespaces in the stack `kubernetes`, each with a quota, defaults for containers, a
 * closed network with the openings stated, a role for the tenant's people and an account for what deploys. What runs in
 * them is in stacks of its own.
 */
export class KubernetesTenant extends Construct {
  readonly stack: TenantStack;
  readonly namespaces: readonly TenantNamespace[];
  readonly #agency: Agency;

  constructor(agency: Agency, id: string, { tenant, namespaces = [], ...rest }: KubernetesTenantProps) {
    super(agency, id);
    this.#agency = agency;
    this.stack = kubernetesStack(agency, { tenant, part: 'kubernetes' });
    const plan = agency.ask('plan', tenant.id);
    const props = { ...rest, ...(plan === null ? {} : { quota: { ...rest.quota, ...quotaOfPlan(plan.sizes) } }) };
    this.namespaces = ['', ...namespaces].map((name) => new TenantNamespace(this.stack, name === '' ? 'main' : name, { name, ...props }));
  }

  /** One more stack of the tenant's own, applied after its namespaces. `part` is the last word of its path. */
  workload(part = 'workload', after: readonly TenantStack[] = []): TenantStack {
    return kubernetesStack(this.#agency, { tenant: this.stack.tenant, part, after: [this.stack, ...after], as: 'tenant' });
  }
}

export interface TenantNamespaceProps extends Omit<KubernetesTenantProps, 'tenant' | 'namespaces'> {
  readonly name: string;
}

/** Name of a tenant's namespace in its cluster; `''` is its own. */
export function namespaceName(stack: TenantStack, name = ''): string {
  return name === '' ? stack.tenant.id : stack.nameOf(name);
}

/** Where a cluster's name service runs. */
const nameService: PodPeer = { namespace: 'kube-system' };

/** One namespace, closed but for what is stated, whose pods must keep to the `restricted` Pod Security Standard. */
export class TenantNamespace extends Construct {
  readonly namespace: NamespaceV1;
  readonly name: string;
  readonly access: NamespaceAccess;

  constructor(scope: Construct, id: string, props: TenantNamespaceProps) {
    super(scope, id);
    const stack = TenantStack.of(this);
    const mark = marks(stack);
    this.name = namespaceName(stack, props.name);
    this.namespace = new NamespaceV1(this, 'namespace', {
      metadata: {
        name: this.name,
        ...mark,
        labels: {
          ...mark.labels,
          'pod-security.kubernetes.io/enforce': 'restricted',
          'pod-security.kubernetes.io/audit': 'restricted',
          'pod-security.kubernetes.io/warn': 'restricted',
        },
      },
    });
    const reference = this.namespace.at('metadata[0].name');
    const inside = insideOf(stack, reference);
    this.#limits(inside, props.quota ?? {});
    this.#network(inside, props.ingress ?? [], props.openInside ?? true);
    const { group = `${stack.tenant.id}-operators`, auditors } = props;
    // An id that is no part of addresses: what was made before this was a construct of its own keeps its place in states.
    this.access = new NamespaceAccess(this, 'Default', { inside, namespace: reference, people: group, auditors });
  }

  #limits(inside: Inside, quota: NamespaceQuota): void {
    new ResourceQuotaV1(this, 'quota', { metadata: inside('tenant'), spec: { hard: hardLimits(quota) } });
    new LimitRangeV1(this, 'limits', {
      metadata: inside('containers'),
      spec: { limit: [{ type: 'Container', default: { cpu: '500m', memory: '512Mi' }, defaultRequest: { cpu: '100m', memory: '128Mi' } }] },
    });
  }

  #network(inside: Inside, ingress: readonly Ingress[], openInside: boolean): void {
    const all = {};
    new PodPolicy(this, 'closed', { inside, name: 'default-deny', pods: all, openings: [] });
    if (openInside) {
      const peers = [{ pods: all }];
      const openings = (['from', 'to'] as const).map((direction) => ({ direction, peers, ports: [], why: 'one tenant, one namespace' }));
      new PodPolicy(this, 'inside', { inside, name: 'same-namespace', pods: all, openings });
    }
    const ports = [{ number: 53, protocol: 'udp' }, { number: 53 }] as const;
    new PodPolicy(this, 'names', {
      inside,
      name: 'name-service',
      pods: all,
      openings: [{ direction: 'to', peers: [nameService], ports, why: 'names' }],
      closes: ['to'],
    });
    for (const { name, from, ports: numbers } of ingress)
      new PodPolicy(this, `from-${name}`, {
        inside,
        name: `from-${name}`,
        pods: all,
        openings: [{ direction: 'from', peers: [{ prefixes: from }], ports: numbers.map((number) => ({ number })), why: `from ${name}` }],
        closes: ['from'],
      });
  }
}
