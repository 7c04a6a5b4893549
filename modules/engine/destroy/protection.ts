import { isObject } from '../../core/index.ts';
import type { DeclaredStack } from '../types.ts';

/** A kind of object with which something is lost that no apply makes again. */
export interface ProtectedKind {
  /** Resource type, `*` at its end for any that begins so. */
  readonly type: string;
  /** What is lost with it. */
  readonly holds: string;
}

/** Kinds of the OpenStack provider 3.4 and the Kubernetes provider 2.38, with what others commonly used besides them. */
export const protectedKinds: readonly ProtectedKind[] = [
  { type: 'openstack_blockstorage_volume_v3', holds: 'the data on the volume' },
  { type: 'openstack_db_instance_v1', holds: 'the databases in it' },
  { type: 'openstack_db_database_v1', holds: 'the data in the database' },
  { type: 'openstack_objectstorage_container_v1', holds: 'the objects in it' },
  { type: 'openstack_objectstorage_object_v1', holds: 'the object' },
  { type: 'openstack_sharedfilesystem_share_v2', holds: 'the files on the share' },
  { type: 'openstack_images_image_v2', holds: 'the image, and what boots from it' },
  { type: 'openstack_keymanager_secret_v1', holds: 'the key or secret, and what is encrypted with it' },
  { type: 'openstack_keymanager_container_v1', holds: 'the keys or certificates in it' },
  { type: 'openstack_dns_zone_v2', holds: 'the zone with all its records, and its DNSSEC keys' },
  { type: 'openstack_identity_project_v3', holds: 'the project, and the way to everything in it' },
  { type: 'kubernetes_persistent_volume_claim_v1', holds: 'the data on the volume' },
  { type: 'kubernetes_persistent_volume_claim', holds: 'the data on the volume' },
  { type: 'kubernetes_persistent_volume_v1', holds: 'the data on the volume' },
  { type: 'kubernetes_persistent_volume', holds: 'the data on the volume' },
  { type: 'kubernetes_stateful_set_v1', holds: 'the data on volumes that go with it' },
  { type: 'kubernetes_namespace_v1', holds: 'everything in the namespace' },
  { type: 'kubernetes_namespace', holds: 'everything in the namespace' },
  { type: 'kubernetes_secret_v1', holds: 'the secret' },
  { type: 'kubernetes_secret', holds: 'the secret' },
  { type: 'tls_private_key', holds: 'the private key' },
  { type: 'postgresql_database', holds: 'the data in the database' },
  { type: 'mysql_database', holds: 'the data in the database' },
  { type: 'minio_s3_bucket', holds: 'the objects in it' },
];

/** Why an object must not be destroyed unasked; undefined: nothing speaks for it. */
export function protectionOf(type: string, kinds: readonly ProtectedKind[] = protectedKinds): string | undefined {
  const kind = kinds.find((one) => (one.type.endsWith('*') ? type.startsWith(one.type.slice(0, -1)) : one.type === type));
  return kind && `with it goes ${kind.holds}`;
}

/** Planned addresses (without index) that a synthesised stack forbids to destroy: `lifecycle { prevent_destroy = true }`. */
export function prevented(stack: Pick<DeclaredStack, 'json'> | undefined): Set<string> {
  const configuration: unknown = stack?.json === undefined ? {} : JSON.parse(stack.json);
  const resources = isObject(configuration) && isObject(configuration['resource']) ? configuration['resource'] : {};
  const found = new Set<string>();
  for (const [type, bodies] of Object.entries(resources)) {
    for (const [name, body] of Object.entries(isObject(bodies) ? bodies : {})) {
      const lifecycle = isObject(body) ? body['lifecycle'] : undefined;
      const blocks: readonly unknown[] = Array.isArray(lifecycle) ? lifecycle : [lifecycle];
      if (blocks.some((block) => isObject(block) && block['prevent_destroy'] === true)) found.add(`${type}.${name}`);
    }
  }
  return found;
}
