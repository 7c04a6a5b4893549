export { destroy, type DestroyOptions } from './run.ts';
export { destroyProblems, type DestroyRequest } from './guard.ts';
export { protectedKinds, protectionOf, type ProtectedKind } from './protection.ts';
