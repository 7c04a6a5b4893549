import { Construct } from 'constructs';
import { ClusterRoleBindingV1 } from '../providers/kubernetes/cluster-role-binding-v1.ts';
import { ClusterRoleV1 } from '../providers/kubernetes/cluster-role-v1.ts';
import { IngressClassV1 } from '../providers/kubernetes/ingress-class-v1.ts';
import { PriorityClassV1 } from '../providers/kubernetes/priority-class-v1.ts';
import { StorageClassV1 } from '../providers/kubernetes/storage-class-v1.ts';
import { TenantStack } from '../program/stack.ts';
import { ingressClass } from './entry.ts';
import { marks, type Marks } from './marks.ts';

export interface ClusterClassesProps {
  /** Classes of storage by name; what tenants get without naming one is `encrypted`. */
  readonly storage?: Readonly<
    Record<string, { readonly provisioner: string; readonly parameters?: Readonly<Record<string, string>>; readonly keep?: boolean }>
  >;
  /** Classes of priority by name; the higher wins when room is short. */
  readonly priorities?: Readonly<Record<string, { readonly value: number; readonly why: string; readonly preempts?: boolean }>>;
  /** What serves Ingresses, as its controller calls itself; tenants' are given the class `haproxy`. */
  readonly ingress?: { readonly name?: string; readonly controller: string };
  /** Group whose members may see what tenants there are and what holds them, in the whole cluster. */
  readonly auditors?: { readonly name?: string; readonly group: string };
}

/** What all tenants of a cluster share, made once by whoever runs it. None of it belongs to a namespace. */
export class ClusterClasses extends Construct {
  constructor(scope: Construct, id: string, { storage = {}, priorities = {}, ingress, auditors }: ClusterClassesProps) {
    super(scope, id);
    const mark = marks(TenantStack.of(this));
    const named = (name: string): Marks & { name: string } => ({ name, ...mark });
    for (const [name, { provisioner, parameters, keep = true }] of Object.entries(storage))
      new StorageClassV1(this, `storage-${name}`, {
        metadata: named(name),
        storageProvisioner: provisioner,
        ...(parameters === undefined ? {} : { parameters }),
        reclaimPolicy: keep ? 'Retain' : 'Delete',
        allowVolumeExpansion: true,
        // Bound when a member is placed: a volume made before could lie in a zone its member cannot.
        volumeBindingMode: 'WaitForFirstConsumer',
      });
    for (const [name, { value, why, preempts = true }] of Object.entries(priorities))
      new PriorityClassV1(this, `priority-${name}`, {
        metadata: named(name),
        value,
        description: why,
        preemptionPolicy: preempts ? 'PreemptLowerPriority' : 'Never',
      });
    if (ingress !== undefined) new IngressClassV1(this, 'ingress', { metadata: named(ingress.name ?? ingressClass), spec: { controller: ingress.controller } });
    if (auditors !== undefined) this.#auditors(named, auditors);
  }

  #auditors(named: (name: string) => Marks & { name: string }, { name = 'vcloud-auditor', group }: NonNullable<ClusterClassesProps['auditors']>): void {
    const role = new ClusterRoleV1(this, 'auditor', {
      metadata: named(name),
      rule: [
        { apiGroups: [''], resources: ['namespaces', 'resourcequotas', 'limitranges', 'services'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies', 'ingresses'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'], verbs: ['get', 'list', 'watch'] },
      ],
    });
    new ClusterRoleBindingV1(this, 'auditors', {
      metadata: named(name),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role.at('metadata[0].name') },
      subject: [{ kind: 'Group', name: group, apiGroup: 'rbac.authorization.k8s.io' }],
    });
  }
}
