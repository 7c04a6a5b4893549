import type { JsonObject } from '../../core/index.ts';

/** Service types of the catalogue (service-types.openstack.org). */
export type Service = 'identity' | 'network' | 'compute' | 'image' | 'block-storage' | 'dns' | 'load-balancer' | 'key-manager';

/**
 * By what an object can be recognised as a stack's, strongest first: a tag or metadata the constructs write, a mark in its
 * description, its name (with the moment it was made), what it hangs on (the router of an interface, the group of a rule).
 */
export type Mark = 'tag' | 'metadata' | 'description' | 'name' | 'parent';

/** One kind of object of a cloud: where its list is and how to read it. */
export interface LiveKind {
  /** Terraform type. */
  readonly type: string;
  readonly service: Service;
  /** Path of the list below the endpoint. `{parent}` stands for the id of each object of `under`, `{user}` for ours. */
  readonly path: string;
  /** Key of the list in the answer. */
  readonly key: string;
  /** Fixed query (`all_tenants=1`). */
  readonly query?: string | undefined;
  /** Asks for pages of so many; absent: the service gives the whole list. */
  readonly page?: number | undefined;
  /** Field that names the project; `own`: the list is the project's own; absent: it belongs to no project. */
  readonly project?: 'project_id' | 'owner' | 'tenant_id' | 'os-vol-tenant-attr:tenant_id' | 'own' | undefined;
  /** Type of the objects each of which has a list of these. */
  readonly under?: string | undefined;
  /** Each element is wrapped in an object with this key (`keypair`). */
  readonly wrapped?: string | undefined;
  /** Each element of this list of an object is one (the routes of a router); `{parent}` is then the object's id. */
  readonly each?: string | undefined;
  /** Field that identifies it, `id` by default; with `{}` made of several. */
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly tags?: string | undefined;
  readonly description?: string | undefined;
  readonly metadata?: string | undefined;
  readonly created?: string | undefined;
  /** Which elements of the list are of this kind. */
  readonly only?: ((object: JsonObject) => boolean) | undefined;
  readonly marks: readonly Mark[];
  /**
   * Attribute of Terraform -> field of the API that must say the same, where both are known. A dotted path; `[]` for any
   * element of a list.
   */
  readonly match: Readonly<Record<string, string>>;
  /** Import id: fields in `{}`; the object's id by default. */
  readonly importId?: string | undefined;
  /** The answer to one that is left over: to take it into the state, or to delete it and make it anew. */
  readonly advice?: 'adopt' | 'delete' | undefined;
  /** How one is deleted, where not by DELETE on its path; fields in `{}`. */
  readonly remove?: { readonly method: 'PUT' | 'DELETE'; readonly path: string; readonly body?: Readonly<Record<string, string>> | undefined } | undefined;
  /** The service may not have it (an extension): 404 then says that there is none. */
  readonly extension?: boolean | undefined;
  /** What to look for, where it cannot be told by a machine. */
  readonly look?: string | undefined;
  /** Belongs to the cloud or to a user and not to a project: none of a project's own objects. */
  readonly beyond?: 'cloud' | 'user' | undefined;
}

/** One object as a cloud lists it. Secrets it may hold are masked. */
export interface LiveObject {
  /** Terraform type. */
  readonly kind: string;
  readonly id: string;
  readonly name?: string | undefined;
  readonly tags: readonly string[];
  readonly description?: string | undefined;
  /** RFC 3339, as the cloud says it. */
  readonly createdAt?: string | undefined;
  /** Everything the API says of it. */
  readonly attributes: JsonObject;
}

/**
 * How the reading of one kind ended. `whole`: all there are. `absent`: this cloud has no such service. `failed`: some or all
 * could not be read, for `reason` (`403`, `timeout`, ...): what is missing is unknown, never taken for gone.
 */
export interface KindEnd {
  readonly kind: string;
  readonly state: 'whole' | 'absent' | 'failed';
  readonly objects: number;
  readonly reason?: string | undefined;
}

/** Where a reading that was cut off goes on. */
export interface Cursor {
  /** Kinds that were read to their end. */
  readonly done: readonly string[];
  /** Kind in reading, and the page to ask for next. */
  readonly kind?: string | undefined;
  readonly page?: string | undefined;
}

export type LiveEvent =
  | { readonly event: 'objects'; readonly objects: readonly LiveObject[]; readonly cursor: Cursor }
  | { readonly event: 'end'; readonly end: KindEnd; readonly cursor: Cursor };
