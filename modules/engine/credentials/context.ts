import { fail } from '../../core/index.ts';

/** What references are resolved with. */
export interface ReferenceContext {
  /** Folder that relative paths of files begin at. */
  readonly root: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What the references are of, for messages: `cloud "hn1"`, `backend`. */
  readonly subject: string;
  /** Where the reference stands; `vcloud.yaml` by default. */
  readonly file?: string | undefined;
}

/** Says that a reference does not resolve, and what to do. */
export function refuse(context: ReferenceContext, message: string, hint: string): never {
  return fail('ENGINE-CREDENTIALS', `the credentials of ${context.subject} do not resolve: ${message}`, {
    file: context.file ?? 'vcloud.yaml',
    subject: context.subject,
    hint,
  });
}
