import { Construct } from 'constructs';
import { RoleBindingV1 } from '../providers/kubernetes/role-binding-v1.ts';
import { RoleV1 } from '../providers/kubernetes/role-v1.ts';
import { ServiceAccountV1 } from '../providers/kubernetes/service-account-v1.ts';
import type { Inside } from './marks.ts';

const change = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];
const read = ['get', 'list', 'watch'];

/**
 * Kinds whoever works in a tenant may change, by API group. Not among them: what the tenant is held by (quota, limits,
 * roles, the namespace itself) and secrets, which nobody has to read back who may put them there.
 */
const workloads: Readonly<Record<string, readonly string[]>> = {
  '': ['pods', 'pods/log', 'services', 'configmaps', 'persistentvolumeclaims'],
  apps: ['deployments', 'statefulsets'],
  batch: ['jobs', 'cronjobs'],
  'networking.k8s.io': ['ingresses', 'networkpolicies'],
  policy: ['poddisruptionbudgets'],
  autoscaling: ['horizontalpodautoscalers'],
};

/** What holds the tenant: to be seen by those who work in it. */
const limits: Readonly<Record<string, readonly string[]>> = {
  '': ['resourcequotas', 'limitranges', 'events', 'serviceaccounts', 'endpoints'],
  apps: ['replicasets', 'controllerrevisions'],
  'discovery.k8s.io': ['endpointslices'],
};

export interface NamespaceAccessProps {
  readonly inside: Inside;
  readonly namespace: string;
  /** Group of the cluster's identity provider whose members work in the tenant. */
  readonly people: string;
  /** Group whose members may only look; nobody where none is named. */
  readonly auditors?: string | undefined;
}

/**
 * Who may do what in a namespace: the tenant's people and the account that deploys for them change what runs, auditors look.
 * The role may put secrets there and not read them.
 */
export class NamespaceAccess extends Construct {
  /** Account that deploys: the holder of its token can do nothing outside of the namespace. */
  readonly deployer: ServiceAccountV1;

  constructor(scope: Construct, id: string, { inside, namespace, people, auditors }: NamespaceAccessProps) {
    super(scope, id);
    this.deployer = new ServiceAccountV1(this, 'deployer', { metadata: inside('deployer'), automountServiceAccountToken: false });
    const operator = new RoleV1(this, 'operator', {
      metadata: inside('operator'),
      rule: [...rules(workloads, change), ...rules(limits, read), { apiGroups: [''], resources: ['secrets'], verbs: ['create', 'delete'] }],
    });
    const bind = (name: string, role: RoleV1, subject: { kind: string; name: string; namespace?: string; apiGroup?: string }): void => {
      const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role.at('metadata[0].name') };
      new RoleBindingV1(this, `${name}-${role.node.id}`, { metadata: inside(name), roleRef, subject: [subject] });
    };
    const group = (name: string): { kind: string; name: string; apiGroup: string } => ({ kind: 'Group', name, apiGroup: 'rbac.authorization.k8s.io' });
    bind('deployer', operator, { kind: 'ServiceAccount', name: this.deployer.at('metadata[0].name'), namespace });
    bind('people', operator, group(people));
    if (auditors === undefined) return;
    const auditor = new RoleV1(this, 'auditor', { metadata: inside('auditor'), rule: [...rules(workloads, read), ...rules(limits, read)] });
    bind('auditors', auditor, group(auditors));
  }
}

function rules(kinds: Readonly<Record<string, readonly string[]>>, verbs: readonly string[]): { apiGroups: string[]; resources: string[]; verbs: string[] }[] {
  return Object.entries(kinds).map(([group, resources]) => ({ apiGroups: [group], resources: [...resources], verbs: [...verbs] }));
}
