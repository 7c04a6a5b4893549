import { existsSync } from 'node:fs';

const names = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'TZ',
  'TMPDIR',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'TF_PLUGIN_CACHE_DIR',
  'TF_LOG',
  'TF_LOG_PATH',
  'GOGC',
  'GOMEMLIMIT',
]);
/**
 * Engines and providers are Go programs that live for a second and read a schema of megabytes: collecting that garbage is
 * a good part of their work. The limit keeps what a large state needs from growing fivefold. Whoever sets these variables decides.
 */
const memory = { GOGC: '400', GOMEMLIMIT: '512MiB' };
const patterns = [/^LC_/u, /^(http|https|no)_proxy$/iu];

/**
 * The environment an engine's process gets: what it needs to run, and `extra` (credentials the caller resolved for
 * this process). Nothing else of ours is inherited, so that no variable changes a plan unseen.
 */
export function childEnvironment(from: NodeJS.ProcessEnv, extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(from)) {
    if (value !== undefined && (names.has(name) || patterns.some((pattern) => pattern.test(name)))) result[name] = value;
  }
  // A setting that names a file which is not there makes every call print a warning.
  const settings = from['TF_CLI_CONFIG_FILE'];
  if (settings !== undefined && existsSync(settings)) result['TF_CLI_CONFIG_FILE'] = settings;
  return { ...memory, ...result, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1', ...extra };
}
