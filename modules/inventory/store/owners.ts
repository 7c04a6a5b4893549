import { decodeRecord, selectRecords, type RecordRow } from './codec.ts';
import type { Store } from './database.ts';
import type { InventoryRecord } from '../types.ts';
import { words } from './text.ts';

/**
 * The folded names under which records are found by whose they are: of the owner and of all above it except the root,
 * whose name would find everything. One text per owner, not per record; the texts used are kept in the store,
 * because the index can only forget a text it is told again.
 */
export class OwnerTexts {
  readonly #store: Store;
  readonly #scope: number;
  readonly #before = new Map<string, string>();
  readonly #current = new Map<string, string>();
  readonly #chains = new Map<string, readonly string[]>();
  readonly #organisations = new Map<string, string>();

  constructor(store: Store, scope: number) {
    this.#store = store;
    this.#scope = scope;
    for (const row of store.statement('SELECT id, text FROM owner WHERE scope = ?').iterate(scope)) {
      this.#before.set(row['id'] as string, row['text'] as string);
    }
  }

  /** Takes the names of the snapshot's own organisations, which may be new to the store. */
  learn(organisation: InventoryRecord): void {
    this.#organisations.set(organisation.owner, organisationWords(organisation));
  }

  /** Text of a record's owner now. */
  current(record: InventoryRecord): string {
    let text = this.#current.get(record.owner);
    if (text === undefined) {
      const named = record.owners.length > 1 ? record.owners.slice(0, -1) : record.owners;
      text = named.map((id) => this.#organisation(id)).join(' ');
      this.#current.set(record.owner, text);
      this.#chains.set(record.owner, record.owners);
    }
    return text;
  }

  /** Text of an owner as the index holds it from the last snapshot. */
  before(owner: string): string {
    return this.#before.get(owner) ?? '';
  }

  /** An owner of records that stay although the snapshot does not name them. */
  keep(owner: string): void {
    if (!this.#current.has(owner)) this.#current.set(owner, this.before(owner));
  }

  write(): void {
    const insert = this.#store.statement('INSERT OR REPLACE INTO owner (scope, id, text) VALUES (?, ?, ?)');
    for (const [id, text] of this.#current) if (this.#before.get(id) !== text) insert.run(this.#scope, id, text);
    this.#store.statement('DELETE FROM chain WHERE scope = ?').run(this.#scope);
    const link = this.#store.statement('INSERT OR REPLACE INTO chain (scope, ancestor, id, depth) VALUES (?, ?, ?, ?)');
    for (const [id, owners] of this.#chains) owners.forEach((ancestor, depth) => link.run(this.#scope, ancestor, id, depth));
  }

  #organisation(id: string): string {
    let text = this.#organisations.get(id);
    if (text === undefined) {
      // Organisations have the lowest row ids of all kinds, so this looks at them alone even before there is an index.
      const row = this.#store.statement(`${selectRecords} WHERE record.id < 1099511627776 AND kind = 'organisation' AND owner = ? LIMIT 1`).get(id) as
        RecordRow | undefined;
      text = row ? organisationWords(decodeRecord(row)) : words(id);
      this.#organisations.set(id, text);
    }
    return text;
  }
}

function organisationWords(record: InventoryRecord): string {
  const { acronym, label } = record.attributes;
  return words([record.names.vi, record.names.en, acronym, label].filter((part) => typeof part === 'string').join(' '));
}
