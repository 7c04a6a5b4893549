import { didYouMean, type Problems } from '../core/index.ts';
import type { Federation, Offer, Tenant } from './model.ts';
import { ancestors } from './tree.ts';

/** The plan of an offer that a tenant takes. */
export interface TakenPlan {
  readonly offer: Offer;
  readonly plan: Offer['plans'][number];
}

/** What `plan: OFFER/PLAN` of a tenant leads to; undefined where it names none, or one that is not declared. */
export function planOf(federation: Pick<Federation, 'offers'>, { plan: named }: Pick<Tenant, 'plan'>): TakenPlan | undefined {
  const [id = '', name] = named?.split('/') ?? [];
  const offer = federation.offers.get(id);
  const plan = offer?.plans.find((one) => one.name === name);
  return offer && plan ? { offer, plan } : undefined;
}

/**
 * Checks the plans tenants take: that there is such a plan, of an offer of the tenant's own cloud for whole tenants (`paas`), that is
 * open to the tenant's owner on that date and may carry the systems that run in it.
 */
export function checkPlans(federation: Federation, problems: Problems): void {
  const { offers, systems, asOf } = federation;
  const sold = new Map<string, number>();
  for (const tenant of federation.tenants.values()) {
    if (tenant.plan === undefined) continue;
    const wrong = (message: string, hint: string | undefined): void =>
      problems.error('FED-PLAN', `tenant "${tenant.id}": plan "${tenant.plan ?? ''}" ${message}`, { ...tenant.place, hint });
    const [id = ''] = tenant.plan.split('/');
    const offer = offers.get(id);
    if (!offer) {
      wrong(`is of offer "${id}", which is not declared`, didYouMean(id, offers.keys()) ?? 'name an offer of the cloud: `vcloud inventory catalog --cloud ID`');
      continue;
    }
    const taken = planOf(federation, tenant);
    if (!taken) wrong('is none of its offer', `plans there: ${offer.plans.map(({ name }) => name).join(', ')}`);
    if (offer.cloud !== tenant.cloud) wrong(`is offered on ${offer.cloud}, not on ${tenant.cloud}`, 'take one of the cloud the tenant lies in');
    if (offer.kind !== 'paas') wrong(`is sold by the piece (${offer.kind}), not for a whole tenant`, 'take a plan of an offer of kind paas');
    if ((offer.from !== undefined && asOf < offer.from) || (offer.until !== undefined && offer.until <= asOf))
      wrong(`is not offered on ${asOf}`, `it is from ${offer.from ?? 'ever'} until ${offer.until ?? 'withdrawn'}`);
    if (!mayTake(federation, tenant, offer)) wrong(`is not open to ${tenant.owner}`, 'who may use it stands in the conditions of the offer');
    const { levelUpTo } = offer.conditions ?? {};
    for (const system of systems.values()) {
      const level = system.level?.value;
      if (levelUpTo !== undefined && level !== undefined && level > levelUpTo && system.tenants?.includes(tenant.id) === true)
        wrong(`carries systems up to level ${levelUpTo}; "${system.id}" has level ${level}`, 'take a plan that may carry it, or place the system elsewhere');
    }
    // How many of a plan one organisation may have is the offer's to say.
    const key = `${tenant.plan} ${tenant.owner}`;
    const count = (sold.get(key) ?? 0) + 1;
    sold.set(key, count);
    const most = taken?.plan.quota?.['namespaces'];
    if (most !== undefined && count === most + 1)
      wrong(`is taken ${count} times by ${tenant.owner}; one organisation may have ${most}`, 'take another plan, or ask who offers it');
  }
}

/** As the catalogue has it: any of the lists, or none stated; who offers it may use it too. */
function mayTake(federation: Federation, tenant: Tenant, offer: Offer): boolean {
  const { organisations, kinds, below } = offer.conditions ?? {};
  if (organisations === undefined && kinds === undefined && below === undefined) return true;
  const owner = federation.organisations.get(tenant.owner);
  const chain = ancestors(federation, tenant.owner).map(({ id }) => id);
  const offering = offer.owner ?? federation.clouds.get(offer.cloud)?.owner;
  return (
    tenant.owner === offering ||
    organisations?.includes(tenant.owner) === true ||
    (owner !== undefined && kinds?.includes(owner.kind) === true) ||
    below?.some((id) => id === tenant.owner || chain.includes(id)) === true
  );
}
