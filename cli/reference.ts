import type { Verb } from './kit.ts';

/** `docs/commands.md`: every verb with what it does and what its exit codes mean. */
export function commandReference(verbs: readonly Verb[]): string {
  const rows = [...verbs]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, summary, exits }) => `| \`${name}\` | ${summary} | ${exits[0]} | ${exits[2] ?? '-'} | ${exits[1]} |`);
  return `# Commands

Made from the commands themselves by \`npm run docs\`. \`vcloud COMMAND --help\` has arguments, options and examples. Every command takes \`-C FOLDER\`,
\`--json\`, \`--lang vi|en\` and \`--as-of DATE\`.

| command | does | exit 0 | exit 2 | exit 1 |
|---|---|---|---|---|
${rows.join('\n')}
`;
}
