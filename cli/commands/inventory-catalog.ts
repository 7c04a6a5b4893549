import type { CatalogOffer, CatalogPlan, InventoryRecord } from '../../modules/inventory/index.ts';
import { fail } from '../../modules/core/basics.ts';
import { columns } from '../columns.ts';
import type { Context, Verb } from '../kit.ts';

/** `vcloud inventory catalog`. */
export const catalogVerb: Verb = {
  name: 'inventory catalog',
  summary: 'what clouds offer, to whom and under which conditions; shared services',
  description: [
    'Lists the offers of all members: IaaS and PaaS of each cloud with plans, quota and conditions. --for leaves what that organisation may',
    'use: what it offers itself, what names it, its kind or something above it, and what is open to all. An offer that states no highest level',
    'is not shown for --level. Without --cloud, --kind and --level the shared services stand below, with the systems that provide them.',
    '--json: {for, offers: [{id, urn, member, kind, names, owner, cloud, plans: [{name, names, sizes, quota, price}], conditions: {levelUpTo,',
    'organisations, kinds, below, notes}, serviceHours, support: {unit, phone, email, responseMinutes}, from, until}], services: [{service, providedBy}]}.',
  ].join('\n'),
  options: [
    { flags: '--for <organisation>', description: 'only what this organisation may use' },
    { flags: '--cloud <id>', description: 'only offers of this cloud' },
    { flags: '--kind <kind>', description: 'only offers of this kind', choices: ['iaas', 'paas'] },
    { flags: '--level <1-5>', description: 'only offers that may carry a system of this security level' },
    { flags: '--agency <id>', description: 'only what this organisation and everything below it owns' },
    { flags: '--member <id>', description: 'only what this member reports' },
  ],
  examples: [
    { line: 'vcloud inventory catalog', does: 'lists every offer and service of the federation' },
    { line: 'vcloud inventory catalog --for cao-bang --kind iaas', does: 'lists the IaaS that Cao Bang may use' },
  ],
  exits: { 0: 'done', 1: 'an error' },
  async run(context, _args, options) {
    const text = (name: string): string | undefined => (typeof options[name] === 'string' ? options[name] : undefined);
    const query = { organisation: text('for'), cloud: text('cloud'), kind: text('kind'), level: levelOf(text('level')) };
    const { catalogue, listRecords, openInventory } = await import('../../modules/inventory/index.ts');
    const store = openInventory(context.root);
    try {
      const filter = { layer: 'declared', member: text('member'), owner: text('agency') } as const;
      const records = [...listRecords(store, { layer: 'declared', kind: 'organisation' }), ...listRecords(store, { ...filter, kind: 'offer' })];
      const offers = catalogue(records, query, context.asOf);
      const narrowed = query.cloud !== undefined || query.kind !== undefined || query.level !== undefined;
      const services = narrowed ? [] : [...listRecords(store, { ...filter, kind: 'service' })];
      const providers = services.map((service) => ({ service, providedBy: service.relations.filter(({ type }) => type === 'providedBy').map(({ to }) => to) }));
      return {
        exit: 0,
        data: { for: query.organisation ?? null, offers, services: providers },
        text: [offers.length === 0 ? words[context.language].none : offersText(offers, context), servicesText(services, context)]
          .filter((part) => part !== '')
          .join('\n\n'),
      };
    } finally {
      store.close();
    }
  },
};

const words = {
  vi: {
    none: 'không có dịch vụ đám mây nào phù hợp',
    all: 'mọi cơ quan',
    level: 'đến cấp độ',
    unstated: 'chưa nêu cấp độ',
    below: 'trực thuộc',
    services: 'dịch vụ dùng chung',
  },
  en: { none: 'no offer fits', all: 'every organisation', level: 'up to level', unstated: 'no level stated', below: 'below', services: 'shared services' },
} as const;

function levelOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-5]$/u.test(text)) fail('CLI-USAGE', `"${text}" is no security level`, { hint: 'a number from 1 to 5' });
  return Number(text);
}

function offersText(offers: readonly CatalogOffer[], context: Context): string {
  const say = words[context.language];
  return offers
    .map((offer) => {
      const { levelUpTo, organisations = [], kinds = [], below = [], notes } = offer.conditions;
      const who = [...organisations, ...kinds, ...below.map((id) => `${say.below} ${id}`)].join(', ');
      const level = levelUpTo === undefined ? say.unstated : `${say.level} ${levelUpTo}`;
      const facts = [who === '' ? say.all : who, level, offer.serviceHours, notes?.[context.language]].filter((fact) => fact !== undefined);
      return [
        `${offer.cloud}  ${offer.kind}  ${offer.id}: ${offer.names[context.language]}`,
        `  ${facts.join('; ')}`,
        columns(
          offer.plans.map((plan) => planCells(plan, context)),
          '    ',
        ),
      ].join('\n');
    })
    .join('\n');
}

function planCells({ name, names, sizes = {}, quota = {}, price = '' }: CatalogPlan, { language }: Context): string[] {
  const list = (values: Readonly<Record<string, number>>): string =>
    Object.entries(values)
      .map(([key, value]) => `${key} ${value}`)
      .join(', ');
  return [name, names?.[language] ?? '', list(sizes), Object.keys(quota).length === 0 ? '' : `<= ${list(quota)}`, price];
}

function servicesText(services: readonly InventoryRecord[], { language }: Context): string {
  if (services.length === 0) return '';
  const rows = services.map((record) => [
    record.kind,
    record.names[language],
    record.urn.split(':').slice(3).join('/'),
    record.member,
    record.declaredAt ?? '',
  ]);
  return `${words[language].services}:\n${columns(rows)}`;
}
