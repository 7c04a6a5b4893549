import { Construct } from 'constructs';
import { IngressV1 } from '../providers/kubernetes/ingress-v1.ts';
import { ServiceV1 } from '../providers/kubernetes/service-v1.ts';
import type { Inside } from './marks.ts';
import { familyOf, type Families } from './workload.ts';

/** The class every Ingress is given, because its annotations are those of one controller, and the namespace that controller runs in. */
export const ingressClass = 'haproxy';
export const ingressNamespace = 'haproxy-controller';

export interface TenantIngressProps {
  readonly inside: Inside;
  readonly name: string;
  /** Host names it answers for. */
  readonly hosts: readonly string[];
  readonly service: string;
  /** Name of the Service's port. */
  readonly port: string;
  /** Secret of type kubernetes.io/tls; without one, TLS goes on to the members unopened and is told apart by host name. */
  readonly certificate?: string;
  /** Prefixes that may reach it; everyone where it is not stated. */
  readonly from?: readonly string[];
  /** Most connections to one member at once. */
  readonly connectionsPerMember?: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * A way in by host name over TLS, port 443, through the cluster's ingress controller. Who may come and how many is said in
 * annotations, which are the controller's own: these are HAProxy's, so the class is stated, and an Ingress that no such
 * controller serves is served by none.
 */
export class TenantIngress extends Construct {
  constructor(scope: Construct, id: string, props: TenantIngressProps) {
    super(scope, id);
    const { inside, name, hosts, service, port, certificate, from, connectionsPerMember } = props;
    const annotations = {
      // Ingresses of one Service share a backend unless it is said otherwise, and with it a limit of whichever came last.
      'haproxy.org/standalone-backend': 'true',
      // Left out, the port is 8443, where a controller listens inside its pod.
      ...(certificate === undefined
        ? { 'haproxy.org/ssl-passthrough': 'true' }
        : { 'haproxy.org/ssl-redirect': 'true', 'haproxy.org/ssl-redirect-port': '443' }),
      ...(from === undefined ? {} : { 'haproxy.org/allow-list': from.join(',') }),
      ...(connectionsPerMember === undefined ? {} : { 'haproxy.org/pod-maxconn': String(connectionsPerMember) }),
      ...props.annotations,
    };
    new IngressV1(this, 'ingress', {
      metadata: inside(name, { annotations }),
      spec: {
        ingressClassName: ingressClass,
        rule: hosts.map((host) => ({
          host,
          http: { path: [{ path: '/', pathType: 'Prefix', backend: { service: { name: service, port: { name: port } } } }] },
        })),
        tls: [{ hosts: [...hosts], ...(certificate === undefined ? {} : { secretName: certificate }) }],
      },
    });
  }
}

export interface TenantBalancerProps {
  readonly inside: Inside;
  readonly name: string;
  /** Labels of the members behind it. */
  readonly pods: Readonly<Record<string, string>>;
  readonly ports: readonly { readonly name: string; readonly listen: number; readonly target: string; readonly protocol?: 'tcp' | 'udp' }[];
  /** Addresses of the address plan it is to answer on. */
  readonly addresses: { readonly v4?: string; readonly v6?: string };
  /** Prefixes that may reach it; everyone where it is not stated. */
  readonly from?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * An address outside the cluster in front of members, from the address plan. The API has one field for one address, of either
 * family; both are said in the annotations that MetalLB and Cilium read. Callers keep their address
 * (`externalTrafficPolicy: Local`), because policies and logs go by it.
 */
export class TenantBalancer extends Construct {
  constructor(scope: Construct, id: string, { inside, name, pods, ports, addresses, from, annotations = {} }: TenantBalancerProps) {
    super(scope, id);
    const wanted = [addresses.v4, addresses.v6].filter((address) => address !== undefined);
    const list = wanted.join(',');
    const families = familiesOf(addresses);
    // A range of a family it does not answer in would let nobody in, and would read as if it did.
    const answers = families === 'dual' ? ['v4', 'v6'] : [families];
    new ServiceV1(this, 'balancer', {
      metadata: inside(name, {
        annotations: { ...(wanted.length === 0 ? {} : { 'metallb.io/loadBalancerIPs': list, 'lbipam.cilium.io/ips': list }), ...annotations },
      }),
      waitForLoadBalancer: false,
      spec: {
        type: 'LoadBalancer',
        allocateLoadBalancerNodePorts: false,
        externalTrafficPolicy: 'Local',
        ...familyOf(families),
        ...(from === undefined ? {} : { loadBalancerSourceRanges: from.filter((prefix) => answers.includes(prefix.includes(':') ? 'v6' : 'v4')) }),
        selector: pods,
        port: ports.map(({ name: port, listen, target, protocol = 'tcp' }) => ({
          name: port,
          port: listen,
          targetPort: target,
          protocol: protocol.toUpperCase(),
        })),
      },
    });
  }
}

/** Both families where both, or neither, are numbered. */
export function familiesOf({ v4, v6 }: { readonly v4?: string | undefined; readonly v6?: string | undefined }): Families {
  if (v4 !== undefined && v6 === undefined) return 'v4';
  return v6 !== undefined && v4 === undefined ? 'v6' : 'dual';
}
