/** One kind of a cluster's objects. */
export interface ClusterKind {
  /** Terraform type an object of it is given that no state holds. */
  readonly type: string;
  /** `v1`, `apps/v1`. */
  readonly version: string;
  /** Name of its lists (`configmaps`). */
  readonly plural: string;
  readonly kind: string;
  /** Whether its objects belong to a namespace. */
  readonly namespaced: boolean;
  /** The answer to one that is left over: `delete` where the provider cannot import one. */
  readonly advice?: 'delete' | undefined;
}

const rbac = 'rbac.authorization.k8s.io/v1';
const net = 'networking.k8s.io/v1';
const admission = 'admissionregistration.k8s.io/v1';

/** Name of the type without its version: list, kind; version of the API, and of the type where it is not `_v1`. */
const inNamespaces: readonly (readonly [base: string, version: string, plural: string, kind: string, type?: string])[] = [
  ['config_map', 'v1', 'configmaps', 'ConfigMap'],
  ['secret', 'v1', 'secrets', 'Secret'],
  ['service_account', 'v1', 'serviceaccounts', 'ServiceAccount'],
  ['service', 'v1', 'services', 'Service'],
  ['endpoints', 'v1', 'endpoints', 'Endpoints'],
  ['endpoint_slice', 'discovery.k8s.io/v1', 'endpointslices', 'EndpointSlice'],
  ['persistent_volume_claim', 'v1', 'persistentvolumeclaims', 'PersistentVolumeClaim'],
  ['resource_quota', 'v1', 'resourcequotas', 'ResourceQuota'],
  ['limit_range', 'v1', 'limitranges', 'LimitRange'],
  ['deployment', 'apps/v1', 'deployments', 'Deployment'],
  ['stateful_set', 'apps/v1', 'statefulsets', 'StatefulSet'],
  ['daemon_set', 'apps/v1', 'daemonsets', 'DaemonSet'],
  ['replication_controller', 'v1', 'replicationcontrollers', 'ReplicationController'],
  ['job', 'batch/v1', 'jobs', 'Job'],
  ['cron_job', 'batch/v1', 'cronjobs', 'CronJob'],
  ['pod', 'v1', 'pods', 'Pod'],
  ['horizontal_pod_autoscaler', 'autoscaling/v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler', '_v2'],
  ['pod_disruption_budget', 'policy/v1', 'poddisruptionbudgets', 'PodDisruptionBudget'],
  ['ingress', net, 'ingresses', 'Ingress'],
  ['network_policy', net, 'networkpolicies', 'NetworkPolicy'],
  ['role', rbac, 'roles', 'Role'],
  ['role_binding', rbac, 'rolebindings', 'RoleBinding'],
];

const ofCluster: typeof inNamespaces = [
  ['namespace', 'v1', 'namespaces', 'Namespace'],
  ['persistent_volume', 'v1', 'persistentvolumes', 'PersistentVolume'],
  ['cluster_role', rbac, 'clusterroles', 'ClusterRole'],
  ['cluster_role_binding', rbac, 'clusterrolebindings', 'ClusterRoleBinding'],
  ['storage_class', 'storage.k8s.io/v1', 'storageclasses', 'StorageClass'],
  ['csi_driver', 'storage.k8s.io/v1', 'csidrivers', 'CSIDriver'],
  ['ingress_class', net, 'ingressclasses', 'IngressClass'],
  ['priority_class', 'scheduling.k8s.io/v1', 'priorityclasses', 'PriorityClass'],
  ['runtime_class', 'node.k8s.io/v1', 'runtimeclasses', 'RuntimeClass'],
  ['validating_webhook_configuration', admission, 'validatingwebhookconfigurations', 'ValidatingWebhookConfiguration'],
  ['mutating_webhook_configuration', admission, 'mutatingwebhookconfigurations', 'MutatingWebhookConfiguration'],
  ['api_service', 'apiregistration.k8s.io/v1', 'apiservices', 'APIService'],
  ['certificate_signing_request', 'certificates.k8s.io/v1', 'certificatesigningrequests', 'CertificateSigningRequest'],
];

/** Kinds the provider (3.2.1) has no import for. */
const withoutImport = new Set(['endpoint_slice']);

const rows = (given: typeof inNamespaces, namespaced: boolean): [string, ClusterKind][] =>
  given.map(([base, version, plural, kind, suffix = '_v1']) => [
    `kubernetes_${base}`,
    { type: `kubernetes_${base}${suffix}`, version, plural, kind, namespaced, advice: withoutImport.has(base) ? 'delete' : undefined },
  ]);

const byBase = new Map([...rows(inNamespaces, true), ...rows(ofCluster, false)]);

/** Every kind the provider has a type for. Kubernetes API reference 1.34; types of the Terraform provider 2.38 and 3.2. */
export const clusterKinds: readonly ClusterKind[] = [...byBase.values()];

/** Other names the provider has for a type. */
const spelled: Readonly<Record<string, string>> = { kubernetes_daemonset: 'kubernetes_daemon_set' };

/** The kind of a Terraform type, in whichever version it is written; undefined for one it knows under another (`kubernetes_manifest`). */
export function clusterKindOf(type: string): ClusterKind | undefined {
  const base = type.replace(/_v\d\w*$/u, '');
  return byBase.get(spelled[base] ?? base);
}

/**
 * Types that set something on an object another made (labels, keys of a ConfigMap, taints), or that leave nothing (a token):
 * made twice they are one.
 */
export function isClusterSetting(type: string): boolean {
  return /^kubernetes_(?:labels|annotations|env|node_taint|(?:config_map|secret)_v1_data|default_service_account(?:_v1)?|token_request_v1)$/u.test(type);
}

/** The type of an object of any kind, given as the object itself is written. */
export const manifestType = 'kubernetes_manifest';

/** Path of the list of a kind in a namespace, or of the whole cluster. */
export function listPath({ version, plural, namespaced }: Pick<ClusterKind, 'version' | 'plural' | 'namespaced'>, namespace?: string): string {
  const base = version.includes('/') ? `/apis/${version}` : `/api/${version}`;
  return namespaced && namespace !== undefined ? `${base}/namespaces/${encodeURIComponent(namespace)}/${plural}` : `${base}/${plural}`;
}
