import * as fs from 'node:fs';
import * as path from 'node:path';
import { sha256 } from '../../../modules/core/index.ts';

/** Writes a file, folders included. */
export function put(root: string, file: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  fs.writeFileSync(path.join(root, file), text);
}

/**
 * Units as teams have them: a main.tf of its own that calls a shared module over a relative source, an *.auto.tfvars, a file
 * read with templatefile, and a terragrunt.hcl that depends on one or two units before it.
 */
export function writeUnits(root: string, count: number): void {
  put(
    root,
    'modules/thing/main.tf',
    'variable "name" {}\nmodule "label" {\n  source = "../label"\n  name   = var.name\n}\nresource "terraform_data" "thing" {\n  input = module.label.text\n}\noutput "id" {\n  value = terraform_data.thing.id\n}\n',
  );
  put(root, 'modules/label/main.tf', 'variable "name" {}\noutput "text" {\n  value = templatefile("${path.module}/label.tpl", { name = var.name })\n}\n');
  put(root, 'modules/label/label.tpl', 'thing ${name}');
  put(root, 'common/limits.json', '{"largest": 9}');
  for (let index = 0; index < count; index++) {
    const folder = unitFolder(index);
    const above = '../'.repeat(folder.split('/').length);
    put(
      root,
      `${folder}/main.tf`,
      `# Unit ${index}\nterraform {\n  required_version = ">= 1.6"\n}\n\nvariable "size" {\n  type = number\n}\n\nlocals {\n  limits = jsondecode(file("\${path.module}/${above}common/limits.json"))\n}\n\nmodule "thing" {\n  source = "${above}modules/thing"\n  name   = "unit-${index}"\n}\n\nresource "terraform_data" "own" {\n  input = {\n    size = min(var.size, local.limits.largest)\n    note = "quotes \\"in\\" a text, \${"nested \${var.size}"} and a { brace"\n  }\n}\n\noutput "id" {\n  value = module.thing.id\n}\n`,
    );
    put(root, `${folder}/size.auto.tfvars`, `size = ${index % 12}\n`);
    put(root, `${folder}/README.md`, `Unit ${index}\n`);
    const before = [index - 1, index - 7].filter((one) => one >= 0 && index % 5 !== 0);
    const blocks = before.map((one, at) =>
      at === 0
        ? `dependency "u${one}" {\n  config_path = "${relative(folder, unitFolder(one))}"\n  mock_outputs = {\n    id = "mock"\n  }\n}\n`
        : `dependencies {\n  paths = ["${relative(folder, unitFolder(one))}"]\n}\n`,
    );
    put(root, `${folder}/terragrunt.hcl`, `include "root" {\n  path = find_in_parent_folders("root.hcl")\n}\n\n${blocks.join('\n')}`);
  }
}

export function unitFolder(index: number): string {
  return `live/group-${index % 8}/unit_${String(index).padStart(3, '0')}`;
}

function relative(from: string, to: string): string {
  return path.posix.relative(from, to);
}

/** Every file below a folder but `.vcloud`, with its bytes' digest, kind, mode and time of change: what `git status` and more would tell. */
export function photograph(root: string): Map<string, string> {
  const seen = new Map<string, string>();
  const walk = (below: string): void => {
    for (const entry of fs.readdirSync(path.join(root, below), { withFileTypes: true })) {
      const name = below === '' ? entry.name : `${below}/${entry.name}`;
      if (name === '.vcloud') continue;
      const { mode, mtimeMs, ino } = fs.lstatSync(path.join(root, name));
      if (entry.isDirectory()) {
        seen.set(name, `folder ${mode} ${mtimeMs}`);
        walk(name);
      } else
        seen.set(
          name,
          `${mode} ${mtimeMs} ${ino} ${entry.isSymbolicLink() ? fs.readlinkSync(path.join(root, name)) : sha256(fs.readFileSync(path.join(root, name)))}`,
        );
    }
  };
  walk('');
  return seen;
}
