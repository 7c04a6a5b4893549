import type { Engine } from '../binary.ts';
import type { Subject } from '../gather.ts';
import { inputKey } from '../manifest.ts';

/** The same stacks, to be destroyed: they read nobody's outputs any more, and their order follows from who used whom. */
export function toDestroy(subjects: readonly Subject[], engine: Engine): Subject[] {
  return subjects.map((subject) => ({
    ...subject,
    reads: {},
    after: [],
    key: inputKey({ engine, digest: `destroy ${subject.stack?.digest ?? ''}`, before: subject.head, reads: {}, actor: subject.actor }),
  }));
}
