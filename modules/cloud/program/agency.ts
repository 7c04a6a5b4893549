import { Construct } from 'constructs';
import { didYouMean, fail } from '../../core/index.ts';
import type { TenantStack } from './stack.ts';
import type { Answers, Question, Unit, World } from '../synth/world.ts';

export type TenantFacts = NonNullable<Answers['tenant']>;
export type CloudFacts = NonNullable<Answers['cloud']>;

/**
 * What a program builds for: one agency, with the tenants declared in the program's folder. Everything it is asked
 * is remembered, so that only the programs that asked for something changed run again.
 */
export class Agency extends Construct {
  readonly id: string;
  readonly #world: World;
  readonly #unit: Unit;
  readonly #reads = new Map<string, string>();
  /** Stacks made for it so far. */
  readonly stacks: TenantStack[] = [];

  /** The app that stacks stand in. */
  readonly app: Construct;

  constructor(app: Construct, world: World, unit: Unit) {
    super(app, unit.id.replaceAll(' ', '.').replace(/^\./u, ''));
    this.id = unit.agency;
    this.app = app;
    this.#world = world;
    this.#unit = unit;
  }

  /** Questions asked so far, with the digest of each answer. */
  get reads(): ReadonlyMap<string, string> {
    return this.#reads;
  }

  /** Asks the declared world, and remembers that it was asked. */
  ask<Q extends Question>(question: Q, id: string): Answers[Q] {
    const key = `${question} ${id}`;
    if (!this.#reads.has(key)) this.#reads.set(key, this.#world.digest(question, id));
    return this.#world.answer(question, id);
  }

  /** The agency's own organisation. */
  get organisation(): NonNullable<Answers['organisation']> {
    return this.ask('organisation', this.id) ?? fail('CLOUD-UNKNOWN', `organisation "${this.id}" is not declared`);
  }

  /** Tenants declared in this folder for this agency, in code-unit order. */
  get tenants(): readonly TenantFacts[] {
    return this.ask('unit', this.#unit.id).map((id) => this.tenant(id));
  }

  /**
   * One of the agency's tenants.
   * @throws ProblemError CLOUD-UNKNOWN
   */
  tenant(id: string): TenantFacts {
    const ids = this.ask('unit', this.#unit.id);
    const found = ids.includes(id) ? this.ask('tenant', id) : null;
    return (
      found ??
      fail('CLOUD-UNKNOWN', `tenant "${id}" is not declared for ${this.id} in stacks/${this.#unit.folder}`, {
        subject: this.node.path,
        hint: didYouMean(id, ids) ?? `declared there: ${ids.join(', ') || 'none'}`,
      })
    );
  }

  /** The cloud a tenant lies in. */
  cloudOf(tenant: TenantFacts): CloudFacts {
    return this.ask('cloud', tenant.cloud) ?? fail('CLOUD-UNKNOWN', `cloud "${tenant.cloud}" of tenant "${tenant.id}" is not declared`);
  }

  /**
   * What a key of the address plan holds.
   * @throws ProblemError CLOUD-NOT-NUMBERED
   */
  addresses(key: string): NonNullable<Answers['allocation']> {
    return (
      this.ask('allocation', key) ??
      fail('CLOUD-NOT-NUMBERED', `the address plan has nothing for ${key}`, { subject: this.node.path, hint: 'add the need and run `vcloud net allocate`' })
    );
  }

  /** The zone of the agency, with the final dot; undefined where it has none. */
  get zone(): string | undefined {
    return this.ask('zone', this.id) ?? undefined;
  }
}

/** A program of `stacks/<folder>/*.ts`: what it builds for one agency. */
export interface AgencyProgram {
  readonly vcloudProgram: true;
  readonly build: (agency: Agency) => void;
}

/**
 * Makes a program: `export default agencyStacks((agency) => { new OpenStackTenant(agency, ...) })`. It is called once for
 * each agency with tenants declared in its folder. Tenants it builds nothing for get their blueprint.
 */
export function agencyStacks(build: (agency: Agency) => void): AgencyProgram {
  return { vcloudProgram: true, build };
}
