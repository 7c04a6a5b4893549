import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Absent } from './absent.ts';

/** A folder with the real Terraform providers, and the CLI configuration that uses it and nothing else. */
export interface ProviderMirror {
  /** For `TF_CLI_CONFIG_FILE`. */
  readonly configurationFile: string;
  readonly folder: string;
  /** The OpenStack provider's program. */
  readonly openstack: string;
}

/** Where the build scripts of `test/lab/providers` leave what they built; see its common.sh. */
export function cacheFolder(): string {
  const { VCLOUD_LAB_CACHE: named, XDG_CACHE_HOME: caches } = process.env;
  if (named !== undefined && named !== '') return named;
  if (process.getuid?.() === 0) return '/var/cache/vcloud-lab';
  return path.join(caches ?? path.join(os.homedir(), '.cache'), 'vcloud-lab');
}

/** The mirror with the OpenStack provider, if it was built. Tests do not build it: that takes minutes. */
export function providerMirror(): ProviderMirror | Absent {
  const configurationFile = path.join(cacheFolder(), 'terraform.rc');
  const folder = path.join(cacheFolder(), 'mirror');
  const program = programs(folder).find((file) => path.basename(file).startsWith('terraform-provider-openstack_v'));
  if (program === undefined || !fs.existsSync(configurationFile)) {
    return { absent: 'the OpenStack provider is not built, npm run lab:build builds it' };
  }
  return { configurationFile, folder, openstack: program };
}

/** The same mirror, if the Kubernetes provider was built into it. */
export function kubernetesProvider(): Omit<ProviderMirror, 'openstack'> | Absent {
  const configurationFile = path.join(cacheFolder(), 'terraform.rc');
  const folder = path.join(cacheFolder(), 'mirror');
  const here = programs(folder).some((file) => path.basename(file).startsWith('terraform-provider-kubernetes_v'));
  return here && fs.existsSync(configurationFile)
    ? { configurationFile, folder }
    : { absent: 'the Kubernetes provider is not built, npm run lab:kubernetes:build builds it' };
}

/** Path of `terraform`. */
export function terraformBinary(): string | Absent {
  return onPath('terraform') ?? { absent: 'terraform is not on PATH' };
}

/** Path of `tofu`: on PATH, or built by test/lab/providers/build-opentofu.sh. */
export function tofuBinary(): string | Absent {
  return onPath('tofu') ?? newest('opentofu', 'tofu') ?? { absent: 'tofu is not built, test/lab/providers/build-opentofu.sh builds it' };
}

/** Folder with `pulumi` and `pulumi-resource-terraform-provider`, built by test/lab/providers/build-pulumi.sh. */
export function pulumiFolder(): string | Absent {
  const engine = newest('pulumi', 'pulumi');
  const complete = engine !== undefined && fs.existsSync(path.join(path.dirname(engine), 'pulumi-resource-terraform-provider'));
  return complete ? path.dirname(engine) : { absent: 'pulumi is not built, test/lab/providers/build-pulumi.sh builds it' };
}

export interface Ended {
  readonly status: number | null;
  readonly output: string;
  readonly stdout: string;
}

/**
 * Terraform or OpenTofu in a folder of `*.tf.json`, with the real providers.
 * @param environment credentials, as `OS_*`; nothing of `OS_*` and `TF_*` is inherited
 * @returns a function that runs one command: `run('plan', '-input=false')`
 */
export function terraformIn(
  folder: string,
  { binary, mirror, environment = {} }: { binary: string; mirror: ProviderMirror; environment?: Readonly<Record<string, string>> },
): (...words: readonly string[]) => Ended {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(OS|TF)_/u.test(name));
  const env = {
    ...Object.fromEntries(inherited),
    CHECKPOINT_DISABLE: '1',
    TF_IN_AUTOMATION: '1',
    TF_CLI_CONFIG_FILE: mirror.configurationFile,
    ...environment,
  };
  return (...words) => {
    const { status, stdout, stderr, error } = spawnSync(binary, words, { cwd: folder, encoding: 'utf8', env, timeout: 540_000, maxBuffer: 1 << 28 });
    return { status, stdout, output: `${stdout}${stderr}${error?.message ?? ''}` };
  };
}

function onPath(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return folders.map((folder) => path.join(folder, name)).find((file) => isProgram(file));
}

/** `CACHE/product/VERSION/name`, of several versions the highest. */
function newest(product: string, name: string): string | undefined {
  const folder = path.join(cacheFolder(), product);
  if (!fs.existsSync(folder)) return undefined;
  const versions = fs.readdirSync(folder).sort((one, other) => other.localeCompare(one, 'en', { numeric: true }));
  return versions.map((version) => path.join(folder, version, name)).find((file) => isProgram(file));
}

function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

function programs(folder: string): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((file) => isProgram(file));
}
