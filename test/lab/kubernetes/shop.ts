import { TerraformOutput } from 'cdktf';
import { ClusterClasses } from '../../../modules/cloud/kubernetes/cluster.ts';
import { CustomDefinitions, CustomObject, type DefinitionDocument } from '../../../modules/cloud/kubernetes/custom.ts';
import { insideOf } from '../../../modules/cloud/kubernetes/marks.ts';
import { kubernetesStack, namespaceName } from '../../../modules/cloud/kubernetes/tenant.ts';
import { Workload } from '../../../modules/cloud/kubernetes/workload.ts';
import type { Agency } from '../../../modules/cloud/program/agency.ts';
import { placeOnKubernetes } from '../../../modules/cloud/systems/kubernetes/index.ts';
import type { SystemShape } from '../../../modules/cloud/systems/index.ts';

/** A system with all that Kubernetes can have. */
export const shopShape = ({ replicas = 2, port = 8443 }: { replicas?: number; port?: number } = {}): SystemShape => ({
  segments: [{ name: 'web', egress: true }, { name: 'app' }, { name: 'data' }],
  components: [
    {
      name: 'portal',
      segment: 'web',
      replicas,
      size: { vcpus: 0.5, memoryGiB: 0.5 },
      image: { machine: 'debian-12', container: 'works/portal:2.1' },
      ports: [
        { name: 'pages', number: port, protocol: 'tcp' },
        { name: 'plain', number: 80, protocol: 'tcp' },
      ],
      settings: { 'log-level': 'info' },
      keys: ['portal-certificate'],
    },
    {
      name: 'records',
      segment: 'data',
      replicas: 2,
      size: { vcpus: 1, memoryGiB: 1.5 },
      image: { machine: 'debian-12', container: 'works/records:9' },
      ports: [{ name: 'sql', number: 5432, protocol: 'tcp' }],
      storage: { gib: 20, backup: { everyHours: 6, keepDays: 30 } },
      keys: ['record-key'],
    },
  ],
  flows: [
    { from: { component: 'portal' }, to: { component: 'records' }, port: 'sql', why: 'portal to records' },
    { from: { key: 'tenant/elsewhere/data' }, to: { component: 'records' }, port: 'sql', why: 'replica elsewhere' },
    { from: { component: 'portal' }, to: { anywhere: true }, port: 443, why: 'reads news' },
    { from: { segment: 'app' }, to: { component: 'portal' }, port: 'plain', why: 'checks' },
  ],
  entries: [
    {
      name: 'www',
      component: 'portal',
      listen: 443,
      port: 'pages',
      from: { anywhere: true },
      tls: { at: 'entry', certificate: 'portal-certificate' },
      connections: 1000,
    },
    { name: 'partners', component: 'portal', listen: 8443, port: 'pages', from: { key: 'agency/city' }, tls: { at: 'members' } },
    { name: 'inside', component: 'records', listen: 5433, port: 'sql', from: { component: 'portal' }, tls: { at: 'members' } },
  ],
  stores: [],
  keys: [
    { name: 'record-key', origin: 'generated', use: 'encryption' },
    { name: 'portal-certificate', origin: 'given', use: 'certificate' },
    { name: 'node-certificate', origin: 'generated', use: 'certificate' },
  ],
  replicas: [],
  claims: [],
});

export const shopKeys = {
  'tenant/elsewhere/data': { v4: '10.200.0.0/24', v6: '2001:db8:200::/64' },
  'agency/city': { v4: '192.0.2.0/24', v6: '2001:db8:c::/48' },
};

/** A kind of the tenant's own, with a schema the API server holds objects against. */
export const siteDefinition = (group: string): DefinitionDocument => ({
  metadata: { name: `sites.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { kind: 'Site', plural: 'sites', singular: 'site', listKind: 'SiteList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['prefix'],
                properties: { prefix: { type: 'string', pattern: '^[0-9a-f:.]+/[0-9]+$' }, asn: { type: 'integer', minimum: 1 } },
              },
            },
          },
        },
      },
    ],
  },
});

export interface ShopChanges {
  readonly replicas?: number;
  readonly port?: number;
  readonly asn?: number;
  readonly takeOver?: boolean;
}

/** The tenant of a test: its system, classes of the cluster, an autoscaled worker, and an object of a kind of its own. */
export function buildShop(agency: Agency, id: string, changes: ShopChanges = {}): void {
  const tenant = agency.tenant(id);
  const { replicas, port, asn = 64_512, takeOver = false } = changes;
  const { stacks } = placeOnKubernetes(agency, tenant, shopShape({ ...(replicas === undefined ? {} : { replicas }), ...(port === undefined ? {} : { port }) }));
  const [landing] = stacks;
  const classes = kubernetesStack(agency, { tenant, part: 'cluster' });
  new ClusterClasses(classes, 'classes', {
    storage: { [`${id}-fast`]: { provisioner: 'kubernetes.io/no-provisioner' } },
    priorities: { [`${id}-urgent`]: { value: 1000, why: 'what others wait for', preempts: false } },
    ingress: { name: `${id}-ingress`, controller: 'haproxy.org/ingress-controller/haproxy' },
    auditors: { name: `${id}-auditor`, group: `${id}-audit` },
  });
  const jobs = kubernetesStack(agency, { tenant, part: 'worker', after: landing === undefined ? [classes] : [landing, classes] });
  new Workload(jobs, 'worker', {
    inside: insideOf(jobs, namespaceName(jobs)),
    name: 'worker',
    image: 'works/worker:1',
    replicas: 1,
    vcpus: 0.25,
    memoryGiB: 0.25,
    ports: [],
    labels: { 'app.kubernetes.io/name': 'worker' },
    priorityClass: `${id}-urgent`,
    autoscale: { most: 2, cpuPercent: 70 },
  });
  const kinds = kubernetesStack(agency, { tenant, part: 'definitions' });
  const definitions = new CustomDefinitions(kinds, 'kinds', [siteDefinition(`${id}.vcloud.test`)]);
  const objects = kubernetesStack(agency, { tenant, part: 'objects', after: landing === undefined ? [] : [landing] });
  new CustomObject(objects, 'site', {
    apiVersion: definitions.apiVersion(objects, 'Site'),
    kind: 'Site',
    name: 'north',
    namespace: namespaceName(objects),
    spec: { prefix: '10.0.0.0/16', asn },
    takeOver,
  });
  new TerraformOutput(objects, 'tenant', { value: id, staticId: true });
}
