import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { canonicalJson, sha256 } from '../../modules/core/index.ts';
import { childEnvironment, findEngine, isEngine, type SynthesisedStack } from '../../modules/engine/index.ts';

/** Why tests with a real engine cannot run here; undefined when they can. */
export const noEngine = await (async () => {
  const found = await findEngine('auto', childEnvironment(process.env));
  return isEngine(found) ? undefined : found.reason;
})();

export interface StackSketch {
  readonly path: string;
  /** Resource name -> body of a `terraform_data`. */
  readonly resources: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly dependsOn?: readonly string[];
  /** Producers read; `${data.terraform_remote_state.NAME.outputs.X}` with dots in NAME as underscores. */
  readonly reads?: readonly string[];
}

/** A stack of built-in resources as the cloud room would hand it over. */
export function stackOf(sketch: StackSketch): SynthesisedStack {
  const { path: name, resources, outputs = {}, dependsOn = [], reads = [] } = sketch;
  const configuration: Record<string, unknown> = {};
  if (Object.keys(resources).length > 0) configuration['resource'] = { terraform_data: resources };
  if (reads.length > 0) {
    const data = reads.map((other) => [other.replaceAll('.', '_'), { backend: 'local', config: { path: `../${other}/terraform.tfstate` } }] as const);
    configuration['data'] = { terraform_remote_state: Object.fromEntries(data) };
  }
  if (Object.keys(outputs).length > 0) configuration['output'] = Object.fromEntries(Object.entries(outputs).map(([key, value]) => [key, { value }]));
  const json = canonicalJson(configuration, 2);
  return {
    path: name,
    agency: name.split('.')[0] ?? name,
    environment: 'sandbox',
    json,
    digest: sha256(json),
    dependsOn,
    reads,
    resources: Object.keys(resources).map((key) => {
      const [type = key, rest = key] = key.split('__');
      return { address: `${type}.${rest}`, type, planned: `terraform_data.${key}`, construct: `${name}/${key}` };
    }),
  };
}

/** An empty folder for one federation. */
export function temporaryRoot(): string {
  return fs.mkdtempSync(path.join(tmpdir(), 'vcloud-engine-'));
}
