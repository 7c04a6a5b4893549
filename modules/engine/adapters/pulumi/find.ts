import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { fail, privateFolder } from '../../../core/index.ts';
import type { Unavailable } from '../../binary.ts';
import type { ProgramProvider } from './program.ts';

/** Pulumi's program, with the bridge beside it or on PATH too. */
export interface PulumiEngine {
  readonly name: 'pulumi';
  readonly version: string;
  readonly binary: string;
  /** Folder of the bridge. */
  readonly bridge: string;
}

const bridgeName = 'pulumi-resource-terraform-provider';

/** Finds Pulumi on PATH, the bridge for Terraform's providers, and the npm package. Where one is missing, says which and how to get it. */
export function findPulumi(environment: Readonly<Record<string, string>>): PulumiEngine | Unavailable {
  const search = (environment['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const binary = search.map((folder) => path.join(folder, 'pulumi')).find(isProgram);
  if (binary === undefined)
    return {
      reason: 'pulumi is not on PATH',
      hint: 'install Pulumi >= 3.250 (pulumi.com/docs/install), or set engine.binary in vcloud.yaml to terraform or tofu',
    };
  const bridge = [path.dirname(binary), ...search].find((folder) => isProgram(path.join(folder, bridgeName)));
  if (bridge === undefined)
    return {
      reason: `${bridgeName} is neither beside pulumi nor on PATH`,
      hint: `pulumi plugin install resource terraform-provider, and put the program on PATH`,
    };
  try {
    createRequire(import.meta.url).resolve('@pulumi/pulumi');
  } catch {
    return { reason: 'the npm package @pulumi/pulumi is not installed', hint: 'npm install @pulumi/pulumi' };
  }
  const asked = spawnSync(binary, ['version'], { encoding: 'utf8', env: { ...environment, PULUMI_SKIP_UPDATE_CHECK: 'true' } });
  const version = /^v?(\d+\.\d+\.\d+\S*)/u.exec(asked.stdout?.trim() ?? '')?.[1];
  return version === undefined
    ? { reason: 'pulumi on PATH does not tell its version', hint: 'run "pulumi version" to see why' }
    : { name: 'pulumi', version, binary, bridge };
}

/**
 * The provider's program where Terraform looks for it without a network: mirrors named in its settings, and those it knows by
 * itself. Linked below `.vcloud` under the name the bridge asks for. States name this path.
 * @throws ProblemError ENGINE-PULUMI-PROVIDER
 */
export function providerProgram(root: string, { name, source, version }: ProgramProvider, environment: Readonly<Record<string, string>>): string {
  const parts = source.split('/');
  const [type = name, namespace = 'hashicorp', host = 'registry.terraform.io'] = parts.reverse();
  const home = environment['HOME'] ?? '';
  const mirrors = [
    ...settingsMirrors(environment),
    environment['TF_PLUGIN_CACHE_DIR'] ?? '',
    `${home}/.terraform.d/plugins`,
    '/usr/local/share/terraform/plugins',
    '/usr/share/terraform/plugins',
  ];
  const found = mirrors
    .filter((folder) => path.isAbsolute(folder))
    .flatMap((folder) => programsIn(path.join(folder, host, namespace, type)))
    .filter((one) => matches(one.version, version))
    .sort((one, other) => other.version.localeCompare(one.version, 'en', { numeric: true }))[0];
  if (found === undefined) {
    fail('ENGINE-PULUMI-PROVIDER', `the provider ${source}${version === undefined ? '' : ` ${version}`} lies in no mirror on this machine`, {
      file: 'vcloud.yaml',
      hint: 'terraform providers mirror FOLDER fetches it; name FOLDER in TF_CLI_CONFIG_FILE (provider_installation, filesystem_mirror)',
    });
  }
  const link = path.join(privateFolder(root, 'cache', 'pulumi', 'providers', `${name}-${found.version}`), `terraform-provider-${type}`);
  if (!fs.existsSync(link) || fs.realpathSync(link) !== fs.realpathSync(found.file)) {
    fs.rmSync(link, { force: true });
    fs.symlinkSync(found.file, link);
  }
  return link;
}

/** Folders of `filesystem_mirror` in Terraform's own settings. */
function settingsMirrors(environment: Readonly<Record<string, string>>): string[] {
  const file = environment['TF_CLI_CONFIG_FILE'] ?? path.join(environment['HOME'] ?? '', '.terraformrc');
  try {
    return [...fs.readFileSync(file, 'utf8').matchAll(/filesystem_mirror\s*\{[^}]*?path\s*=\s*"([^"]+)"/gu)].map(([, folder = '']) => folder);
  } catch {
    return [];
  }
}

function programsIn(folder: string): { version: string; file: string }[] {
  if (!fs.existsSync(folder)) return [];
  const { platform, arch } = process;
  const target = `${platform}_${arch === 'x64' ? 'amd64' : arch}`;
  return fs.readdirSync(folder).flatMap((version) => {
    const at = path.join(folder, version, target);
    const names = fs.existsSync(at) ? fs.readdirSync(at).filter((name) => name.startsWith('terraform-provider-')) : [];
    return names.map((name) => ({ version, file: path.join(at, name) }));
  });
}

/** Whether a version is one a constraint allows: `3.4.0`, `~> 3.4`, `>= 3.0`; parts joined by commas. */
export function matches(version: string, constraint: string | undefined): boolean {
  const numbers = (text: string): number[] => text.split('-')[0]?.split('.').map(Number) ?? [];
  const compare = (one: readonly number[], other: readonly number[]): number => {
    const at = [0, 1, 2].find((index) => (one[index] ?? 0) !== (other[index] ?? 0));
    return at === undefined ? 0 : (one[at] ?? 0) - (other[at] ?? 0);
  };
  return (constraint ?? '').split(',').every((part) => {
    const match = /^\s*(~>|>=|<=|>|<|!=|=)?\s*v?(\d+(?:\.\d+)*\S*)\s*$/u.exec(part);
    if (match === null) return part.trim() === '';
    const [, operator = '=', wanted = ''] = match;
    const [have, want] = [numbers(version), numbers(wanted)];
    const order = compare(have, want);
    if (operator === '~>') return order >= 0 && want.slice(0, -1).every((number, index) => have[index] === number);
    return { '>=': order >= 0, '<=': order <= 0, '>': order > 0, '<': order < 0, '!=': order !== 0, '=': order === 0 }[operator] ?? false;
  });
}

function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Whether what {@link findPulumi} gave is an engine. */
export function isEngineFound(found: PulumiEngine | Unavailable): found is PulumiEngine {
  return 'binary' in found;
}
