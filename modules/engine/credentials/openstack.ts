import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { fail, isObject, readTextIfPresent } from '../../core/index.ts';
import { refuse, type ReferenceContext } from './context.ts';

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
export function fromCloudsYaml(entry: string, context: ReferenceContext): Record<string, string> {
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

/**
 * Refuses a log-in that no OpenStack would take, before a provider says so in its own words. What is not OpenStack's (no
 * variable begins with OS_) is left alone.
 * @throws ProblemError ENGINE-CREDENTIALS naming what is missing
 */
export function requireLogin(variables: Readonly<Record<string, string>>, context: ReferenceContext): void {
  const has = (...names: string[]): boolean => names.some((name) => (variables[name] ?? '') !== '');
  if (!Object.keys(variables).some((name) => name.startsWith('OS_')) || has('OS_CLOUD')) return;
  const missing: string[] = [];
  if (!has('OS_AUTH_URL')) missing.push('OS_AUTH_URL');
  if (has('OS_APPLICATION_CREDENTIAL_ID', 'OS_APPLICATION_CREDENTIAL_NAME', 'OS_APPLICATION_CREDENTIAL_SECRET')) {
    if (!has('OS_APPLICATION_CREDENTIAL_SECRET')) missing.push('OS_APPLICATION_CREDENTIAL_SECRET');
    if (!has('OS_APPLICATION_CREDENTIAL_ID')) {
      if (!has('OS_APPLICATION_CREDENTIAL_NAME')) missing.push('OS_APPLICATION_CREDENTIAL_ID');
      else if (!has('OS_USERNAME', 'OS_USER_ID')) missing.push('OS_USERNAME (an application credential named by its name needs its user)');
    }
  } else if (!has('OS_TOKEN', 'OS_AUTH_TOKEN')) {
    if (!has('OS_USERNAME', 'OS_USER_ID')) missing.push('OS_USERNAME');
    if (!has('OS_PASSWORD')) missing.push('OS_PASSWORD');
  }
  if (missing.length === 0) return;
  fail('ENGINE-CREDENTIALS', `the credentials of ${context.subject} do not say ${missing.join(', ')}`, {
    file: context.file ?? 'vcloud.yaml',
    subject: context.subject,
    hint: 'an entry of clouds.yaml has it in auth: (auth_url, username and password, or application_credential_id and _secret); what is secret may stand in secure.yaml',
  });
}

/** What says which project a token is for, as providers and clients read it. An id counts more than a name. */
const scopes = ['OS_PROJECT_ID', 'OS_TENANT_ID', 'OS_TENANT_NAME', 'OS_SYSTEM_SCOPE'];

/**
 * An operator's credentials turned to a tenant's project, which has the tenant's id for a name: what names another project is
 * left out, because an id in the environment counts more than the name a stack states.
 * @throws ProblemError ENGINE-CREDENTIALS where they are bound to another project: everything would be made there
 */
export function inProjectOf(tenant: string, cloud: string, variables: Readonly<Record<string, string>>, context: ReferenceContext): Record<string, string> {
  if (!Object.keys(variables).some((name) => name.startsWith('OS_'))) return { ...variables };
  if (Object.keys(variables).some((name) => name.startsWith('OS_APPLICATION_CREDENTIAL_'))) {
    fail(
      'ENGINE-CREDENTIALS',
      `the credentials of ${context.subject} are an application credential, which is of one project and cannot act in that of tenant "${tenant}"`,
      {
        file: context.file ?? 'vcloud.yaml',
        subject: context.subject,
        hint: `give the tenant its own: clouds: { ${cloud}: { tenants: { ${tenant}: "clouds.yaml:ENTRY" } } } (docs/tenant-credentials.md)`,
      },
    );
  }
  const others = Object.entries(variables).filter(([name]) => !scopes.includes(name));
  return { ...Object.fromEntries(others), OS_PROJECT_NAME: tenant };
}

function cloudsIn(file: string): Record<string, unknown> | undefined {
  const text = readTextIfPresent(file);
  const value = text === undefined ? undefined : parsed(text, file);
  const clouds = isObject(value) ? value['clouds'] : undefined;
  return isObject(clouds) ? clouds : undefined;
}

/** What a file of credentials says. Of one that is no YAML only the place is told: the text there may be a password. */
function parsed(text: string, file: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error === undefined) return document.toJS();
  const { line, col: column } = lines.linePos(error.pos[0]);
  return fail('ENGINE-CREDENTIALS', 'this is not YAML', { file, line, column, hint: 'put quotes around a value that holds ": ", "#" or begins with a sign' });
}
