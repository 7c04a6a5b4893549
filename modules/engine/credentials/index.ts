export { isReference, resolveCredentials, type CloudCredentials, type ReferenceContext } from './references.ts';
export { openRun, openServices, type Services, type ServiceSettings } from './services.ts';
