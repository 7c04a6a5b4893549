import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { parse } from 'yaml';
import { fail, isObject, readTextIfPresent } from '../../core/index.ts';

/**
 * Where a cloud's credentials are, never what they are:
 * `env:NAME` (that variable), `env:PREFIX_*` (all that begin so, without the prefix), `file:PATH` (lines `NAME=value`),
 * `clouds.yaml:ENTRY` (an entry of OpenStack's clouds.yaml), or one reference (`env:NAME`, `file:PATH`: the file's content)
 * for each variable the child gets.
 */
export type CloudCredentials = string | Readonly<Record<string, string>>;

export interface ReferenceContext {
  /** Folder that relative paths of files begin at. */
  readonly root: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What the references are of, for messages: `cloud "hn1"`, `backend`. */
  readonly subject: string;
  /** Where the reference stands; `vcloud.yaml` by default. */
  readonly file?: string | undefined;
}

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

/** Settings of an entry -> the variables OpenStack's clients read (python-openstackclient, gophercloud). */
const openstackVariables: Readonly<Record<string, string>> = {
  auth_url: 'OS_AUTH_URL',
  username: 'OS_USERNAME',
  user_id: 'OS_USER_ID',
  password: 'OS_PASSWORD',
  project_name: 'OS_PROJECT_NAME',
  project_id: 'OS_PROJECT_ID',
  tenant_name: 'OS_PROJECT_NAME',
  tenant_id: 'OS_PROJECT_ID',
  user_domain_name: 'OS_USER_DOMAIN_NAME',
  user_domain_id: 'OS_USER_DOMAIN_ID',
  project_domain_name: 'OS_PROJECT_DOMAIN_NAME',
  project_domain_id: 'OS_PROJECT_DOMAIN_ID',
  domain_name: 'OS_DOMAIN_NAME',
  domain_id: 'OS_DOMAIN_ID',
  system_scope: 'OS_SYSTEM_SCOPE',
  token: 'OS_TOKEN',
  application_credential_id: 'OS_APPLICATION_CREDENTIAL_ID',
  application_credential_name: 'OS_APPLICATION_CREDENTIAL_NAME',
  application_credential_secret: 'OS_APPLICATION_CREDENTIAL_SECRET',
  region_name: 'OS_REGION_NAME',
  interface: 'OS_INTERFACE',
  cacert: 'OS_CACERT',
  cert: 'OS_CERT',
  key: 'OS_KEY',
  auth_type: 'OS_AUTH_TYPE',
};

/**
 * One entry as variables: the child never sees the file, which holds the other clouds' secrets too. The file is looked for
 * where OpenStack's clients look: OS_CLIENT_CONFIG_FILE, this folder, ~/.config/openstack, /etc/openstack.
 */
function fromCloudsYaml(entry: string, context: ReferenceContext): Record<string, string> {
  const named = context.environment['OS_CLIENT_CONFIG_FILE'];
  const home = context.environment['HOME'] ?? os.homedir();
  const places = [
    ...(named === undefined ? [] : [named]),
    path.join(context.root, 'clouds.yaml'),
    path.join(home, '.config/openstack/clouds.yaml'),
    '/etc/openstack/clouds.yaml',
  ];
  const file = places.find((place) => fs.existsSync(place));
  if (file === undefined) refuse(context, 'there is no clouds.yaml', "put it where OpenStack's clients look for it, or name it in OS_CLIENT_CONFIG_FILE");
  const clouds = cloudsIn(file);
  const found = clouds?.[entry];
  if (!isObject(found)) {
    refuse(
      context,
      `clouds.yaml has no entry "${entry}"`,
      `it has ${
        Object.keys(clouds ?? {})
          .sort()
          .join(', ') || 'none'
      }`,
    );
  }
  // What stands apart for the owner's eyes only, as the clients merge it.
  const secret = cloudsIn(path.join(path.dirname(file), 'secure.yaml'))?.[entry];
  const auth = (of: unknown): Record<string, unknown> => (isObject(of) && isObject(of['auth']) ? of['auth'] : {});
  const settings = { ...found, ...(isObject(secret) ? secret : {}), ...auth(found), ...auth(secret) };
  const variables: Record<string, string> = {};
  for (const [name, variable] of Object.entries(openstackVariables)) {
    const value = settings[name];
    if (typeof value === 'string' || typeof value === 'number') variables[variable] = String(value);
  }
  if (settings['verify'] === false) variables['OS_INSECURE'] = 'true';
  return variables;
}

function cloudsIn(file: string): Record<string, unknown> | undefined {
  const text = readTextIfPresent(file);
  const value: unknown = text === undefined ? undefined : parse(text);
  const clouds = isObject(value) ? value['clouds'] : undefined;
  return isObject(clouds) ? clouds : undefined;
}

function split(reference: string): [string, string] {
  const at = reference.indexOf(':');
  return at < 0 ? ['', reference] : [reference.slice(0, at), reference.slice(at + 1)];
}

function refuse(context: ReferenceContext, message: string, hint: string): never {
  return fail('ENGINE-CREDENTIALS', `the credentials of ${context.subject} do not resolve: ${message}`, {
    file: context.file ?? 'vcloud.yaml',
    subject: context.subject,
    hint,
  });
}
