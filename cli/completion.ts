import type { Verb } from './kit.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** What may follow each beginning of a command line: the words of areas and verbs, then the options. */
function words(verbs: readonly Verb[]): Map<string, string[]> {
  const after = new Map<string, string[]>([['', []]]);
  const add = (prefix: string, word: string): void => {
    const list = after.get(prefix) ?? [];
    if (!list.includes(word)) list.push(word);
    after.set(prefix, list);
  };
  for (const verb of verbs) {
    const parts = verb.name.split(' ');
    parts.forEach((part, index) => add(parts.slice(0, index).join(' '), part));
    for (const { flags } of verb.options ?? []) add(verb.name, /--[a-z-]+/u.exec(flags)?.[0] ?? '');
    for (const common of ['--json', '--lang', '--as-of', '--chdir', '--help']) add(verb.name, common);
  }
  for (const list of after.values()) list.sort();
  return after;
}

/** A completion script for one shell, made from the verbs themselves. */
export function completionScript(shell: Shell, verbs: readonly Verb[]): string {
  const after = words(verbs);
  if (shell === 'fish') {
    const lines = [...after].flatMap(([prefix, list]) => {
      const depth = prefix === '' ? 0 : prefix.split(' ').length;
      const condition = `string match -q -- ${JSON.stringify(prefix === '' ? 'vcloud' : `vcloud ${prefix}*`)} (string join ' ' (commandline -opc)[1..${depth + 1}])`;
      return list.map((word) =>
        word.startsWith('--')
          ? `complete -c vcloud -f -n ${quote(condition)} -l ${word.slice(2)}`
          : `complete -c vcloud -f -n ${quote(`${condition}; and test (count (commandline -opc)) -eq ${depth + 1}`)} -a ${word}`,
      );
    });
    return `${lines.join('\n')}\n`;
  }
  const cases = [...after].map(([prefix, list]) => `    ${quote(prefix)}) words=${quote(list.join(' '))} ;;`).join('\n');
  const body = `_vcloud() {
  local prefix="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) [ "\${#prefix}" -gt 0 ] && prefix="$prefix $word" || prefix="$word" ;; esac
  done
  case "$prefix" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
  [ \${#COMPREPLY[@]} -eq 0 ] && COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
  return 0
}
complete -o filenames -F _vcloud vcloud
`;
  return shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${body}` : body;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
