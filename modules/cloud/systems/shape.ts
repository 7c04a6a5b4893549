import type { Tenant } from '../../federation/index.ts';

/**
 * A system said without any cloud: what it is made of and who may talk to whom. A blueprint makes it from what is
 * declared; a cloud's renderer makes resources of it. Nothing in it is OpenStack's or Kubernetes' own.
 */
export interface SystemShape {
  /** Networks of the tenant it uses, each numbered by key `tenant/TENANT/NAME` of the address plan. */
  readonly segments: readonly Segment[];
  readonly components: readonly Component[];
  /** Every permitted conversation. What is not here is refused, both ways. */
  readonly flows: readonly Flow[];
  readonly entries: readonly Entry[];
  readonly stores: readonly ObjectStore[];
  readonly keys: readonly Key[];
  readonly replicas: readonly Replica[];
  /** What of the founding requirements it claims to meet, and what on the live objects shows it. */
  readonly claims: readonly Claim[];
  /** What the quotas must have room for, where that is more than the parts above need: a standby is to take over a larger one. */
  readonly room?: Room;
  /** Names that lead to the system wherever it runs (`spread/` puts them there). */
  readonly names?: readonly PublicNames[];
}

/** The zone of a system's own names, which lead to the entries of whichever side answers. */
export interface PublicNames {
  readonly system: string;
  /** Absolute, with the final dot. */
  readonly zone: string;
  /** Whether this side answers to them. */
  readonly answers: boolean;
  /** Whether the cloud's own name service, where it has one, keeps the zone with this tenant and not with another of the same cloud. */
  readonly held: boolean;
  /** `@` is the zone itself. */
  readonly records: readonly {
    readonly label: string;
    readonly entry: string;
    readonly addresses: readonly { readonly v4?: string; readonly v6?: string }[];
  }[];
}

export interface Room {
  readonly members: number;
  readonly vcpus: number;
  readonly memoryGiB: number;
  readonly storageGiB: number;
}

/** Where in a tenant something stands. */
export interface Segment {
  readonly name: string;
  /** Whether anything in it may open connections to the world outside the tenant (through the router only). */
  readonly egress?: boolean;
}

/** Like members of one kind that back each other up. */
export interface Component {
  readonly name: string;
  readonly segment: string;
  readonly replicas: number;
  readonly size: Size;
  /** What runs in it, by kind of cloud: name of a machine image, reference of a container image. */
  readonly image: { readonly machine: string; readonly container: string };
  readonly ports: readonly Port[];
  /** A volume each, encrypted; kept when a member is replaced. */
  readonly storage?: Storage;
  /** Plain settings handed to each member; never a secret. */
  readonly settings?: Readonly<Record<string, string>>;
  /**
   * Names of `keys` its members, and no others, are told of. Whether they can read one is the cloud's: on Kubernetes the Secret is
   * mounted; on OpenStack they get its place in the key store, and neither a log-in there nor a flow to it; at a site people see to it.
   */
  readonly keys?: readonly string[];
}

export interface Size {
  readonly vcpus: number;
  readonly memoryGiB: number;
}

export interface Port {
  readonly name: string;
  readonly number: number;
  readonly protocol: 'tcp' | 'udp';
}

export interface Storage {
  readonly gib: number;
  /** Class as the cloud offers it: `standard`, `fast`; by default the cloud's encrypted one. */
  readonly class?: string;
  readonly backup?: Backup;
}

export interface Backup {
  /** Hours between two copies, and days each is kept. */
  readonly everyHours: number;
  readonly keepDays: number;
}

/** One end of a conversation. */
export type Peer =
  | { readonly component: string }
  | { readonly segment: string }
  /** A holder of the address plan; its prefixes of both families. */
  | { readonly key: string }
  | { readonly anywhere: true };

/** Who may open connections to whom, on what, and why. At least one end is a component. */
export interface Flow {
  readonly from: Peer;
  readonly to: Peer;
  /** Name of a port of the component at `to`, or a number where `to` lies outside. */
  readonly port: string | number;
  readonly protocol?: 'tcp' | 'udp';
  /** For the person who reviews the rule. */
  readonly why: string;
}

/** A name with one address in front of all members of a component. */
export interface Entry {
  /** Label below the tenant's zone. */
  readonly name: string;
  readonly component: string;
  /** Port it answers on; the component's port of the same name as `port` receives. */
  readonly listen: number;
  readonly port: string;
  readonly from: Peer;
  /** Where TLS ends: at the members (passed on unopened) or at the entry, with a certificate the cloud's key store holds. */
  readonly tls: { readonly at: 'members' } | { readonly at: 'entry'; readonly certificate: string };
  /** Most connections at once (SEC-8); unlimited where it is not stated. */
  readonly connections?: number;
}

/** Objects by name: a bucket, a container. Never readable by everyone. */
export interface ObjectStore {
  readonly name: string;
  readonly versioned: boolean;
  /** Days during which nothing can be changed or deleted. */
  readonly writeOnceDays?: number;
  /** Class as the cloud offers it (a storage policy); where a cloud cannot hold `writeOnceDays` by itself, the one that does. */
  readonly class?: string;
}

/** A key or certificate that the cloud's key store holds; its value is never known to the toolkit. */
export interface Key {
  readonly name: string;
  /** `generated`: the key store makes it; `given`: its owner puts it there before the system is applied. */
  readonly origin: 'generated' | 'given';
  readonly use: 'encryption' | 'certificate' | 'signing' | 'password';
}

/**
 * A component whose data another tenant keeps too. What passes between the two stands in `flows` like any other
 * conversation (`spread/` puts it there, both ways): a renderer opens nothing for a replica by itself.
 */
export interface Replica {
  readonly component: string;
  readonly port: string;
  /** The tenant on the other side, which may lie in another cloud of another kind. */
  readonly tenant: string;
  /** Which side this tenant is. */
  readonly side: 'primary' | 'standby' | 'active';
  readonly rpoMinutes?: number;
  readonly rtoMinutes?: number;
}

/** A requirement and how it is met. */
export interface Claim {
  /** Id in the founding requirements: `SEC-7`. */
  readonly id: string;
  readonly by: string;
  /** Parts of the shape that show it, by name. */
  readonly parts: readonly string[];
}

/** What a blueprint is made from: nothing but what is declared. */
export interface SystemIntent {
  readonly tenant: Pick<Tenant, 'id' | 'names' | 'size' | 'region' | 'zone'> & { readonly owner: string };
  /** Highest level of the systems that run in the tenant; undefined where none is decided. */
  readonly level: number | undefined;
  readonly dataClass: 'open' | 'shared' | 'personal' | 'secret' | undefined;
  /** Networks its links run on (`tslcd`, `internet`), as its systems name them. */
  readonly carriers: readonly string[];
  /** Names of the networks the address plan holds for the tenant. */
  readonly segments: readonly string[];
  /** Numbers by name, as `size:` of the tenant states them. */
  readonly size: Readonly<Record<string, number>>;
  /** Everything else the blueprint asks for, as `parameters:` of the tenant states it; checked by the blueprint's schema. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Tenants that keep the same data, and which side this one is. */
  readonly partners: readonly (Pick<Replica, 'tenant' | 'side' | 'rpoMinutes' | 'rtoMinutes'> & {
    /** Whether it stands in the same region of the same cloud, where the two are lost together. */
    readonly samePlace?: boolean;
  })[];
}
