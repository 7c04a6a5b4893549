import { contains, formatBlock, longestMatch, parseBlock, type TreeNode } from './addresses.ts';
import { h, type Child, type PageElement } from './dom.ts';
import { amount, cell, items, nodesAround, organisationName, rowName, type Model } from './model.ts';
import type { Row } from './packed.ts';
import { badge, bar, facts, heading, ownerChain, severities, table } from './parts.ts';
import { number } from './language.ts';
import { t, term } from './words.ts';

let asked: string | undefined;

/** The figures, then the two questions a visitor is told to try. */
export function renderOverview(model: Model, section: PageElement): void {
  section.replaceChildren(
    heading('overview', t('overview')),
    tiles(model),
    h('h3', { class: 'lead' }, t('questions')),
    h('div', { class: 'questions' }, whoOwns(model), noRecovery(model)),
  );
}

function tiles(model: Model): PageElement {
  const { totals, members, overlays } = model;
  const tile = (label: string, value: Child, note?: Child): PageElement =>
    h('div', { class: 'tile' }, h('dt', {}, label), h('dd', {}, h('b', {}, value), h('small', {}, note)));
  return h(
    'dl',
    { class: 'tiles' },
    tile(t('organisations'), number(totals.organisations), t('membersIn', members.length)),
    tile(t('sites'), number(totals.sites)),
    tile(t('clouds'), number(totals.clouds)),
    tile(t('systems'), number(totals.systems), t('sharedIn', model.systems.filter((system) => amount(system, 'shared') === 1).length)),
    tile(t('prefixes'), number(totals.prefixes4 + totals.prefixes6), `IPv4 ${number(totals.prefixes4)} · IPv6 ${number(totals.prefixes6)}`),
    tile(t('zones'), number(totals.zones), t('recordsIn', totals.zoneRecords)),
    tile(t('tunnels'), number(totals.tunnels), t('overlaysIn', overlays.length)),
    tile(t('stackCount'), number(totals.stacks), t('resourcesIn', totals.resources)),
    failures(model, tile),
    tile(t('records'), number(totals.records)),
  );
}

function failures(model: Model, tile: (label: string, value: Child, note?: Child) => PageElement): PageElement {
  const { audit } = model;
  if (!audit) return tile(t('failing'), '–', t('noAudit'));
  const counts = severities.map((severity) => audit.rules.reduce((sum, rule) => sum + (rule.severity === severity ? rule.counts.fail : 0), 0));
  const total = counts.reduce((a, b) => a + b, 0);
  return tile(t('failing'), number(total), [
    bar(severities.map((severity, index) => ({ tone: severity, share: total === 0 ? 0 : (counts[index] ?? 0) / total }))),
    severities.flatMap((severity, index) =>
      (counts[index] ?? 0) === 0 ? [] : [h('span', { class: `count ${severity}` }, `${number(counts[index] ?? 0)} ${term(severity)}`), ' '],
    ),
  ]);
}

function whoOwns(model: Model): PageElement {
  const answer = h('div', { class: 'answer', id: 'address-answer', 'aria-live': 'polite' });
  const look = (text: string): void => {
    asked = text;
    answer.replaceChildren(...answerFor(model, text));
  };
  asked ??= model.question ?? '';
  look(asked);
  return h(
    'article',
    { class: 'card' },
    h('h4', {}, t('whoOwns')),
    h(
      'label',
      { class: 'field wide', for: 'address-question' },
      h('span', {}, t('whoOwnsHint')),
      h('input', {
        id: 'address-question',
        class: 'address',
        type: 'text',
        inputmode: 'text',
        autocomplete: 'off',
        spellcheck: 'false',
        value: asked,
        oninput: (event) => look(event.target.value),
      }),
    ),
    answer,
  );
}

/** What the page answers for an address, of every routing domain that holds it. */
export function answerFor(model: Model, text: string): PageElement[] {
  if (text.trim() === '') return [];
  const block = parseBlock(text);
  if (!block) return [h('p', { class: 'empty' }, t('notAddress', text.trim()))];
  const matches = [...model.trees].flatMap(([domain, roots]) => {
    const node = longestMatch(roots, block);
    return node ? [{ domain, node }] : [];
  });
  const shown = block.length === block.bits ? formatBlock(block).replace(/\/\d+$/u, '') : formatBlock(block);
  // A container's free space belongs to nobody else; only the innermost match tells who is responsible.
  if (matches.length === 0) return [h('p', { class: 'empty' }, t('notInPlan', shown))];
  return matches.map(({ domain, node }) => {
    if (node.pool) return h('p', { class: 'empty' }, t('onlyPool', shown, `${formatBlock(node.block)} (${model.pools[node.index]?.name ?? ''})`));
    const row = model.prefixes[node.index];
    const owner = ownerOfNode(model, node);
    return h(
      'div',
      { class: 'owned' },
      h('p', {}, t('belongsTo', shown), ' ', h('strong', {}, owner === '' ? cell(row, 'key') : organisationName(model, owner))),
      facts([
        [t('chain'), owner === '' ? undefined : ownerChain(model, owner)],
        [
          t('blockChain'),
          h(
            'ol',
            { class: 'chain' },
            ...nodesAround(node).map((around) => h('li', {}, h('code', {}, formatBlock(around.block)), ' ', nodeLabel(model, around))),
          ),
        ],
        ['VRF', model.trees.size > 1 ? domain : undefined],
      ]),
    );
  });
}

/** Key of an allocation, name of a pool. */
export function nodeLabel(model: Model, node: TreeNode): string {
  return node.pool ? `${t('pool')} ${model.pools[node.index]?.name ?? ''}` : cell(model.prefixes[node.index], 'key');
}

/** Who answers for a node: its own owner, else that of the nearest block around it. */
export function ownerOfNode(model: Model, node: TreeNode): string {
  return nodesAround(node)
    .filter((around) => !around.pool && contains(around.block, node.block))
    .map((around) => cell(model.prefixes[around.index], 'owner'))
    .reduce((found, owner) => found || owner, '');
}

function noRecovery(model: Model): PageElement {
  const byLevel = [...model.systems].sort((a, b) => (amount(b, 'level') ?? 0) - (amount(a, 'level') ?? 0));
  const without = byLevel.filter((system) => cell(system, 'recovery') === '');
  const having = byLevel.filter((system) => cell(system, 'recovery') !== '');
  const summary =
    model.systems.length === 0
      ? t('noSystems')
      : without.length === 0
        ? t('allRecover', model.systems.length)
        : t('noRecoverySum', without.length, model.systems.length);
  const name = (system: Row): Child => [rowName(system), h('br'), h('code', {}, cell(system, 'id'))];
  const level = (system: Row): Child => {
    const value = amount(system, 'level');
    return value === undefined ? h('span', { class: 'muted' }, t('notStated')) : badge(String(value), value >= 4 ? 'bad' : value === 3 ? 'warn' : 'calm');
  };
  const minutes = (value: number | undefined): Child => (value === undefined ? h('span', { class: 'muted' }, t('notStated')) : t('minutes', value));
  return h(
    'article',
    { class: 'card', id: 'no-recovery' },
    h('h4', {}, t('noRecovery')),
    h('p', { class: 'summary' }, summary),
    without.length === 0
      ? undefined
      : table(
          t('noRecovery'),
          [{ text: t('system') }, { text: t('owner') }, { text: t('level') }, { text: t('shared') }],
          without.map((system) => [
            name(system),
            organisationName(model, cell(system, 'owner')),
            level(system),
            amount(system, 'shared') === 1 ? t('yes') : '',
          ]),
        ),
    having.length === 0
      ? undefined
      : h(
          'details',
          {},
          h('summary', {}, t('withRecovery', having.length)),
          table(
            t('withRecovery', having.length),
            [{ text: t('system') }, { text: t('level') }, { text: t('recoverAt') }, { text: t('mode') }, { text: 'RPO' }, { text: 'RTO' }],
            having.map((system) => [
              name(system),
              level(system),
              [...items(system, 'tenants').map((tenant) => [h('code', {}, tenant), ' → ']), h('code', {}, cell(system, 'recovery'))],
              cell(system, 'mode'),
              minutes(amount(system, 'rpo')),
              minutes(amount(system, 'rto')),
            ]),
          ),
        ),
  );
}
