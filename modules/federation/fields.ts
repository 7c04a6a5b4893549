import { didYouMean, problem, ProblemError, type Place } from '../core/index.ts';
import type { Federation, Organisation } from './model.ts';
import { matches, type Match } from './rules.ts';
import { collectionSchemas, type Collection } from './schema.ts';
import { answeringTenants, type Placement } from './spread.ts';
import { agencyOf } from './tree.ts';

/** A declared object with the texts rules match and templates use. */
export interface DeclaredObject {
  readonly id: string;
  readonly fields: Readonly<Record<string, string | undefined>>;
  readonly place: Place;
  /** Organisation that holds it; an organisation holds itself. */
  readonly owner?: string | undefined;
}

/** Many rules of several rooms select from the same declared world, and working out fields costs more than matching them. */
const objectsOfFederations = new WeakMap<Federation, Map<Collection, readonly DeclaredObject[]>>();

/**
 * The declared objects of a collection with their fields, in code-unit order of ids. Fields are its own texts, `owner` and
 * `agency` (ids), and `owner.X`, `owner.parent.X`, `agency.X` with X one of id, kind, code, label, parent; an organisation
 * also has `parent.X`, a system `tenant`, the first it runs in, and `answering`, all its names lead to, separated by blanks. What comes from another object is '' where there is none,
 * so that a rule can leave such objects out: `except: { agency.label: "" }`.
 */
export function declaredObjects(federation: Federation, collection: Collection): readonly DeclaredObject[] {
  const known = objectsOfFederations.get(federation) ?? new Map<Collection, readonly DeclaredObject[]>();
  objectsOfFederations.set(federation, known);
  let list = known.get(collection);
  if (!list) {
    const own = Object.keys(collectionSchemas[collection].shape);
    list = Array.from<{ readonly id: string; readonly place: Place }, DeclaredObject>(federation[collection].values(), (object) =>
      withFields(federation, collection, object, own),
    );
    known.set(collection, list);
  }
  return list;
}

/** The names of the fields objects of a collection may have. */
export function fieldNames(collection: Collection): readonly string[] {
  const names = [...Object.keys(collectionSchemas[collection].shape), 'owner', 'agency', ...keys.owner, ...keys.above, ...keys.agency];
  if (collection === 'organisations') names.push(...keys.parent);
  if (collection === 'systems') names.push('tenant', 'answering');
  return [...new Set(names)];
}

/**
 * The objects whose fields match, and do not match `except`.
 * @param locate where a field of the rule stands, for problems
 * @throws ProblemError FED-RULE-FIELD for a field the collection does not have: it would choose nothing, silently
 */
export function chooseObjects(
  federation: Federation,
  collection: Collection,
  { match, except }: { match: Match; except?: Match | undefined },
  locate: (list: 'match' | 'except', field: string) => Place,
): readonly DeclaredObject[] {
  const names = fieldNames(collection);
  const left = except && Object.keys(except).length > 0 ? except : undefined;
  const unknown = (['match', 'except'] as const).flatMap((list) =>
    Object.keys((list === 'match' ? match : left) ?? {})
      .filter((field) => !names.includes(field))
      .map((field) =>
        problem('FED-RULE-FIELD', `${collection} have no field "${field}"`, {
          ...locate(list, field),
          hint: didYouMean(field, names) ?? `fields: ${names.join(', ')}`,
        }),
      ),
  );
  if (unknown.length > 0) throw new ProblemError(unknown);
  return declaredObjects(federation, collection).filter(({ fields }) => matches(fields, match) && !(left && matches(fields, left)));
}

const organisationFields = ['id', 'kind', 'code', 'label', 'parent'] as const;
const below = (prefix: string): string[] => organisationFields.map((name) => `${prefix}.${name}`);
const keys = { parent: below('parent'), owner: below('owner'), above: below('owner.parent'), agency: below('agency') };

function withFields(
  federation: Federation,
  collection: Collection,
  object: { readonly id: string; readonly place: Place },
  own: readonly string[],
): DeclaredObject {
  const { organisations } = federation;
  const values = object as typeof object & Readonly<Record<string, unknown>>;
  const fields: Record<string, string | undefined> = {};
  for (const name of own) {
    const value = values[name];
    fields[name] = typeof value === 'string' ? value : undefined;
  }
  const owner = collection === 'organisations' ? object.id : (values['owner'] as string | undefined);
  const holder = owner === undefined ? undefined : organisations.get(owner);
  const above = holder?.parent === undefined ? undefined : organisations.get(holder.parent);
  const agency = owner === undefined ? undefined : agencyOf(federation, owner);
  fields['owner'] = owner ?? '';
  fields['agency'] = agency ?? '';
  add(fields, keys.owner, holder);
  add(fields, keys.above, above);
  add(fields, keys.agency, agency === undefined ? undefined : organisations.get(agency));
  if (collection === 'organisations') add(fields, keys.parent, above);
  if (collection === 'systems') {
    fields['tenant'] = (values['tenants'] as readonly string[] | undefined)?.[0] ?? '';
    fields['answering'] = answeringTenants(values as Omit<Placement, 'id'>).join(' ');
  }
  return { id: object.id, fields, place: object.place, owner };
}

function add(fields: Record<string, string | undefined>, names: readonly string[], organisation: Organisation | undefined): void {
  organisationFields.forEach((name, index) => {
    fields[names[index] ?? ''] = organisation?.[name] ?? '';
  });
}
