import type { Verb } from '../kit.ts';

export const schemaVerbs: readonly Verb[] = [
  {
    name: 'schema',
    summary: 'print or write the JSON Schemas of all files a federation holds',
    description: 'Editors complete and check YAML files that name their schema in a first line "# yaml-language-server: $schema=...".',
    arguments: [{ syntax: '[kind]', description: 'one kind of file; without it the kinds are listed' }],
    options: [{ flags: '--write <folder>', description: 'write every schema as KIND.schema.json into this folder' }],
    examples: [
      { line: 'vcloud schema', does: 'lists the kinds of files' },
      { line: 'vcloud schema declarations', does: 'prints the schema of stacks/<agency>/*.yaml' },
      { line: 'vcloud schema --write schemas', does: 'writes all schemas, as `vcloud init` does' },
    ],
    exits: { 0: 'done', 1: 'no such kind, or not writable' },
    /** data: the schema, the list of kinds, or the files written. */
    async run({ root }, [kind], options) {
      const { jsonSchema, schemaKinds, writeSchemas } = await import('../../modules/schemas.ts');
      if (typeof options['write'] === 'string') {
        const files = await writeSchemas(root, options['write']);
        return { exit: 0, data: files, text: files.join('\n') };
      }
      if (kind === undefined) return { exit: 0, data: schemaKinds, text: schemaKinds.join('\n') };
      const schema = await jsonSchema(kind);
      return { exit: 0, data: schema, text: JSON.stringify(schema, null, 2) };
    },
  },
];
