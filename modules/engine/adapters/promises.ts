import { fail } from '../../core/index.ts';

/** Engines a setting may name. */
export const engineNames = ['terraform', 'tofu', 'pulumi'] as const;

/** What an engine can promise. */
export const promiseNames = [
  'exactPlan',
  'review',
  'resume',
  'stateVerbs',
  'import',
  'backends',
  'folders',
  'outputsBetweenStacks',
  'sandbox',
  'drift',
] as const;
export type PromiseName = (typeof promiseNames)[number];

/** true, or why not, in words. */
export type EnginePromises = Readonly<Record<PromiseName, true | string>>;

const all: EnginePromises = {
  exactPlan: true,
  review: true,
  resume: true,
  stateVerbs: true,
  import: true,
  backends: true,
  folders: true,
  outputsBetweenStacks: true,
  sandbox: true,
  drift: true,
};

/**
 * What each engine promises. Verbs that need what an engine cannot promise say so; nothing is imitated. Terraform and OpenTofu
 * have the same commands and formats, so they promise the same.
 */
export const promises: Readonly<Record<(typeof engineNames)[number], EnginePromises>> = {
  terraform: all,
  tofu: all,
  pulumi: {
    exactPlan: 'a preview is no plan: what is applied is worked out again, and resources before one that is refused are made already',
    review: 'there is no saved plan whose values could be shown attribute by attribute, signed or encrypted',
    resume: 'what an interrupted update had in flight is in no journal; its stack stays locked until it is cancelled',
    stateVerbs: "its states are Pulumi's own, and its own command shows and mends them",
    import: 'import blocks are not rendered',
    backends: 'states are kept in files below .vcloud/state only',
    folders: 'existing folders of *.tf are Terraform programs',
    outputsBetweenStacks: "outputs of another stack are read from Terraform's state, which Pulumi does not write",
    sandbox: "the sandbox is made of terraform_data, which is Terraform's own",
    drift: true,
  },
};

/**
 * Refuses a verb that needs what the engine chosen cannot promise.
 * @param what the verb or option, as the user typed it
 * @throws ProblemError ENGINE-PROMISE
 */
export function requirePromise(engine: string | undefined, promise: PromiseName, what: string): void {
  const found = promises[engine as keyof typeof promises]?.[promise] ?? true;
  if (found === true) return;
  fail('ENGINE-PROMISE', `${what} needs what ${engine ?? ''} does not promise: ${found}`, {
    file: 'vcloud.yaml',
    hint: 'set engine.binary to terraform or tofu, or see docs/engines.md',
  });
}
