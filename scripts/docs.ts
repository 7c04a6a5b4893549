// Writes what is made from the code: docs/commands.md, docs/blueprints.md and schemas/.
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandReference } from '../cli/reference.ts';
import { verbs } from '../cli/verbs.ts';
import { blueprintReference, systemBlueprints } from '../modules/cloud/systems/index.ts';
import { writeFileAtomic } from '../modules/core/index.ts';
import { writeSchemas } from '../modules/schemas.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
writeFileAtomic(path.join(root, 'docs/commands.md'), commandReference(verbs));
writeFileAtomic(path.join(root, 'docs/blueprints.md'), blueprintReference(systemBlueprints));
await writeSchemas(root, 'schemas');
