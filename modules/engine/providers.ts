import * as path from 'node:path';
import { readTextIfPresent } from '../core/index.ts';

/** Versions of providers by source address, as the engine's lock file has them. */
export type ProviderVersions = Readonly<Record<string, string>>;

/**
 * Providers a working folder was initialised with, from its `.terraform.lock.hcl` (dependency lock file;
 * developer.hashicorp.com/terraform/language/files/dependency-lock); undefined where it has none.
 */
export function providersIn(folder: string): ProviderVersions | undefined {
  const text = readTextIfPresent(path.join(folder, '.terraform.lock.hcl'));
  if (text === undefined) return undefined;
  const found: Record<string, string> = {};
  for (const [, source = '', version = ''] of text.matchAll(/^provider "([^"]+)" \{[^}]*?^\s*version\s*=\s*"([^"]+)"/gmu)) found[source] = version;
  return found;
}

/** How two sets of providers differ, in words; undefined where they do not. */
export function providerChange(before: ProviderVersions | undefined, after: ProviderVersions | undefined): string | undefined {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].sort();
  const changes = names.flatMap((name) => {
    const [one, other] = [before?.[name], after?.[name]];
    return one === other ? [] : [`${name.split('/').slice(-2).join('/')} was ${one ?? 'absent'}, is ${other ?? 'absent'}`];
  });
  return changes.length === 0 ? undefined : changes.join('; ');
}
