import * as path from 'node:path';
import { fail, readTextIfPresent } from '../../core/index.ts';
import { refuse, type ReferenceContext } from './context.ts';
import { fromCloudsYaml } from './openstack.ts';

export type { ReferenceContext };

/**
 * Where a cloud's credentials are, never what they are:
 * `env:NAME` (that variable), `env:PREFIX_*` (all that begin so, without the prefix), `file:PATH` (lines `NAME=value`),
 * `clouds.yaml:ENTRY` (an entry of OpenStack's clouds.yaml), or one reference (`env:NAME`, `file:PATH`: the file's content)
 * for each variable the child gets.
 */
export type CloudCredentials = string | Readonly<Record<string, string>>;

const referencePattern = /^(?:env:[A-Za-z_][A-Za-z0-9_]*\*?|file:.+|clouds\.yaml:.+)$/u;

/** Whether a text is a reference of one of the forms above. */
export function isReference(text: string): boolean {
  return referencePattern.test(text);
}

/**
 * Resolves references to the variables one child process gets.
 * @throws ProblemError ENGINE-CREDENTIALS naming the reference, never a value
 */
export function resolveCredentials(given: CloudCredentials, context: ReferenceContext): Record<string, string> {
  if (typeof given !== 'string') {
    return Object.fromEntries(Object.entries(given).map(([variable, reference]) => [variable, resolveValue(reference, context)]));
  }
  const [scheme, rest] = split(given);
  if (scheme === 'clouds.yaml') return fromCloudsYaml(rest, context);
  if (scheme === 'file') return fromVariableFile(rest, context);
  if (scheme === 'vault') return refuse(context, 'vault: is not resolved here', 'have the agent of your vault write a file or set a variable, and name that');
  if (scheme !== 'env') return refuse(context, `"${given}" is no reference`, 'write env:NAME, env:PREFIX_*, file:PATH or clouds.yaml:ENTRY');
  if (!rest.endsWith('*')) return { [rest]: resolveValue(given, context) };
  const prefix = rest.slice(0, -1);
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(context.environment)) {
    if (name.startsWith(prefix) && name.length > prefix.length && value !== undefined) found[name.slice(prefix.length)] = value;
  }
  if (Object.keys(found).length === 0) refuse(context, `no variable begins with ${prefix}`, `set them where vcloud runs, for example ${prefix}OS_AUTH_URL`);
  return found;
}

/** The one value behind `env:NAME` or `file:PATH`. */
export function resolveValue(reference: string, context: ReferenceContext): string {
  const [scheme, rest] = split(reference);
  if (scheme === 'env') {
    const value = context.environment[rest];
    return value === undefined || value === '' ? refuse(context, `the variable ${rest} is not set`, `set ${rest} where vcloud runs`) : value;
  }
  if (scheme === 'file') return readSecretFile(rest, context).replace(/\r?\n$/u, '');
  return refuse(context, `"${reference}" is no reference to one value`, 'write env:NAME or file:PATH');
}

/** `NAME=value` lines, `export` and comments allowed; the value may stand in quotes. Nothing is expanded. */
function fromVariableFile(file: string, context: ReferenceContext): Record<string, string> {
  const found: Record<string, string> = {};
  readSecretFile(file, context)
    .split(/\r?\n/u)
    .forEach((line, index) => {
      if (/^\s*(?:#|$)/u.test(line)) return;
      const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/u.exec(line);
      if (match === null) {
        fail('ENGINE-CREDENTIALS', `line ${index + 1} of the credentials of ${context.subject} is not NAME=value`, {
          file,
          line: index + 1,
          hint: 'write one variable a line, as in an openrc file without commands',
        });
      }
      const value = (match[2] ?? '').trim();
      found[match[1] ?? ''] = /^(["']).*\1$/u.test(value) ? value.slice(1, -1) : value;
    });
  return found;
}

function readSecretFile(file: string, context: ReferenceContext): string {
  const text = readTextIfPresent(path.resolve(context.root, file));
  return text ?? refuse(context, `the file ${file} is not there`, 'put it there, readable by the owner only, or correct the reference');
}

function split(reference: string): [string, string] {
  const at = reference.indexOf(':');
  return at < 0 ? ['', reference] : [reference.slice(0, at), reference.slice(at + 1)];
}
