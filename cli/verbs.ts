import type { Verb } from './kit.ts';
import { coreVerbs } from './commands/core.ts';
import { engineVerbs } from './commands/engine.ts';

/** Every verb of the command line. A new area adds its list here. */
export const verbs: readonly Verb[] = [...coreVerbs, ...engineVerbs];
