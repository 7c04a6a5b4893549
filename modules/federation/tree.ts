import type { Federation, Organisation } from './model.ts';

/** The organisation and everything above it, nearest first. Ends at a parent that is not declared here. */
export function ancestors(federation: Pick<Federation, 'organisations'>, id: string): Organisation[] {
  const chain: Organisation[] = [];
  const seen = new Set<string>();
  for (
    let current = federation.organisations.get(id);
    current && !seen.has(current.id);
    current = current.parent === undefined ? undefined : federation.organisations.get(current.parent)
  ) {
    seen.add(current.id);
    chain.push(current);
  }
  return chain;
}

/**
 * The agency an organisation answers to: the topmost organisation above it that is not the root of the tree.
 * A commune's agency is its province; a ministry is its own.
 */
export function agencyOf(federation: Pick<Federation, 'organisations'>, id: string): string {
  const chain = ancestors(federation, id);
  const top = chain.at(-1);
  if (chain.length >= 2 && top?.parent === undefined) return chain.at(-2)?.id ?? id;
  return top?.id ?? id;
}

/** Ids of the organisations directly below each one; organisations without a declared parent stand below ''. */
export function childrenOf(federation: Pick<Federation, 'organisations'>): Map<string, string[]> {
  const children = new Map<string, string[]>();
  for (const organisation of federation.organisations.values()) {
    const parent = organisation.parent ?? '';
    const list = children.get(parent);
    if (list) list.push(organisation.id);
    else children.set(parent, [organisation.id]);
  }
  return children;
}
