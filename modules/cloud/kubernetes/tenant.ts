import { Construct } from 'constructs';
import { LimitRangeV1 } from '../providers/kubernetes/limit-range-v1.ts';
import { NamespaceV1 } from '../providers/kubernetes/namespace-v1.ts';
import { NetworkPolicyV1 } from '../providers/kubernetes/network-policy-v1.ts';
import { KubernetesProvider } from '../providers/kubernetes/provider.ts';
import { ResourceQuotaV1 } from '../providers/kubernetes/resource-quota-v1.ts';
import { RoleBindingV1 } from '../providers/kubernetes/role-binding-v1.ts';
import { RoleV1 } from '../providers/kubernetes/role-v1.ts';
import { ServiceAccountV1 } from '../providers/kubernetes/service-account-v1.ts';
import type { Agency, TenantFacts } from '../program/agency.ts';
import { TenantStack } from '../program/stack.ts';

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
  readonly quota?: { readonly cores?: number; readonly memoryGiB?: number; readonly pods?: number; readonly storageGiB?: number };
  readonly ingress?: readonly Ingress[];
  /** Group of the cluster's identity provider whose members work in the tenant. */
  readonly group?: string;
}

/**
 * A tenant of a Kubernetes cluster in one stack: per namespace a quota, defaults for containers, a closed network with
 * the openings stated, a role for the tenant's people and an account for what deploys.
 */
export class KubernetesTenant extends Construct {
  readonly stack: TenantStack;
  readonly namespaces: readonly TenantNamespace[];

  constructor(agency: Agency, id: string, { tenant, namespaces = [], ...rest }: KubernetesTenantProps) {
    super(agency, id);
    this.stack = new TenantStack(agency, { tenant, part: 'kubernetes' });
    new KubernetesProvider(this.stack, 'kubernetes', { configContext: this.stack.cloud.id });
    this.namespaces = ['', ...namespaces].map((name) => new TenantNamespace(this.stack, name === '' ? 'main' : name, { name, ...rest }));
  }
}

export interface TenantNamespaceProps extends Omit<KubernetesTenantProps, 'tenant' | 'namespaces'> {
  readonly name: string;
}

/** Labels cannot hold a colon, so the mark stands in an annotation and its parts in labels. */
export function marks(stack: TenantStack): { readonly labels: Record<string, string>; readonly annotations: Record<string, string> } {
  const { member } = stack.agency.ask('settings', '');
  return {
    labels: { 'app.kubernetes.io/managed-by': 'vcloud', 'vcloud/member': member, 'vcloud/tenant': stack.tenant.id },
    annotations: { 'vcloud/mark': stack.tag },
  };
}

export class TenantNamespace extends Construct {
  readonly namespace: NamespaceV1;
  readonly name: string;

  constructor(scope: Construct, id: string, props: TenantNamespaceProps) {
    super(scope, id);
    const stack = TenantStack.of(this);
    const mark = marks(stack);
    this.name = props.name === '' ? stack.tenant.id : stack.nameOf(props.name);
    this.namespace = new NamespaceV1(this, 'namespace', {
      metadata: { name: this.name, ...mark, labels: { ...mark.labels, 'pod-security.kubernetes.io/enforce': 'restricted' } },
    });
    // A reference, not the bare name: everything below waits for the namespace.
    const inside = (name: string): { name: string; namespace: string } & ReturnType<typeof marks> => ({
      name,
      namespace: this.namespace.at('metadata[0].name'),
      ...mark,
    });
    this.#limits(inside, props.quota ?? {});
    this.#network(inside, props.ingress ?? []);
    this.#access(inside, props.group ?? `${stack.tenant.id}-operators`);
  }

  #limits(inside: Inside, quota: NonNullable<TenantNamespaceProps['quota']>): void {
    const { cores = 16, memoryGiB = 64, pods = 100, storageGiB = 500 } = quota;
    new ResourceQuotaV1(this, 'quota', {
      metadata: inside('tenant'),
      spec: {
        hard: {
          'limits.cpu': String(cores),
          'limits.memory': `${memoryGiB}Gi`,
          'requests.cpu': String(cores / 2),
          'requests.memory': `${memoryGiB / 2}Gi`,
          'requests.storage': `${storageGiB}Gi`,
          pods: String(pods),
        },
      },
    });
    new LimitRangeV1(this, 'limits', {
      metadata: inside('containers'),
      spec: { limit: [{ type: 'Container', default: { cpu: '500m', memory: '512Mi' }, defaultRequest: { cpu: '100m', memory: '128Mi' } }] },
    });
  }

  #network(inside: Inside, ingress: readonly Ingress[]): void {
    new NetworkPolicyV1(this, 'closed', {
      metadata: inside('default-deny'),
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    });
    new NetworkPolicyV1(this, 'inside', {
      metadata: inside('same-namespace'),
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [{ from: [{ podSelector: {} }] }], egress: [{ to: [{ podSelector: {} }] }] },
    });
    new NetworkPolicyV1(this, 'names', {
      metadata: inside('name-service'),
      spec: {
        podSelector: {},
        policyTypes: ['Egress'],
        egress: [
          {
            to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }],
            ports: [
              { protocol: 'UDP', port: '53' },
              { protocol: 'TCP', port: '53' },
            ],
          },
        ],
      },
    });
    for (const { name, from, ports } of ingress)
      new NetworkPolicyV1(this, `from-${name}`, {
        metadata: inside(`from-${name}`),
        spec: {
          podSelector: {},
          policyTypes: ['Ingress'],
          ingress: [{ from: from.map((cidr) => ({ ipBlock: { cidr } })), ports: ports.map((port) => ({ protocol: 'TCP', port: String(port) })) }],
        },
      });
  }

  #access(inside: Inside, group: string): void {
    const account = new ServiceAccountV1(this, 'deployer', { metadata: inside('deployer'), automountServiceAccountToken: false });
    const role = new RoleV1(this, 'operator', {
      metadata: inside('operator'),
      rule: [
        {
          apiGroups: ['', 'apps', 'batch', 'networking.k8s.io'],
          resources: ['pods', 'pods/log', 'services', 'configmaps', 'deployments', 'statefulsets', 'jobs', 'cronjobs', 'ingresses'],
          verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'],
        },
      ],
    });
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role.at('metadata[0].name') };
    new RoleBindingV1(this, 'deployer-operator', {
      metadata: inside('deployer'),
      roleRef,
      subject: [{ kind: 'ServiceAccount', name: account.at('metadata[0].name'), namespace: this.namespace.at('metadata[0].name') }],
    });
    new RoleBindingV1(this, 'people-operator', {
      metadata: inside('people'),
      roleRef,
      subject: [{ kind: 'Group', name: group, apiGroup: 'rbac.authorization.k8s.io' }],
    });
  }
}

type Inside = (name: string) => { name: string; namespace: string } & ReturnType<typeof marks>;
