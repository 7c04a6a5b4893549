import { fail } from '../../core/index.ts';
import { parseState } from '../state.ts';

/**
 * A state may be replaced by a newer version of itself, or put where there is none.
 * @throws ProblemError ENGINE-STATE-REPLACE, ENGINE-STATE-UNREADABLE
 */
export function refuseOlder(stack: string, before: string | undefined, after: string, force: boolean): void {
  const now = parseState(after);
  if (now === undefined)
    fail('ENGINE-STATE-UNREADABLE', 'what should become the state is no whole state', { subject: stack, hint: 'look at the file: it may be cut off' });
  const old = before === undefined ? undefined : parseState(before);
  if (old === undefined || force || before === after) return;
  if (old.head.lineage !== now.head.lineage) {
    fail('ENGINE-STATE-REPLACE', `another state is there already (lineage ${old.head.lineage.slice(0, 8)}, ${old.head.resources} resources)`, {
      subject: stack,
      hint: 'what it holds would be forgotten; if that is meant, give --force',
    });
  }
  if (old.head.serial >= now.head.serial) {
    fail('ENGINE-STATE-REPLACE', `the state there is not older (serial ${old.head.serial}) than this one (serial ${now.head.serial})`, {
      subject: stack,
      hint: 'what was done since would be forgotten; if that is meant, give --force',
    });
  }
}
