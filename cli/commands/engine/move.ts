import type { Verb } from '../../kit.ts';
import { engineOf, prepared } from './shared.ts';

export const moveVerb: Verb = {
  name: 'move',
  summary: 'hand an object over to another stack that declares it now',
  description:
    'As "vcloud state move": moves a resource with all its instances from one state to another, and touches nothing real. It must be declared in the other stack already and in this one no more: if the next plan of either would create, replace or destroy it, nothing is moved. Both states are saved first. Cut off half way, the same command goes on, and no plan is made until then.\n\ndata of --json: {from, to, address, instances, backup}',
  arguments: [
    { syntax: '<stack>', description: 'path of the stack it is in' },
    { syntax: '<address>', description: 'address of the resource, without an index' },
    { syntax: '<to>', description: 'path of the stack it goes to' },
  ],
  examples: [
    { line: 'vcloud move mst.ndxp.workload openstack_networking_network_v2.web mst.ndxp.platform', does: 'hands this network over to the platform stack' },
  ],
  exits: { 0: 'moved', 1: 'refused or error; both states are as they were' },
  async run(context, [from = '', address = '', to = '']) {
    const data = await (await engineOf(context, await prepared(context))).move({ from, address, to });
    const saved = context.language === 'vi' ? 'Hai trạng thái trước đó:' : 'Both states as they were:';
    return { exit: 0, data, text: `${data.address}: ${from} -> ${to}\n${saved} ${data.backup}` };
  },
};
