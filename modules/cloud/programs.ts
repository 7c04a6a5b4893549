// What programs in `stacks/` import as `vcloud/cloud`: the constructs, and the helper that makes a program of them.
// It loads cdktf. The toolkit's own rooms use index.ts, which does not.
export * from './index.ts';
export { Agency, agencyStacks, type AgencyProgram, type CloudFacts, type TenantFacts } from './program/agency.ts';
export { outputs, TenantStack, type TenantStackProps } from './program/stack.ts';
export { cdktfApp, type CdktfAppOptions } from './synth/app.ts';
export { buildBlueprint } from './program/blueprints.ts';
export { LoadBalancer, type LoadBalancerProps } from './openstack/balancer.ts';
export { TenantZone, type TenantZoneProps } from './openstack/names.ts';
export { TenantNetwork, TenantRouter, type TenantNetworkProps, type TenantRouterProps } from './openstack/network.ts';
export { TenantProject, type Quota, type TenantProjectProps } from './openstack/platform.ts';
export { Essentials, type EssentialsProps } from './openstack/essentials.ts';
export { GeneratedKey, GivenKey, type GeneratedKeyProps, type GivenKeyProps } from './openstack/keys.ts';
export { ObjectContainer, type ObjectContainerProps } from './openstack/objects.ts';
export { MachineImage, type MachineImageProps } from './openstack/image.ts';
export { BandwidthLimit, policyNamed, type BandwidthLimitProps } from './openstack/qos.ts';
export { AddressSpace, Share, type AddressSpaceProps, type Shareable, type ShareProps } from './openstack/space.ts';
export { SiteVpn, type SiteVpnProps } from './openstack/vpn.ts';
export { permit, SecurityGroup, type Allow, type Flow, type Party, type Reach, type SecurityGroupProps } from './openstack/security.ts';
export { Servers, type ServersProps } from './openstack/servers.ts';
export { Standby, type StandbyProps } from './openstack/standby.ts';
export { OpenStackTenant, type OpenStackTenantProps } from './openstack/tenant.ts';
export { DataVolume, type DataVolumeProps, type VolumeBackup } from './openstack/volumes.ts';
export {
  KubernetesTenant,
  kubernetesStack,
  namespaceName,
  TenantNamespace,
  type Ingress,
  type KubernetesTenantProps,
  type TenantNamespaceProps,
} from './kubernetes/tenant.ts';
export { NamespaceAccess, type NamespaceAccessProps } from './kubernetes/access.ts';
export { ClusterClasses, type ClusterClassesProps } from './kubernetes/cluster.ts';
export { CustomDefinitions, CustomObject, type CustomObjectProps, type DefinitionDocument } from './kubernetes/custom.ts';
export { TenantBalancer, TenantIngress, type TenantBalancerProps, type TenantIngressProps } from './kubernetes/entry.ts';
export { insideOf, type Inside, type ObjectMetadata } from './kubernetes/marks.ts';
export { PodPolicy, type Opening, type PodPeer, type PodPolicyProps } from './kubernetes/policy.ts';
export { type NamespaceQuota } from './kubernetes/quota.ts';
export { Workload, type WorkloadPort, type WorkloadProps } from './kubernetes/workload.ts';
export { SiteTenant, type Equipment, type SiteTenantProps } from './site/equipment.ts';
export { placeOnOpenStack, type OpenStackChoices } from './systems/openstack/index.ts';
export type { Placed, PlacedAddress } from './systems/placed.ts';
export { ProviderConfiguration, ProviderData, ProviderResource, type Flag, type ResourceOptions } from './runtime/resource.ts';
