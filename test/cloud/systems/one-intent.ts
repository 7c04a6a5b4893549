import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll } from 'vitest';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

/** The example federation with one system on three kinds of clouds, in a folder of its own; `edit` changes its declarations first. */
export function oneIntent(edit: (declarations: string) => string = (text) => text, environment: 'production' | 'sandbox' = 'production'): string {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-one-intent-'));
  folders.push(root);
  fs.cpSync(path.resolve(import.meta.dirname, '../../../examples/one-intent'), root, { recursive: true, filter: (file) => !file.includes('.vcloud') });
  const file = path.join(root, 'stacks/works/works.yaml');
  fs.writeFileSync(file, edit(fs.readFileSync(file, 'utf8')));
  // In production bodies are real, so that rules can be read as each cloud gets them.
  fs.appendFileSync(path.join(root, 'vcloud.yaml'), `environment: ${environment}\n`);
  return root;
}
