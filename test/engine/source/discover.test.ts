import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { apply, discoverFolders, plan, readState, type Discovered, type FolderSetting } from '../../../modules/engine/index.ts';
import { noEngine, temporaryRoot } from '../fixtures.ts';
import { photograph, put } from './units.ts';

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) fs.rmSync(root, { recursive: true, force: true });
});
function newRoot(files: Readonly<Record<string, string>>): string {
  const root = temporaryRoot();
  roots.push(root);
  for (const [name, text] of Object.entries(files)) put(root, name, text);
  return root;
}
const discover = (root: string, ...settings: readonly Partial<FolderSetting>[]): Discovered =>
  discoverFolders(
    root,
    settings.map((one) => ({ path: 'units/**', agency: 'mst', ...one })),
    { organisations: new Set(['mst', 'moh']) },
  );
const found = ({ problems }: Discovered): unknown[] => problems.map(({ code, severity, file, line, column }) => [code, severity, file, line, column]);

const thing = 'resource "terraform_data" "x" {\n  input = 1\n}\n';

describe('existing folders', () => {
  it('are found by path or pattern, named after agency and folder, and belong to a declared organisation', () => {
    const root = newRoot({
      'units/a_b/main.tf': thing,
      'units/deep/er/main.tf.json': '{}',
      'units/.terraform/main.tf': thing,
      'units/old/main.tf': thing,
      'units/readme.md': '',
      'legacy/main.tf': thing,
    });
    const all = discover(
      root,
      { except: ['units/old'] },
      { path: './legacy/', agency: 'moh', name: 'moh.net' },
      { path: 'units/deep/*', agency: 'moh', tags: ['core'] },
    );
    expect(found(all)).toEqual([['ENGINE-SOURCE-TWICE', 'error', 'vcloud.yaml', undefined, undefined]]);
    expect(discover(root, { except: ['units/old'] }, { path: './legacy', agency: 'moh', name: 'moh.net' }).stacks.map(({ path: name }) => name)).toEqual([
      'moh.net',
      'mst.units.a-b',
      'mst.units.deep.er',
    ]);
    expect(found(discover(root, { path: 'units/a_b' }, { path: 'units/*', tags: ['x'] })).length).toBe(0);
    expect(found(discover(root, { path: '../elsewhere' }, { path: '.' }, { path: 'units' }, { path: 'units/old', agency: 'nobody' }))).toEqual(
      ['OUTSIDE', 'ROOT', 'EMPTY', 'AGENCY'].map((word) => [`ENGINE-SOURCE-${word}`, 'error', 'vcloud.yaml', undefined, undefined]),
    );
  });

  it('are ordered by what terragrunt.hcl says; what would have to be run for is a finding', () => {
    const root = newRoot({
      'units/vpc/main.tf': thing,
      'units/dns/main.tf': thing,
      'units/app/main.tf': 'data "terraform_remote_state" "vpc" {\n  backend = "local"\n  config = { path = "../vpc/terraform.tfstate" }\n}\n',
      'units/app/terragrunt.hcl':
        'include {\n  path = find_in_parent_folders()\n}\ndependency "vpc" {\n  config_path = "../vpc"\n}\ndependencies {\n  paths = ["${get_terragrunt_dir()}/../dns", "../gone", local.more]\n}\ndependency "far" {\n  config_path = "${get_repo_root()}/units/dns"\n}\ninputs = {\n  a = dependency.vpc.outputs.id\n}\n',
      'units/odd/main.tf': thing,
      'units/odd/terragrunt.hcl': 'dependency "x" {\n',
      'units/generated/terragrunt.hcl': 'terraform {\n  source = "../../modules/x"\n}\n',
    });
    const seen = discover(root, {});
    expect(seen.stacks.find(({ path: name }) => name === 'mst.units.app')).toMatchObject({
      dependsOn: ['mst.units.dns', 'mst.units.vpc'],
      reads: ['mst.units.dns', 'mst.units.vpc'],
    });
    expect(found(seen)).toEqual([
      ['ENGINE-UNIT-SOURCE', 'warning', 'units/generated/terragrunt.hcl', undefined, undefined],
      ['ENGINE-UNIT-DYNAMIC', 'warning', 'units/app/terragrunt.hcl', 8, 3],
      ['ENGINE-UNIT-DYNAMIC', 'warning', 'units/app/terragrunt.hcl', 11, 3],
      ['ENGINE-UNIT-INPUTS', 'warning', 'units/app/terragrunt.hcl', 13, 1],
      ['ENGINE-UNIT-DEPENDENCY', 'warning', 'units/app/terragrunt.hcl', 8, 3],
      ['ENGINE-UNIT-HCL', 'warning', 'units/odd/terragrunt.hcl', 2, 1],
    ]);
  });

  it('have a digest of every file the engine would read, and of no other', () => {
    const files = {
      'units/a/main.tf': 'module "m" {\n  source = "../../modules/m"\n}\nlocals {\n  limits = file("${path.module}/../../common/limits.json")\n}\n',
      'units/a/x.auto.tfvars': 'a = 1\n',
      'env/prod.tfvars': 'b = 1\n',
      'modules/m/main.tf': 'module "n" {\n  source = "../n"\n}\n',
      'modules/n/main.tf': 'output "x" {\n  value = templatefile("${path.module}/t/x.tpl", {})\n}\n',
      'modules/n/t/x.tpl': 'x',
      'common/limits.json': '{}',
      'common/other.json': '{}',
      'modules/unused/main.tf': thing,
    };
    const root = newRoot(files);
    const digest = (): string => discover(root, { varFiles: ['../../env/prod.tfvars'] }).stacks[0]?.digest ?? '';
    const before = digest();
    expect(before).toMatch(/^[0-9a-f]{64}$/u);
    for (const [name, text] of Object.entries(files)) {
      put(root, name, `${text} `);
      expect([name, digest() !== before]).toEqual([name, !/other|unused/u.test(name)]);
      put(root, name, text);
    }
    put(root, 'units/a/terraform.tfstate', '{}');
    put(root, 'units/a/.terraform/x', '');
    expect(digest()).toBe(before);
    expect(found(discover(root, { varFiles: ['none.tfvars'] }))[0]).toEqual(['ENGINE-SOURCE-VARIABLES', 'error', 'vcloud.yaml', undefined, undefined]);
  });

  it('keep the backend they name; what runs plans elsewhere is refused', () => {
    const root = newRoot({
      'units/s3/main.tf': 'terraform {\n  backend "s3" {\n    bucket = "b"\n    key = "k"\n  }\n}\n',
      'units/json/main.tf.json': '{"terraform": {"backend": {"pg": {"schema_name": "x"}}}}',
      'cloud/main.tf': 'terraform {\n  cloud {\n    organization = "x"\n  }\n}\n',
    });
    expect(discover(root, {}).stacks.map(({ folder }) => folder.backend)).toEqual([
      { type: 'pg', config: { schema_name: 'x' } },
      { type: 's3', config: { bucket: 'b', key: 'k' } },
    ]);
    expect(found(discover(root, { path: 'cloud' }))).toEqual([['ENGINE-SOURCE-CLOUD', 'error', 'cloud/main.tf', 2, 3]]);
  });
});

describe.skipIf(noEngine !== undefined)('a folder that was applied by hand before', () => {
  it('goes on with its own state and files of variables, and nothing appears in it', async () => {
    const main =
      'variable "size" {}\nterraform {\n  backend "local" {\n    path = "kept.tfstate"\n  }\n}\nresource "terraform_data" "x" {\n  input = var.size\n}\n';
    const root = newRoot({ 'legacy/net/main.tf': main, 'env/prod.tfvars': 'size = 1\n' });
    const folder = path.join(root, 'legacy/net');
    const terraform = (...args: readonly string[]): void => void execFileSync('terraform', args, { cwd: folder, stdio: 'ignore' });
    terraform('init');
    terraform('apply', '-auto-approve', '-var-file=../../env/prod.tfvars');
    const settings = { path: 'legacy/net', varFiles: ['../../env/prod.tfvars'] };
    const stacks = discover(root, settings).stacks;
    const before = photograph(root);
    expect((await plan({ root, stacks })).stacks).toMatchObject([{ path: 'mst.legacy.net', state: 'unchanged' }]);
    expect(photograph(root)).toEqual(before);

    put(root, 'env/prod.tfvars', 'size = 2\n');
    const changed = discover(root, settings).stacks;
    const run = await plan({ root, stacks: changed });
    expect(run.stacks).toMatchObject([{ state: 'planned', change: 1 }]);
    const planned = photograph(root);
    expect((await apply({ root, stacks: changed, directory: run.directory ?? '' })).stacks.map(({ result }) => result)).toEqual(['applied']);
    // Its state is its own, and so is where it lies; nothing else of it moved.
    const differs = [...photograph(root)].filter(([name, seen]) => planned.get(name) !== seen && !seen.startsWith('folder')).map(([name]) => name);
    expect(differs).toEqual(['legacy/net/kept.tfstate']);
    expect(fs.readdirSync(folder).sort()).toEqual(['.terraform', 'kept.tfstate', 'main.tf']);
    expect(readState(root, 'mst.legacy.net')?.[0]?.attributes['input']).toBe(2);
    terraform('plan', '-detailed-exitcode', '-var-file=../../env/prod.tfvars');
  });
});
