import { isObject, isSecretName, looksSecret, type Json, type JsonObject } from '../../core/index.ts';

export type Masked = JsonObject;

/** What stands in the place of a secret. */
export const mask = '(sensitive)';

/**
 * Attributes whose schemas lack the sensitive flag though their values are secrets, by resource type: seen printed in clear
 * by plans of the OpenStack provider 3.4 and the Kubernetes provider 2.38.
 */
const alwaysSecret: Readonly<Record<string, readonly string[]>> = {
  openstack_vpnaas_site_connection_v2: ['psk'],
  openstack_compute_keypair_v2: ['private_key'],
  openstack_compute_instance_v2: ['admin_pass', 'user_data'],
  openstack_keymanager_secret_v1: ['payload'],
  openstack_identity_application_credential_v3: ['secret'],
  openstack_identity_ec2_credential_v3: ['secret'],
  openstack_identity_user_v3: ['password'],
  openstack_networking_bgp_peer_v2: ['password'],
  openstack_dns_transfer_request_v2: ['key'],
  openstack_dns_transfer_accept_v2: ['key'],
  kubernetes_secret_v1: ['data', 'binary_data'],
  kubernetes_secret: ['data', 'binary_data'],
  kubernetes_secret_v1_data: ['data'],
  kubernetes_token_request_v1: ['token'],
};

/** Whether an attribute of a resource type is secret whatever its schema says. In the sandbox the body is below `input`. */
export function isSecretAttribute(type: string, attribute: string): boolean {
  return alwaysSecret[type]?.includes(attribute) === true || isSecretName(attribute);
}

/**
 * Attributes with all that is secret replaced: what the state or plan marks (`sensitive`: true for a whole value, or the same
 * shape with `true` at its secrets), what {@link isSecretAttribute} names, and what looks like a secret.
 */
export function maskedAttributes(attributes: JsonObject, sensitive: unknown, type = ''): Masked {
  const masked = maskValue(attributes, sensitive, type, true) as Masked;
  // What is secret in one place is in another: providers copy arguments into attributes they do not mark.
  const secrets = new Set<string>();
  maskedTexts(attributes, masked, secrets);
  return secrets.size === 0 ? masked : (withoutTexts(masked, secrets) as Masked);
}

/** Shortest text that is masked wherever it stands; shorter ones stand everywhere. */
const shortestSecret = 6;

function maskedTexts(value: Json | undefined, masked: Json | undefined, into: Set<string>): void {
  if (typeof value === 'string') {
    if (masked === mask && value.length >= shortestSecret) into.add(value);
  } else if (Array.isArray(value))
    (value as readonly Json[]).forEach((item, index) => maskedTexts(item, masked === mask ? mask : (masked as readonly Json[])[index], into));
  else if (isObject(value)) for (const [name, item] of Object.entries(value)) maskedTexts(item, masked === mask ? mask : (masked as JsonObject)[name], into);
}

function withoutTexts(value: Json, secrets: ReadonlySet<string>): Json {
  if (typeof value === 'string') return secrets.has(value) ? mask : value;
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => withoutTexts(item, secrets));
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withoutTexts(item, secrets)])) : value;
}

function maskValue(value: Json, sensitive: unknown, type: string, top: boolean): Json {
  if (sensitive === true && value !== null) return mask;
  if (typeof value === 'string') return looksSecret(value) ? mask : value;
  if (Array.isArray(value)) return (value as readonly Json[]).map((item, index) => maskValue(item, markOf(sensitive, index), type, false));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      // In the sandbox the body of a resource is the input of another.
      const body = top && (name === 'input' || name === 'output');
      if (!body && item !== null && item !== '' && isSecretAttribute(type, name)) return [name, mask];
      return [name, maskValue(item, markOf(sensitive, name), type, body)];
    }),
  );
}

function markOf(sensitive: unknown, key: string | number): unknown {
  return isObject(sensitive) ? sensitive[String(key)] : Array.isArray(sensitive) ? (sensitive as unknown[])[Number(key)] : undefined;
}

/**
 * What a state file says is sensitive: paths (`[{type: "get_attr", value: "password"}]`) as the shape {@link maskedAttributes}
 * takes.
 */
export function sensitiveShape(paths: unknown): unknown {
  const shape: Record<string, unknown> = {};
  for (const one of Array.isArray(paths) ? (paths as unknown[]) : []) {
    const steps = (Array.isArray(one) ? (one as unknown[]) : [])
      .filter(isObject)
      .map((step) => (isObject(step['value']) ? step['value']['value'] : step['value']));
    if (steps.length === 0) return true;
    let at: Record<string, unknown> = shape;
    for (const [index, step] of steps.entries()) {
      const name = String(step);
      // A value that is secret as a whole stays so, whichever of its parts is named beside it.
      if (at[name] === true) break;
      if (index === steps.length - 1) at[name] = true;
      else at = isObject(at[name]) ? at[name] : (at[name] = {});
    }
  }
  return shape;
}
