import { fail } from '../../core/index.ts';

/** Engines a setting may name. */
export const engineNames = ['terraform', 'tofu', 'pulumi'] as const;
export type EngineOf = (typeof engineNames)[number];

/** What an engine can promise, with what it is about. */
export const promiseNames = {
  exactPlan: 'applies exactly the saved plan that was reviewed, or refuses before anything is changed',
  review: 'plan directories that are reviewed value by value, approved by signature, encrypted for transport',
  resume: 'an interrupted run goes on where it was (`apply --resume`)',
  orphans: 'what an interrupted run left in the cloud is found and adopted or deleted',
  drift: '`drift`: per field, with "unknown" for what could not be read',
  import: '`import`: what exists is taken in by a reviewed plan',
  destroy: '`destroy`: in reverse order, refused for what is used or holds data',
  stateVerbs: '`state list`, `show`, `move`, `unlock`, `backup`, `restore`',
  otherVerbs: 'verbs added later, until they say otherwise',
  backends: 'states in PostgreSQL, S3-compatible stores and Kubernetes',
  folders: 'existing folders of `*.tf` as stacks',
  outputsBetweenStacks: 'a stack reads outputs of another',
  sandbox: 'the sandbox, where nothing real is touched',
} as const;
export type PromiseName = keyof typeof promiseNames;

/** true, or why not, in words. */
export type EnginePromises = Readonly<Record<PromiseName, true | string>>;

const all = Object.fromEntries(Object.keys(promiseNames).map((name) => [name, true])) as Record<PromiseName, true>;

/**
 * What each engine promises. Verbs that need what an engine cannot promise say so; nothing is imitated. Terraform and OpenTofu
 * have the same commands and formats, so they promise the same.
 */
export const promises: Readonly<Record<EngineOf, EnginePromises>> = {
  terraform: all,
  tofu: all,
  pulumi: {
    exactPlan: 'a preview is no plan: what is applied is worked out again, and resources before one that fails are made already',
    review: 'there is no saved plan whose values could be shown one by one, signed or encrypted',
    resume: 'what an interrupted update had in flight is in no journal; its stack stays locked until "pulumi cancel"',
    orphans: 'no journal names what an interrupted update had in flight',
    drift: '"vcloud plan" shows what differs; noise and what could not be read are told apart in plans of Terraform only',
    import: 'import blocks are not rendered',
    destroy: 'what protects stacks that are used or hold data reads plans of Terraform; what is declared no more goes with plan --allow-remove',
    stateVerbs: "its states are Pulumi's own, and its own command shows and mends them",
    otherVerbs: "it reads plans and states in Terraform's formats",
    backends: 'its states are files below .vcloud/state',
    folders: 'existing folders of *.tf are programs for Terraform',
    outputsBetweenStacks: "outputs of another stack are read from Terraform's state, which Pulumi does not write",
    sandbox: "the sandbox is made of terraform_data, which is Terraform's own",
  },
};

/**
 * Refuses a verb that needs what the engine chosen cannot promise.
 * @param engine name of the engine; one that is none of ours promises all
 * @param what the verb or option, as the user typed it
 * @throws ProblemError ENGINE-PROMISE
 */
export function requirePromise(engine: string | undefined, promise: PromiseName, what: string): void {
  const name = engineNames.find((known) => known === engine);
  const found = name === undefined ? true : promises[name][promise];
  if (found === true) return;
  fail('ENGINE-PROMISE', `${what} needs what ${name ?? ''} does not promise (${promise}): ${found}`, {
    file: 'vcloud.yaml',
    hint: 'set engine.binary to terraform or tofu; docs/engines.md says what each engine promises',
  });
}
