export { isReference, resolveCredentials, type CloudCredentials, type ReferenceContext } from './references.ts';
export { openServices, type Services, type ServiceSettings } from './services.ts';
