import * as fs from 'node:fs';
import * as path from 'node:path';
import { problem, type Problem } from '../../core/index.ts';

/** Folders that never hold stacks: what tools keep, and what is hidden. */
function isPassedOver(name: string): boolean {
  return name.startsWith('.') || name === 'node_modules';
}

/** Whether a path of the settings stands for several folders. */
export function isPattern(written: string): boolean {
  return written.includes('*');
}

/**
 * Folders with `*.tf` or `*.tf.json` at a path or a pattern (`*` within one name, `**` any depth), relative to `root`, sorted.
 * A folder with nothing but `terragrunt.hcl` has no configuration without Terragrunt: that is a finding.
 */
export function findUnits(
  root: string,
  written: string,
  except: readonly string[],
): { readonly folders: readonly string[]; readonly problems: readonly Problem[] } {
  const wanted = path.posix.normalize(written).replace(/\/$/u, '');
  if (wanted === '..' || wanted.startsWith('../') || path.posix.isAbsolute(wanted)) {
    const message = `"${written}" leads out of the federation's folder`;
    return {
      folders: [],
      problems: [problem('ENGINE-SOURCE-OUTSIDE', message, { hint: 'stacks lie below the folder of vcloud.yaml; move vcloud.yaml further up' })],
    };
  }
  if (wanted === '.') {
    const message = 'the folder of vcloud.yaml itself cannot be a stack';
    return {
      folders: [],
      problems: [problem('ENGINE-SOURCE-ROOT', message, { hint: 'put vcloud.yaml one folder further up, and name this one by its path' })],
    };
  }
  const problems: Problem[] = [];
  const folders: string[] = [];
  const leftOut = except.map((one) => expression(path.posix.normalize(one).replace(/\/$/u, '')));
  const consider = (folder: string, names: readonly string[]): void => {
    if (leftOut.some((one) => one.test(folder))) return;
    if (names.some((name) => /\.tf(?:\.json)?$/u.test(name))) folders.push(folder);
    else if (names.includes('terragrunt.hcl')) {
      problems.push(
        problem('ENGINE-UNIT-SOURCE', 'its configuration is put together by Terragrunt, which is never run here', {
          severity: 'warning',
          file: `${folder}/terragrunt.hcl`,
          hint: 'folders with *.tf are planned; copy or call the module from a main.tf in this folder',
        }),
      );
    }
  };
  if (!isPattern(wanted)) {
    const names = namesIn(path.join(root, wanted));
    if (names !== undefined) consider(wanted, names.files);
    return { folders, problems };
  }
  const pattern = expression(wanted);
  const parts = wanted.split('/');
  const fixed = parts.slice(0, parts.findIndex(isPattern)).join('/');
  const depth = wanted.includes('**') ? Number.POSITIVE_INFINITY : parts.length;
  const walk = (folder: string, level: number): void => {
    const names = namesIn(path.join(root, folder));
    if (names === undefined) return;
    if (folder !== '' && pattern.test(folder)) consider(folder, names.files);
    if (level >= depth) return;
    for (const name of names.folders) if (!isPassedOver(name)) walk(folder === '' ? name : `${folder}/${name}`, level + 1);
  };
  walk(fixed, fixed === '' ? 0 : fixed.split('/').length);
  return { folders: folders.sort(), problems };
}

function namesIn(folder: string): { readonly files: string[]; readonly folders: string[] } | undefined {
  try {
    const entries = fs.readdirSync(folder, { withFileTypes: true });
    return {
      files: entries.filter((one) => !one.isDirectory()).map((one) => one.name),
      folders: entries.filter((one) => one.isDirectory()).map((one) => one.name),
    };
  } catch {
    return undefined;
  }
}

/** `units/**` matches what is below `units` at any depth, and `units` itself. */
function expression(pattern: string): RegExp {
  const parts = pattern.split('/').map((part) => (part === '**' ? '**' : part.replaceAll(/[.+?^${}()|[\]\\]/gu, '\\$&').replaceAll('*', '[^/]*')));
  let text = '';
  parts.forEach((part, index) => {
    if (part === '**') text += index === 0 ? '(?:[^/]+(?:/|$))*' : '(?:/[^/]+)*';
    else text += index === 0 || (parts[index - 1] === '**' && index === 1) ? part : `/${part}`;
  });
  return new RegExp(`^${text}$`, 'u');
}
