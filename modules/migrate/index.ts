export { unifiedDiff } from './diff.ts';
export { planMigration, writeMigration, type MigratedFile, type MigrateOptions, type Migration } from './migrate.ts';
export { editYamlText } from './yaml-edits.ts';
