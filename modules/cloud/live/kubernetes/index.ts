export { ClusterSession, clusterLoginOf, isKubernetes, type ClusterSessionOptions } from './session.ts';
export { clusterKindOf, clusterKinds, isClusterSetting, type ClusterKind } from './kinds.ts';
export { clusterObject, nameOf, type ClusterMark, type ClusterObject } from './objects.ts';
export { ClusterReader, type ClusterReading } from './read.ts';
export { recogniseObject, type ClusterRecognition, type RecogniseClusterContext } from './recognise.ts';
export { madeByCluster, madeByClusters } from './made.ts';
export type { KubernetesCloudsOptions } from './orphans.ts';
export { readPlaces, wholeCluster, type HeldObject, type PlaceReading, type UnreadStack } from './places.ts';
export { sortPlace, unmanagedInClusters, type SortedPlace } from './unmanaged.ts';
