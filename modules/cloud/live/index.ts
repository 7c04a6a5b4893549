/**
 * What clouds hold, read through their own interfaces: OpenStack's, and Kubernetes' (`kubernetes/`).
 *
 *     const session = new Session({ variables: resolveCredentials('clouds.yaml:hn1', { root, environment: process.env, subject: 'hn1' }) });
 *     for await (const event of readLive(session, { kinds: ['openstack_networking_network_v2'] })) { ... }
 */
export { at, anyAt, beside, collectLive, nextQuery, readLive, type ReadOptions } from './read.ts';
export { Refused, saidBy, Session, type Identity, type SessionOptions, type Variables } from './session.ts';
export { readResumable, type ResumableOptions, type ResumableReading } from './resumable.ts';
export { isSetting, kindOf, liveKinds } from './kinds.ts';
export { recognise, type Recognition, type RecogniseContext, type Wanted } from './recognise.ts';
export { readOffer, type CloudOffer, type OfferedFlavor } from './propose.ts';
export { liveClouds } from './clouds.ts';
export { programText, propose, type Adopted, type LeftOut, type ProgramFacts, type Proposal } from './adopt/index.ts';
export { madeByCloud, madeByClouds, type Around } from './made.ts';
export { importIdOf, loginOf, openstackClouds, type OpenstackCloudsOptions } from './orphans.ts';
export { heldObjects, isOpenstack, projectKinds, sortObjects, type HeldObjects, type Holder, type Sorted } from './unmanaged.ts';
export type { Cursor, KindEnd, LiveEvent, LiveKind, LiveObject, Mark, Service } from './types.ts';
export * from './kubernetes/index.ts';
