// Door: a system's shape on a Kubernetes cluster.
export { placeOnKubernetes } from './place.ts';
export { quotaOfShape } from './quota.ts';
