import type { TenantStack } from '../program/stack.ts';

/** What every object of a stack carries, so that whoever finds it in a cluster knows where it comes from. */
export interface Marks {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Labels cannot hold a colon, so the mark stands in an annotation and its parts in labels. */
export function marks(stack: TenantStack): Marks {
  const { member } = stack.agency.ask('settings', '');
  return {
    labels: { 'app.kubernetes.io/managed-by': 'vcloud', 'vcloud/member': member, 'vcloud/tenant': stack.tenant.id },
    annotations: { 'vcloud/mark': stack.tag },
  };
}

/** Metadata of a marked object in a namespace. */
export interface ObjectMetadata extends Marks {
  readonly name: string;
  readonly namespace: string;
}

export type Inside = (name: string, more?: Partial<Marks>) => ObjectMetadata;

/**
 * Metadata for objects in one namespace.
 * @param namespace its name, or a reference to it: then what is made inside waits for it
 */
export function insideOf(stack: TenantStack, namespace: string): Inside {
  const { labels, annotations } = marks(stack);
  return (name, more = {}) => ({ name, namespace, labels: { ...labels, ...more.labels }, annotations: { ...annotations, ...more.annotations } });
}
