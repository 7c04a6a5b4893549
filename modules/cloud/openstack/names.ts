import { Construct } from 'constructs';
import { fail } from '../../core/index.ts';
import { DnsRecordsetV2 } from '../providers/openstack/dns-recordset-v2.ts';
import { DnsZoneV2 } from '../providers/openstack/dns-zone-v2.ts';
import { TenantStack } from '../program/stack.ts';
import type { Servers } from './servers.ts';

export interface TenantZoneProps {
  /** Absolute name; `TENANT.ZONE-OF-THE-AGENCY` by default. */
  readonly name?: string;
  /** Seconds. */
  readonly ttl?: number;
}

/** The tenant's zone in the cloud's own name service. */
export class TenantZone extends Construct {
  readonly name: string;
  readonly zone: DnsZoneV2;
  readonly #stack: TenantStack;

  constructor(scope: Construct, id: string, { name, ttl = 300 }: TenantZoneProps = {}) {
    super(scope, id);
    this.#stack = TenantStack.of(this);
    const { agency, tenant } = this.#stack;
    this.name =
      name ??
      `${tenant.id}.${agency.zone ?? fail('CLOUD-ZONE', `${agency.id} has no zone`, { subject: this.node.path, hint: 'give its organisation a label' })}`;
    this.zone = new DnsZoneV2(this, 'zone', {
      name: this.name,
      description: this.#stack.describe('names of the tenant'),
      email: `hostmaster@${this.name.replace(/\.$/u, '')}`,
      ttl,
    });
  }

  /** Address records of one name below the zone (the zone itself for `@`). */
  address(label: string, addresses: readonly { readonly v4?: string; readonly v6?: string }[]): void {
    const name = label === '@' ? this.name : `${label}.${this.name}`;
    const v4 = addresses.flatMap((address) => address.v4 ?? []);
    const v6 = addresses.flatMap((address) => address.v6 ?? []);
    const common = { zoneId: this.zone.id, name, description: this.#stack.describe(label) };
    if (v4.length > 0) new DnsRecordsetV2(this, `${label}-a`, { ...common, type: 'A', records: v4 });
    if (v6.length > 0) new DnsRecordsetV2(this, `${label}-aaaa`, { ...common, type: 'AAAA', records: v6 });
  }

  /**
   * Records of another type. A name inside a record (CNAME, MX, SRV) is absolute, with the final dot.
   * @param type `CNAME`, `TXT`, `MX`, `SRV`, `CAA` ...
   */
  record(label: string, type: string, records: readonly string[]): void {
    new DnsRecordsetV2(this, `${label === '@' ? 'apex' : label}-${type.toLowerCase()}`, {
      zoneId: this.zone.id,
      name: label === '@' ? this.name : `${label}.${this.name}`,
      description: this.#stack.describe(`${type} of ${label}`),
      type,
      records,
    });
  }

  /** A name per server (`web-1`). */
  servers(servers: Servers): void {
    servers.addresses.forEach((address, index) => this.address(`${servers.name}-${index + 1}`, [address]));
  }
}
