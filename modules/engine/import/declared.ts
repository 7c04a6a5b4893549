import * as fs from 'node:fs';
import * as path from 'node:path';
import { isObject } from '../../core/index.ts';
import { HclError, readHcl } from '../source/hcl.ts';
import type { DeclaredStack } from '../types.ts';

/** Addresses a stack declares, without indices, with the address that is planned; calls of modules as `module.NAME`. */
export function declaredAddresses(root: string, stack: DeclaredStack): Map<string, string> {
  const found = new Map<string, string>();
  const planned = stack.json === undefined ? inFolder(root, stack.folder?.path ?? '') : inJson(stack.json);
  for (const address of planned) found.set(address, address);
  for (const { address, planned: at } of stack.resources) found.set(address, at);
  return found;
}

function inFolder(root: string, folder: string): string[] {
  return fs.readdirSync(path.join(root, folder)).flatMap((name) => {
    if (name.endsWith('.tf.json')) return inJson(fs.readFileSync(path.join(root, folder, name), 'utf8'));
    if (!name.endsWith('.tf')) return [];
    try {
      return readHcl(fs.readFileSync(path.join(root, folder, name), 'utf8')).blocks.flatMap(({ type, labels }) =>
        type === 'resource' ? [`${labels[0] ?? ''}.${labels[1] ?? ''}`] : type === 'module' ? [`module.${labels[0] ?? ''}`] : [],
      );
    } catch (error) {
      if (error instanceof HclError) return [];
      throw error;
    }
  });
}

function inJson(text: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  const parts = (of: unknown): Record<string, unknown>[] => (Array.isArray(of) ? (of as readonly unknown[]) : [of]).filter(isObject);
  return parts(value).flatMap((top) => [
    ...parts(top['resource']).flatMap((types) =>
      Object.entries(types).flatMap(([type, named]) => parts(named).flatMap((names) => Object.keys(names).map((name) => `${type}.${name}`))),
    ),
    ...parts(top['module']).flatMap((calls) => Object.keys(calls).map((name) => `module.${name}`)),
  ]);
}
