import * as fs from 'node:fs';
import * as path from 'node:path';
import { fail, privateFolder, problem, ProblemError, writeFileAtomic } from '../../core/index.ts';
import { resolveValue } from './references.ts';

/** Ending of an encrypted file (the age format, age-encryption.org/v1). */
const ending = '.age';

/**
 * Encrypts what of a plan directory holds secrets (saved plans and their JSON) to age recipients (`age1...`), in place: what
 * people review stays readable, and its digests are those of the files before. Nothing in clear is left.
 * @throws ProblemError ENGINE-RECIPIENT, before anything is encrypted
 */
export async function sealPlan(directory: string, recipients: readonly string[]): Promise<void> {
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  await checkRecipients(recipients);
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  const stacks = path.join(directory, 'stacks');
  for (const name of fs.readdirSync(stacks)) {
    // The changes people review hold no secret, and who approves has no identity to open them with.
    if (name.endsWith(ending) || name.endsWith('.changes.json')) continue;
    const file = path.join(stacks, name);
    writeFileAtomic(`${file}${ending}`, await encrypter.encrypt(fs.readFileSync(file)), { mode: 0o600 });
    fs.rmSync(file);
  }
}

/** Checks recipients before the work of planning is done. */
export async function checkRecipients(recipients: readonly string[]): Promise<void> {
  const { Encrypter } = await import('age-encryption');
  const wrong = recipients.filter((recipient) => {
    try {
      new Encrypter().addRecipient(recipient);
      return false;
    } catch {
      return true;
    }
  });
  if (wrong.length === 0) return;
  throw new ProblemError(
    wrong.map((recipient) =>
      problem('ENGINE-RECIPIENT', `"${/^AGE-SECRET-KEY/iu.test(recipient) ? 'a secret key' : recipient}" is no age recipient`, {
        hint: 'give the public half, age1..., as age-keygen prints it; never the secret key',
      }),
    ),
  );
}

/** Saved plans ready to be applied. */
export interface OpenedPlan {
  /** Absolute path of the folder to read the plan directory from: itself, or a private copy with the saved plans decrypted. */
  readonly directory: string;
  /** Removes what was decrypted. */
  readonly dispose: () => void;
}

/**
 * Decrypts what {@link sealPlan} encrypted, for the time of an apply, with the identity a reference names (`file:PATH`,
 * `env:NAME`: lines AGE-SECRET-KEY-1...). The directory itself, which others may see, never holds anything in clear: decrypted
 * is into a copy below `.vcloud`. To be called under the write lock: nobody else uses that copy then, and what a killed run
 * left of one is removed here. A directory that is not encrypted is used as it is.
 * @throws ProblemError ENGINE-PLAN-SEALED, ENGINE-IDENTITY, ENGINE-CREDENTIALS
 */
export async function unsealPlan(root: string, directory: string, shown: string, identity: string | undefined): Promise<OpenedPlan> {
  const copy = path.join(root, '.vcloud', 'opened');
  const dispose = (): void => fs.rmSync(copy, { recursive: true, force: true });
  dispose();
  const stacks = path.join(directory, 'stacks');
  const sealed = fs.existsSync(stacks) ? fs.readdirSync(stacks).filter((name) => name.endsWith(ending)) : [];
  if (sealed.length === 0) return { directory, dispose };
  if (identity === undefined) {
    fail('ENGINE-PLAN-SEALED', 'its saved plans are encrypted', { file: shown, hint: 'name the key with --identity file:PATH or --identity env:NAME' });
  }
  const text = resolveValue(identity, { root, environment: process.env, subject: 'the identity', file: '--identity' });
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  const keys = text.split(/\r?\n/u).filter((line) => line !== '' && !line.startsWith('#'));
  try {
    if (keys.length === 0) throw new Error('no key');
    for (const key of keys) decrypter.addIdentity(key);
  } catch {
    fail('ENGINE-IDENTITY', `${identity} holds no age identity`, { hint: 'it must hold lines AGE-SECRET-KEY-1..., as age-keygen writes them' });
  }
  try {
    privateFolder(root, 'opened');
    fs.cpSync(directory, copy, { recursive: true, filter: (from) => !from.endsWith(ending) });
    for (const name of sealed) {
      const bytes = await decrypter.decrypt(fs.readFileSync(path.join(stacks, name)));
      writeFileAtomic(path.join(copy, 'stacks', name.slice(0, -ending.length)), bytes, { mode: 0o600, durable: false });
    }
  } catch (error) {
    dispose();
    if (error instanceof ProblemError || isSystemError(error)) throw error;
    fail('ENGINE-IDENTITY', `its saved plans are not encrypted to ${identity}, or were changed`, {
      file: shown,
      hint: 'use the key that --encrypt-to named the public half of',
    });
  }
  return { directory: copy, dispose };
}

/** A full disk or the like says nothing of the key. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
