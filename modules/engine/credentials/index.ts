export { clusterLogin, type ClusterLogin } from './cluster.ts';
export { requireLogin } from './openstack.ts';
export { isReference, resolveCredentials, type CloudCredentials, type ReferenceContext } from './references.ts';
export { createStates, openRun, openServices, type Services, type ServiceSettings } from './services.ts';
export { checkRecipients, sealPlan, unsealPlan } from './seal.ts';
