import { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import type { Agency, TenantFacts } from '../program/agency.ts';
import { TenantStack } from '../program/stack.ts';

/** One piece of equipment as its owner's record says. What is not stated is unknown, never invented. */
export interface Equipment {
  readonly name: string;
  /** What it is: `server`, `switch`, `firewall`, `storage`, `ups` or the owner's own word. */
  readonly kind: string;
  readonly model?: string;
  readonly serial?: string;
  readonly rack?: string;
  /** Lowest unit of the rack it fills. */
  readonly unit?: number;
  /** Dates as YYYY-MM-DD. */
  readonly installed?: string;
  readonly supportUntil?: string;
  readonly retired?: string;
  /** Addresses it is managed at. */
  readonly management?: { readonly v4?: string; readonly v6?: string };
}

export interface SiteTenantProps {
  readonly tenant: TenantFacts;
  readonly equipment: readonly Equipment[];
}

/** A built-in Terraform resource: its input is a record, kept in the state and changed only by a reviewed plan. */
export class RecordResource extends TerraformResource {
  readonly #input: Record<string, unknown>;

  constructor(scope: Construct, id: string, input: Record<string, unknown>) {
    super(scope, id, { terraformResourceType: 'terraform_data', terraformGeneratorMetadata: { providerName: 'terraform' } });
    this.#input = input;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { input: this.#input };
  }
}

/** A site without any API: its equipment as records that are reviewed and versioned like everything else. */
export class SiteTenant extends Construct {
  readonly stack: TenantStack;

  constructor(agency: Agency, id: string, { tenant, equipment }: SiteTenantProps) {
    super(agency, id);
    this.stack = new TenantStack(agency, { tenant, part: 'equipment' });
    const site = this.stack.cloud.regions.find(({ name }) => name === this.stack.region)?.site ?? null;
    for (const { name, kind, ...facts } of equipment)
      new RecordResource(this.stack, name, {
        name: this.stack.nameOf(name),
        kind,
        site,
        model: facts.model ?? null,
        serial: facts.serial ?? null,
        rack: facts.rack ?? null,
        unit: facts.unit ?? null,
        installed: facts.installed ?? null,
        support_until: facts.supportUntil ?? null,
        retired: facts.retired ?? null,
        management_v4: facts.management?.v4 ?? null,
        management_v6: facts.management?.v6 ?? null,
        mark: this.stack.tag,
      });
  }
}
