import type { Review } from '../engine/index.ts';
import { clientProgram, planScripts, styleSheet } from './assets.ts';
import { listSeparator } from './client/packed.ts';
import type { PlanPayload } from './client/plan-model.ts';
import { escapeHtml } from './html.ts';
import { packRows, StringTable } from './pack.ts';
import { languageButtons, selfContained } from './shell.ts';

/**
 * The page a plan is reviewed on: one file, both languages, what is destroyed or replaced first. Pure: the same review
 * gives the same bytes.
 */
export function renderPlanPage(review: Review, language: 'vi' | 'en'): string {
  return selfContained({
    language,
    title: `${escapeHtml(review.plan)} · V-Cloud`,
    generator: 'V-Cloud',
    style: styleSheet('plan.css'),
    script: clientProgram(planScripts),
    data: planPayload(review, language),
    body: `<a id="skip" class="skip" href="#stacks"></a>
<header class="page">
<div><h1 id="name">${escapeHtml(review.plan)}</h1><p id="subtitle"></p></div>
${languageButtons}
</header>
<noscript><p>Trang này cần JavaScript; bản chữ nằm trong summary.txt. This page needs JavaScript; summary.txt has the same as text.</p></noscript>
<main class="plan">
<section id="gone" aria-labelledby="gone-title"></section>
<section id="stacks" aria-labelledby="stacks-title"></section>
</main>
<div id="help" class="help" role="dialog" aria-modal="false" aria-labelledby="help-title" hidden></div>`,
  });
}

/** The review as the page carries it: columns over one string table. */
export function planPayload(review: Review, language: 'vi' | 'en'): PlanPayload {
  const table = new StringTable();
  const changes = review.stacks.flatMap((stack, index) => stack.changes.map((change) => ({ change, index })));
  const attributes = changes.flatMap(({ change }, index) => (change.attributes ?? []).map((attribute) => ({ attribute, index })));
  const tables = {
    stacks: packRows(
      review.stacks.map(({ path, agency, state, add, change, destroy, outputs, reason, error, level, waitsFor, detailed, removed }) => ({
        path,
        agency,
        state,
        add,
        change,
        destroy,
        outputs,
        reason,
        error,
        level,
        waitsFor: waitsFor.length === 0 ? undefined : waitsFor.join(listSeparator),
        detailed: detailed ? 1 : 0,
        removed: removed === true ? 1 : 0,
      })),
      { strings: ['path', 'agency', 'state', 'waitsFor', 'reason', 'error'], numbers: ['add', 'change', 'destroy', 'outputs', 'level', 'detailed', 'removed'] },
      table,
    ),
    changes: packRows(
      changes.map(({ change: { address, type, action, importing, from }, index }) => ({ address, type, action, importing, from, stack: index })),
      { strings: ['address', 'type', 'action', 'importing', 'from'], numbers: ['stack'] },
      table,
    ),
    attributes: packRows(
      attributes.map(({ attribute: { path, before, after, replaces }, index }) => ({
        path,
        before,
        after,
        replaces: replaces === true ? 1 : 0,
        change: index,
      })),
      { strings: ['path', 'before', 'after'], numbers: ['replaces', 'change'] },
      table,
    ),
  };
  const { packed, position } = table.close();
  const { plan, environment, engine, names, unchanged, effects, approvals, preflight } = review;
  return {
    plan,
    language,
    environment,
    engine: `${engine.name} ${engine.version}`,
    names,
    unchanged: Object.values(unchanged).reduce((sum, count) => sum + count, 0),
    effects: effects.filter(({ stack }) => stack === undefined).map(({ effect, agency, subjects }) => ({ effect, agency, subjects })),
    approvals: approvals.map(({ rule, names: title, count, of, because }) => ({ rule, names: title, count, of, because })),
    ...(preflight === undefined ? {} : { preflight: preflightOf(preflight) }),
    strings: packed,
    stacks: tables.stacks(position),
    changes: tables.changes(position),
    attributes: tables.attributes(position),
  };
}

/** Only what the page shows of each finding. */
function preflightOf({ pass, fail, unknown, findings }: NonNullable<Review['preflight']>): PlanPayload['preflight'] {
  const shown = findings.map(({ check, stacks, result, message, hint, address }) => ({ check, stacks, result, message, hint, address }));
  return { pass, fail, unknown, findings: shown };
}
