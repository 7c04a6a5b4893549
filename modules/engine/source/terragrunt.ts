import * as path from 'node:path';
import { problem, type Problem } from '../../core/index.ts';
import { HclError, readHcl, type HclAttribute, type HclFile } from './hcl.ts';

/** What a `terragrunt.hcl` says of order. Terragrunt itself is never run. */
export interface TerragruntUnit {
  /** Folders it depends on, relative to the federation's. */
  readonly dependsOn: readonly { readonly folder: string; readonly line: number; readonly column: number }[];
  readonly problems: readonly Problem[];
}

/**
 * Reads the `dependency` and `dependencies` blocks of a unit in `folder`. `include` is not followed. What would have to be
 * evaluated is a finding (warning), not a guess.
 */
export function readTerragrunt(text: string, file: string, folder: string): TerragruntUnit {
  const dependsOn: { folder: string; line: number; column: number }[] = [];
  const problems: Problem[] = [];
  let read: HclFile;
  try {
    read = readHcl(text);
  } catch (error) {
    if (!(error instanceof HclError)) throw error;
    const { line, column } = error;
    const hint = 'mend it, or say what it depends on with dependsOn in vcloud.yaml';
    return {
      dependsOn,
      problems: [
        problem('ENGINE-UNIT-HCL', `this is not read as HCL, so what it depends on is not known: ${error.message}`, {
          severity: 'warning',
          file,
          line,
          column,
          hint,
        }),
      ],
    };
  }
  const add = (value: unknown, at: HclAttribute, what: string): void => {
    const target = typeof value === 'string' ? resolve(value, folder) : undefined;
    if (target !== undefined) dependsOn.push({ folder: target, line: at.line, column: at.column });
    else problems.push(dynamic(file, at, what));
  };
  for (const block of read.blocks) {
    if (block.type === 'dependency') {
      const at = block.body.attributes.get('config_path');
      const what = `config_path of dependency "${block.labels[0] ?? ''}"`;
      if (at === undefined) problems.push(dynamic(file, block, what));
      else add('static' in at.value ? at.value.static : ownFolder(at.value.expression), at, what);
    }
    if (block.type === 'dependencies') {
      const at = block.body.attributes.get('paths');
      if (at === undefined) continue;
      const list = 'static' in at.value ? at.value.static : listOf(at.value.expression);
      if (Array.isArray(list)) for (const one of list) add(one, at, 'paths of dependencies');
      else problems.push(dynamic(file, at, 'paths of dependencies'));
    }
  }
  const inputs = read.attributes.get('inputs');
  if (inputs !== undefined) {
    problems.push(
      problem('ENGINE-UNIT-INPUTS', 'Terragrunt would hand `inputs` to this unit as variables; only what it depends on is read here', {
        severity: 'warning',
        file,
        line: inputs.line,
        column: inputs.column,
        hint: 'put them into a .tfvars file and name it in varFiles, if its variables have no defaults',
      }),
    );
  }
  return { dependsOn, problems };
}

/** `"${get_terragrunt_dir()}/../vpc"` is the folder of this very file: the one function whose value is known. */
function ownFolder(expression: string): string | undefined {
  return /^"\$\{get_terragrunt_dir\(\)\}\/([^"$%]+)"$/u.exec(expression)?.[1];
}

/** A list whose items are plain but for {@link ownFolder}; items that are not are undefined. */
function listOf(expression: string): (string | undefined)[] | undefined {
  const inner = /^\[([^[\]]*)\]$/su.exec(expression)?.[1];
  if (inner === undefined) return undefined;
  return inner
    .split(',')
    .map((item) => item.replaceAll(/^\s*(?:#|\/\/).*$/gmu, '').trim())
    .filter((item) => item !== '')
    .map((item) => /^"([^"$%]*)"$/u.exec(item)?.[1] ?? ownFolder(item));
}

function resolve(value: string, folder: string): string | undefined {
  if (path.posix.isAbsolute(value)) return undefined;
  const target = path.posix.normalize(`${folder}/${value.replace(/\/terragrunt\.hcl$/u, '')}`).replace(/\/$/u, '');
  return target.startsWith('..') ? undefined : target;
}

function dynamic(file: string, place: { readonly line: number; readonly column: number }, what: string): Problem {
  return problem('ENGINE-UNIT-DYNAMIC', `${what} cannot be read without running Terragrunt`, {
    severity: 'warning',
    file,
    line: place.line,
    column: place.column,
    hint: "write it as a plain path below the federation's folder, or say what it depends on with dependsOn in vcloud.yaml",
  });
}
