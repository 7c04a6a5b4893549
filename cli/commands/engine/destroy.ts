import { problem } from '../../../modules/core/basics.ts';
import type { Verb } from '../../kit.ts';
import { planExit, planText } from './plan.ts';
import { selectionHelp, selectionOf, selectionOptions } from './selection.ts';
import { engineOf, prepared } from './shared.ts';

export const destroyVerb: Verb = {
  name: 'destroy',
  summary: 'plan the destruction of selected stacks; apply then does it',
  description: `Writes a plan directory that destroys everything the selected stacks hold, in the reverse order of their dependencies. It destroys nothing itself: the directory is reviewed, approved and applied like any other, exactly as it is.

Refused, with everything that speaks against it: a stack that is used by one that stays; objects that hold data (volumes, databases, object storage, shares, images, keys, zones, projects, namespaces); everything of what is declared with protect: true (a tenant, or a line of stacks: in vcloud.yaml). --allow-destroy names what is to go all the same. What forbids it itself (lifecycle prevent_destroy) is destroyed only once its declaration lets it. What is destroyed and still declared is made again by the next plan.

${selectionHelp}

data of --json: as of "vcloud plan", with purpose: "destroy"`,
  options: [
    ...selectionOptions,
    { flags: '--allow-destroy <names...>', description: 'protected objects (address) or stacks (path) that are to be destroyed too' },
  ],
  examples: [
    { line: 'vcloud destroy --stack mst.ndxp.workload', does: 'plans to destroy what this stack holds' },
    {
      line: 'vcloud destroy --select "tenant:ndxp or dependents-of:tenant:ndxp" --allow-destroy openstack_blockstorage_volume_v3.data',
      does: 'the same for a tenant and all that uses it, with one volume that holds data',
    },
  ],
  exits: { 0: 'there is nothing to destroy', 1: 'refused or error; nothing is planned', 2: 'planned; nothing is destroyed yet' },
  async run(context, _, options) {
    const made = await prepared(context);
    const run = await (
      await engineOf(context, made)
    ).destroy({ select: selectionOf(options), allow: options['allowDestroy'] as readonly string[] | undefined, attributes: true });
    const failed = run.stacks.flatMap(({ path, error }) => (error === undefined ? [] : [problem('ENGINE-PLAN-FAILED', error, { subject: path })]));
    const unavailable = run.unavailable === undefined ? [] : [problem('ENGINE-UNAVAILABLE', run.unavailable.reason, { hint: run.unavailable.hint })];
    return { exit: planExit(run), data: run, text: planText(run, context), problems: [...made.findings, ...(run.problems ?? []), ...failed, ...unavailable] };
  },
};
