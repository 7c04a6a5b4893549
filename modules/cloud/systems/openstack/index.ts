// Door: a system's shape on an OpenStack cloud.
export { placeOnOpenStack, type OpenStackChoices } from './place.ts';
export { quotaOf } from './quota.ts';
