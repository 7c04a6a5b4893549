/**
 * The door to the lab of real servers for tests. Each function gives what it is named after or `{ absent }`, the reason
 * in words:
 *
 *     const lab = await openstackLab({ services: ['neutron'] });
 *     const mirror = providerMirror();
 *     const why = because(lab, mirror);
 *     describe.skipIf(why !== '')(`subnet pools${why}`, () => { ... present(lab).admin ... });
 */
export { because, isAbsent, present, type Absent } from './absent.ts';
export {
  cacheFolder,
  kubernetesProvider,
  providerMirror,
  pulumiFolder,
  terraformBinary,
  terraformIn,
  tofuBinary,
  type Ended,
  type ProviderMirror,
} from './binaries.ts';
export { CloudClient, type Answer, type Json, type Login, type ServiceType } from './client.ts';
export { kubernetesLab, type KubernetesLab } from './kubernetes.ts';
export { KubernetesClient } from './kubernetes-client.ts';
export { openstackLab, openstackVariables, type LabService, type OpenstackLab } from './openstack.ts';
export { cleanProject, freshTenant, type Tenant } from './tenant.ts';
