import type { Container, Metadata, TemplateSpec } from '../providers/kubernetes/shared.ts';
import type { WorkloadProps } from './workload.ts';

/** Where the volume of a member is mounted, and its secrets. */
const dataFolder = '/data';
const keysFolder = '/run/keys';
/** Group a volume belongs to, so that a member that is not root may write there. */
const storageGroup = '65532';

/** Names members are reached by inside the namespace. */
export function serviceName(name: string): string {
  return name;
}

/**
 * Pods as the `restricted` Pod Security Standard admits them (kubernetes.io/docs/concepts/security/pod-security-standards):
 * not root, no capabilities, no way to more privileges, the runtime's own system call filter, no token of the API.
 * @param configuration name of a ConfigMap whose entries become variables
 */
export function podTemplate(props: WorkloadProps, configuration: string | undefined): { metadata: Metadata; spec: TemplateSpec } {
  const { name, labels, ports, secrets = [], storage, priorityClass } = props;
  const low = ports.some(({ number }) => number < 1024);
  return {
    metadata: { labels },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...(priorityClass === undefined ? {} : { priorityClassName: priorityClass }),
      securityContext: {
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
        ...(storage === undefined ? {} : { fsGroup: storageGroup, fsGroupChangePolicy: 'OnRootMismatch' }),
        // Who is not root may otherwise not listen on a port below 1024; the standard counts this one as safe.
        ...(low ? { sysctl: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] } : {}),
      },
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: [{ matchLabels: labels }] }],
        },
      },
      // Over zones as evenly as can be; a cluster of one zone is none the worse for it.
      topologySpreadConstraint: [
        { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: [{ matchLabels: labels }] },
      ],
      container: [container(name, props, configuration)],
      volume: secrets.map((secret) => ({ name: `key-${secret}`, secret: { secretName: secret, defaultMode: '0440' } })),
    },
  };
}

function container(name: string, { image, vcpus, memoryGiB, ports, secrets = [], storage }: WorkloadProps, configuration: string | undefined): Container {
  const amount = { cpu: cpuOf(vcpus), memory: memoryOf(memoryGiB) };
  const probe = ports.find(({ protocol = 'tcp' }) => protocol === 'tcp');
  return {
    name,
    image,
    port: ports.map((port) => ({ name: port.name, containerPort: port.number, protocol: (port.protocol ?? 'tcp').toUpperCase() })),
    resources: { requests: amount, limits: amount },
    securityContext: { allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } },
    ...(configuration === undefined ? {} : { envFrom: [{ configMapRef: { name: configuration } }] }),
    ...(probe === undefined ? {} : { readinessProbe: { tcpSocket: [{ port: probe.name }], periodSeconds: 10, failureThreshold: 3 } }),
    volumeMount: [
      ...(storage === undefined ? [] : [{ name: 'data', mountPath: dataFolder }]),
      ...secrets.map((secret) => ({ name: `key-${secret}`, mountPath: `${keysFolder}/${secret}`, readOnly: true })),
    ],
  };
}

/** As the API server writes them back, so that a second plan finds nothing to change. */
function cpuOf(vcpus: number): string {
  return Number.isInteger(vcpus) ? String(vcpus) : `${Math.round(vcpus * 1000)}m`;
}

function memoryOf(gib: number): string {
  return Number.isInteger(gib) ? `${gib}Gi` : `${Math.round(gib * 1024)}Mi`;
}
