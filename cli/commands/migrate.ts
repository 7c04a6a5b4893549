import type { MigratedFile, Migration } from '../../modules/migrate/index.ts';
import { plural } from '../../modules/core/basics.ts';
import type { Verb } from '../kit.ts';

/** Files by kind and version; the ones that change, and why, by name. */
function summary({ files, changes, diff }: Migration, written: boolean): string {
  const groups = new Map<string, number>();
  for (const { kind, version } of files) {
    const name = `${kind ?? 'no kind'}\t${version ?? 'no version'}`;
    groups.set(name, (groups.get(name) ?? 0) + 1);
  }
  const rows = [...groups].sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, count]) => [...name.split('\t'), String(count)]);
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  const table = rows.map(
    ([kind = '', version = '', count = '']) => `${kind.padEnd(widths[0] ?? 0)}  ${version.padEnd(widths[1] ?? 0)}  ${count.padStart(widths[2] ?? 0)}`,
  );
  const old = files.filter(({ state }) => state === 'old');
  const reason = ({ file, steps, writer }: MigratedFile): string =>
    `${file}: ${steps.join('; ')}${writer === 'sealed' ? ' (read as it is: signed or reviewed, never rewritten)' : ''}`;
  const end =
    changes.size === 0
      ? `all ${plural(files.length, 'file')} are of the present format`
      : written
        ? `brought ${plural(changes.size, 'file')} to the present format`
        : `${plural(changes.size, 'file')} would change; nothing was written (--write)`;
  return [...table, ...(old.length > 0 ? ['', ...old.map(reason)] : []), '', ...(diff === '' || written ? [] : [diff]), end].join('\n');
}

export const migrateVerbs: readonly Verb[] = [
  {
    name: 'migrate',
    summary: 'say which format every file has and bring old ones to the present format',
    description: [
      'Looks at vcloud.yaml, stacks/, network-plans/ and their locks, policies/, .vcloud/ and out/. Every version ever written stays readable by',
      'every verb; this one rewrites what is old, as a unified diff to review first. Comments, order and quoting of your files stay. What was signed',
      'or reviewed (bundles, extracts, plan directories) is never rewritten. A file of a newer version is an error that names it.',
      '',
      'JSON data: { files: [{ file, kind, version, present, writer, state, steps }], changed: [paths], diff, written }; version is null where a file',
      'says none, writer is people, tool, sealed or other, state is present, old or unknown.',
    ].join('\n'),
    arguments: [{ syntax: '[files...]', description: 'further files, such as an AdoptMapping' }],
    options: [{ flags: '--write', description: 'write what the diff shows: all files or none' }],
    examples: [
      { line: 'vcloud migrate', does: 'shows what would change; exit 2 if anything would' },
      { line: 'vcloud migrate --write', does: 'writes it' },
      { line: 'vcloud migrate mapping.yaml', does: 'looks at a file elsewhere too' },
    ],
    exits: { 0: 'everything is of the present format, or was written', 1: 'a file cannot be brought forward; nothing was written', 2: 'files would change' },
    async run({ root }, files, options) {
      const { planMigration, writeMigration } = await import('../../modules/migrate/index.ts');
      const migration = planMigration(root, { files });
      const write = options['write'] === true && migration.changes.size > 0;
      if (write) await writeMigration(root, migration);
      return {
        exit: migration.changes.size > 0 && !write ? 2 : 0,
        data: { files: migration.files, changed: [...migration.changes.keys()], diff: migration.diff, written: write },
        text: summary(migration, write),
        problems: migration.problems,
      };
    },
  },
];
