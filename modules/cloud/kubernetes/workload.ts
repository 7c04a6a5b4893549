import { Construct } from 'constructs';
import { ConfigMapV1 } from '../providers/kubernetes/config-map-v1.ts';
import { DeploymentV1 } from '../providers/kubernetes/deployment-v1.ts';
import { HorizontalPodAutoscalerV2 } from '../providers/kubernetes/horizontal-pod-autoscaler-v2.ts';
import { PodDisruptionBudgetV1 } from '../providers/kubernetes/pod-disruption-budget-v1.ts';
import { ServiceV1 } from '../providers/kubernetes/service-v1.ts';
import { StatefulSetV1 } from '../providers/kubernetes/stateful-set-v1.ts';
import type { Inside } from './marks.ts';
import { podTemplate, serviceName } from './pod.ts';

export interface WorkloadPort {
  readonly name: string;
  readonly number: number;
  readonly protocol?: 'tcp' | 'udp';
}

/** Families its Services have addresses of: both is asked for as a requirement, because one alone would go unnoticed. */
export type Families = 'dual' | 'v4' | 'v6';

export interface WorkloadProps {
  readonly inside: Inside;
  readonly name: string;
  readonly image: string;
  readonly replicas: number;
  /** Reserved for each member, and the most it may use. */
  readonly vcpus: number;
  readonly memoryGiB: number;
  readonly ports: readonly WorkloadPort[];
  readonly families?: Families;
  /** Labels of its pods, by which policies and Services find them; they cannot be changed later without making it anew. */
  readonly labels: Readonly<Record<string, string>>;
  /** A volume of its own for each member, mounted at `/data`, which stays when the member or all of it goes. */
  readonly storage?: { readonly gib: number; readonly class: string };
  /** Plain settings, as variables of each member. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Secrets of the namespace, mounted below `/run/keys/NAME`; members wait until they are there. */
  readonly secrets?: readonly string[];
  /** Class of priority, where the cluster has classes. */
  readonly priorityClass?: string;
  /** Lets the number of members follow the use of their processors (percent), up to `most`. */
  readonly autoscale?: { readonly most: number; readonly cpuPercent: number };
}

/**
 * Like members that back each other up: a Deployment, or with storage a StatefulSet; a Service in front of them; no two on
 * one node; never more than one away at a time for the cluster's own work. Rollouts are not waited for: that members become
 * ready is the cluster's to say, and `drift` and monitoring's to watch.
 */
export class Workload extends Construct {
  /** Name of the Service in front of all members. */
  readonly service: string;

  constructor(scope: Construct, id: string, props: WorkloadProps) {
    super(scope, id);
    this.service = serviceName(props.name);
    const { inside, name, replicas, labels, storage, settings = {} } = props;
    const configuration =
      Object.keys(settings).length === 0 ? undefined : new ConfigMapV1(this, 'settings', { metadata: inside(name, { labels }), data: { ...settings } });
    const template = podTemplate(props, configuration?.at('metadata[0].name'));
    const metadata = inside(name, { labels });
    const selector = { matchLabels: labels };
    // With a processor count that is the autoscaler's to say, a number of ours would fight it at every apply.
    const number = props.autoscale === undefined ? { replicas: String(replicas) } : {};
    if (storage === undefined) {
      const spare = replicas > 1 ? '1' : '0';
      new DeploymentV1(this, 'deployment', {
        metadata,
        waitForRollout: false,
        spec: { ...number, selector, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '1', maxUnavailable: spare } }, template },
      });
    } else {
      new StatefulSetV1(this, 'members', {
        metadata,
        waitForRollout: false,
        spec: {
          ...number,
          serviceName: `${name}-members`,
          podManagementPolicy: 'OrderedReady',
          selector,
          template,
          updateStrategy: [{ type: 'RollingUpdate' }],
          persistentVolumeClaimRetentionPolicy: [{ whenDeleted: 'Retain', whenScaled: 'Retain' }],
          volumeClaimTemplate: [
            {
              metadata: { name: 'data', labels },
              spec: { accessModes: ['ReadWriteOnce'], storageClassName: storage.class, resources: { requests: { storage: `${storage.gib}Gi` } } },
            },
          ],
        },
      });
      // Names of single members (`NAME-0.NAME-members`), also of those not ready: they find each other before they serve.
      this.#service('member-names', `${name}-members`, props, { clusterIp: 'None', publishNotReadyAddresses: true });
    }
    this.#service('service', this.service, props, {});
    if (replicas > 1) new PodDisruptionBudgetV1(this, 'disruption', { metadata: inside(name, { labels }), spec: { maxUnavailable: '1', selector } });
    if (props.autoscale !== undefined) this.#autoscaler(props, props.autoscale);
  }

  #service(id: string, name: string, { inside, labels, ports, families = 'dual' }: WorkloadProps, more: object): void {
    if (ports.length === 0) return;
    new ServiceV1(this, id, {
      metadata: inside(name, { labels }),
      spec: { type: 'ClusterIP', ...familyOf(families), selector: labels, port: ports.map(servicePort), ...more },
    });
  }

  #autoscaler({ inside, name, replicas, labels, storage }: WorkloadProps, { most, cpuPercent }: NonNullable<WorkloadProps['autoscale']>): void {
    new HorizontalPodAutoscalerV2(this, 'autoscaler', {
      metadata: inside(name, { labels }),
      spec: {
        minReplicas: replicas,
        maxReplicas: most,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: storage === undefined ? 'Deployment' : 'StatefulSet', name },
        metric: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: cpuPercent } } }],
      },
    });
  }
}

/** What a Service says of address families. */
export function familyOf(families: Families): { ipFamilyPolicy: string; ipFamilies: string[] } {
  if (families === 'dual') return { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv4', 'IPv6'] };
  return { ipFamilyPolicy: 'SingleStack', ipFamilies: [families === 'v4' ? 'IPv4' : 'IPv6'] };
}

/** A port of a Service that leads to the members' port of the same name. */
export function servicePort({ name, number, protocol = 'tcp' }: WorkloadPort): { name: string; port: number; targetPort: string; protocol: string } {
  return { name, port: number, targetPort: name, protocol: protocol.toUpperCase() };
}
