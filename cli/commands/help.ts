import { shells, type Shell } from '../completion.ts';
import type { Verb } from '../kit.ts';

export const helpVerbs: readonly Verb[] = [
  {
    name: 'completion',
    summary: 'print a completion script for a shell',
    arguments: [{ syntax: '<shell>', description: shells.join(', ') }],
    examples: [
      { line: 'source <(vcloud completion bash)', does: 'completes commands and options in this bash' },
      { line: 'vcloud completion fish > ~/.config/fish/completions/vcloud.fish', does: 'the same for every fish to come' },
    ],
    exits: { 0: 'done', 1: 'no such shell' },
    /** data: the script. */
    async run(_context, [shell]) {
      const [{ fail }, { completionScript }, { verbs }] = await Promise.all([
        import('../../modules/core/index.ts'),
        import('../completion.ts'),
        import('../verbs.ts'),
      ]);
      if (!(shells as readonly string[]).includes(shell ?? ''))
        fail('CLI-SHELL', `there is no completion for "${shell ?? ''}"`, { hint: `shells: ${shells.join(', ')}` });
      const script = completionScript(shell as Shell, verbs);
      return { exit: 0, data: script, text: script };
    },
  },
];
