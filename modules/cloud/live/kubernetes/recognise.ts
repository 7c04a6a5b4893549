import type { ExpectedResource } from '../../../engine/index.ts';
import { fits, identityOf, importIdOf, objectKey } from './identity.ts';
import { clusterKindOf } from './kinds.ts';
import { madeByCluster } from './made.ts';
import { nameOf, type ClusterObject } from './objects.ts';

export interface RecogniseClusterContext {
  /** Path of the stack; its mark is `vcloud:MEMBER:PATH`. */
  readonly stack: string;
  /** Id of the member, where it is known. */
  readonly member?: string | undefined;
  readonly expected: readonly ExpectedResource[];
  /** Terraform types of all the stack has: an object is called by the one the stack writes it as. */
  readonly types: readonly string[];
  /** Objects that states hold, by {@link objectKey}. */
  readonly held: ReadonlySet<string>;
  /** Milliseconds since the epoch, by the cluster's clock, before which the apply that was cut off had made nothing. */
  readonly since?: number | undefined;
}

/**
 * What an object is to a stack. `ours`: it is the stack's, by its mark or, of a resource that is declared without one, because it
 * has its name and was made since. `foreign`: it only stands where the stack was about to make one.
 */
export type ClusterRecognition =
  | {
      readonly is: 'ours';
      readonly by: 'annotation' | 'name';
      readonly type: string;
      readonly importId: string;
      readonly address?: string | undefined;
      readonly advice: 'adopt' | 'delete';
    }
  | { readonly is: 'foreign'; readonly type: string; readonly address: string; readonly importId: string; readonly because: string };

/** Times are in whole seconds, and clocks differ: so much earlier an object may seem to have been made. */
const slack = 5_000;

/** Whether an object is recognisably a stack's, or stands in its place. Pure. */
export function recogniseObject(object: ClusterObject, context: RecogniseClusterContext): ClusterRecognition | undefined {
  const { stack, member, expected, held, since } = context;
  if (held.has(objectKey(object))) return undefined;
  const candidates = expected.flatMap((one) => {
    const identity = identityOf(one.type, one.values);
    return identity !== undefined && fits(identity, object) ? [{ one, identity }] : [];
  });
  const [only] = candidates.length === 1 ? candidates : [];
  const { mark } = object;
  if (mark !== undefined && mark.stack === stack && (member === undefined || mark.member === member)) {
    // A claim from a template, a copy a controller keeps: marked as what they were made from, and not declared.
    if (only === undefined && madeByCluster(object) !== undefined) return undefined;
    return ours('annotation');
  }
  if (only === undefined) return undefined;
  const foreign = (because: string): ClusterRecognition => ({
    ...{ is: 'foreign', type: only.one.type, address: only.one.address, because },
    importId: importIdOf({ ...only.identity, namespace: object.namespace, name: object.name }),
  });
  if (mark !== undefined) return foreign(`it is marked as ${mark.stack}'s of ${mark.member}`);
  if (only.identity.mark !== undefined) return foreign("it does not carry this stack's mark");
  const made = Date.parse(object.createdAt ?? '');
  if (since === undefined || !(made >= since - slack)) return foreign('it was there before the stack was applied');
  return ours('name');

  function ours(by: 'annotation' | 'name'): ClusterRecognition {
    const { kind, namespace, name } = object;
    const type = only?.one.type ?? context.types.find((one) => clusterKindOf(one)?.kind === kind.kind) ?? kind.type;
    const importId = importIdOf({ type, version: only?.identity.version ?? kind.version, kind: kind.kind, namespace, name });
    const adopt = only !== undefined && !object.deleting && clusterKindOf(type)?.advice !== 'delete';
    return { is: 'ours', by, type, importId, address: only?.one.address, advice: adopt ? 'adopt' : 'delete' };
  }
}

/** A foreign object in words, with what a person can do about it. */
export function foreignText(object: ClusterObject, { because, address, importId }: Extract<ClusterRecognition, { is: 'foreign' }>): string {
  const { kind, createdAt } = object;
  return `${kind.kind} ${nameOf(object)}${createdAt === undefined ? '' : `, made ${createdAt},`} stands where ${address} is to be made, and ${because}: rename or remove it, or take it in all the same with ${address}=${importId}`;
}
