import { isObject } from './json.ts';

/** A place where something secret seems to stand. The value itself is never repeated. */
export interface SecretFound {
  /** Path of the value: `attributes.database.password`. */
  readonly at: string;
  readonly why: string;
}

const patterns: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  { pattern: /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/u, why: 'a private key (PEM)' },
  { pattern: /AGE-SECRET-KEY-1[0-9A-Z]+/u, why: 'an age secret key' },
  { pattern: /\bPrivateKey\s*=\s*[A-Za-z0-9+/]{43}=/u, why: 'a WireGuard private key' },
  { pattern: /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/u, why: 'a signed token (JWT)' },
  { pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/u, why: 'an access key' },
  { pattern: /\b(?:ghp|gho|ghs|ghu|github_pat|glpat|hvs|xox[abpr])[_-][A-Za-z0-9_-]{16,}/u, why: 'an access token' },
  { pattern: /\bgAAAAA[A-Za-z0-9_-]{60,}/u, why: 'an OpenStack (Fernet) token' },
  { pattern: /\$(?:2[aby]|5|6|y)\$[^\s$]*\$?[./A-Za-z0-9$=,]{20,}/u, why: 'a password hash' },
  { pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]+:[^\s/@$]+@/iu, why: 'a password in an address' },
  { pattern: /\b(?:secrets?|psk)\s*[=:]\s*"?0s?x?[A-Za-z0-9+/]{16,}/iu, why: 'a pre-shared key' },
];

/** Names whose values are secrets, as the last part of a key in any spelling. */
const secretName =
  /(?:^|[_\-.])(?:password|passwd|passphrase|secret|secretkey|token|psk|presharedkey|privatekey|accesskey|apikey|credentials?|adminpass|userdata|kubeconfig)$/u;
/** A reference says where a secret lies, not what it is. */
const reference = /^(?:env|file|vault):\S+$|^\$\{[^}]*\}$/u;

/** `adminPass`, `private_key`, `api-key` in one spelling: parts joined by `_`, then the pairs that are one word. */
function spelling(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/gu, '$1_$2')
    .toLowerCase()
    .replace(/[-.]/gu, '_')
    .replace(/(private|access|api|secret|pre_shared|preshared)_key$/u, (_, word: string) => `${word.replace('_', '')}key`)
    .replace(/(user)_data$/u, 'userdata')
    .replace(/(admin)_pass$/u, 'adminpass');
}

/** Whether values under this name are secrets, whatever they look like. */
export function isSecretName(key: string): boolean {
  return secretName.test(spelling(key));
}

/** Whether a text looks like a secret by its form alone. */
export function looksSecret(text: string): boolean {
  return text.length >= 16 && patterns.some(({ pattern }) => pattern.test(text));
}

/** Everything in a value that looks like a secret, by name or by form. */
export function findSecrets(value: unknown, at = ''): SecretFound[] {
  const found: SecretFound[] = [];
  search(value, at, found);
  return found;
}

function search(value: unknown, at: string, found: SecretFound[]): void {
  if (typeof value === 'string') {
    const hit = value.length < 16 ? undefined : patterns.find(({ pattern }) => pattern.test(value));
    if (hit) found.push({ at, why: hit.why });
  } else if (Array.isArray(value)) {
    value.forEach((item, index) => search(item, `${at}[${index}]`, found));
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      const here = at === '' ? key : `${at}.${key}`;
      if (typeof item === 'string' && item !== '' && !reference.test(item) && secretName.test(spelling(key))) {
        found.push({ at: here, why: `a value under the name "${key}"` });
      } else {
        search(item, here, found);
      }
    }
  }
}

/** Secrets in the text of any file, line by line; used for what is written beside the records. */
export function findSecretsInText(text: string): SecretFound[] {
  return text.split('\n').flatMap((line, index) => {
    const hit = patterns.find(({ pattern }) => pattern.test(line));
    return hit ? [{ at: `line ${index + 1}`, why: hit.why }] : [];
  });
}
