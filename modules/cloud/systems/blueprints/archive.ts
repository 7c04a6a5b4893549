import { z } from 'zod';
import { fail } from '../../../core/index.ts';
import { among, audienceParameters, entriesFor, outward, replicate } from './common.ts';
import { blueprint } from './kit.ts';
import { parameter, peers, port, targets, text, whole } from './parameter.ts';

/** Records that are deposited once and never changed: one way in, another to read, and nothing that could write over. */
export const archive = blueprint({
  name: 'archive',
  summary: 'a write-once archive: deposit and reading are apart, and what is kept is sealed',
  segments: { web: 'the reading room, behind its entries', app: 'the intake, behind its own', data: 'the vault' },
  members: {
    intake: { says: 'servers that take records in', replicas: 2 },
    reading: { says: 'servers records are read through', replicas: 2 },
    vault: { says: 'keepers of the records', replicas: 2, gib: 500 },
  },
  parameters: {
    ...audienceParameters,
    depositors: parameter('list of NAME=KEY', peers(), 'who may deposit, each through an entry of its own', ['records=tenant/records/app']),
    medium: parameter(
      'objects or volumes',
      z.enum(['objects', 'volumes']),
      'where records lie: in the cloud’s object store with a lock on each, or on volumes of the vault',
      'volumes',
    ),
    storeClass: parameter(
      'name',
      text().optional(),
      'with medium objects: the class of the cloud’s object store that holds records unchangeable; an OpenStack needs it (a storage policy), because Swift does not',
      'write-once',
    ),
    objectStore: parameter(
      'list of KEY:PORT',
      targets().optional(),
      'with medium objects: where the object store answers, which the vault writes to and reads from',
      ['site/storage:443'],
    ),
    keepDays: parameter('days', whole(), 'days during which nothing may be changed or deleted', 3650),
    intakePort: parameter('port', port(), 'port of the intake', 8443),
    readingPort: parameter('port', port(), 'port of the reading room', 8444),
    depositPort: parameter('port', port(), 'port of the vault that takes records', 9443),
    vaultPort: parameter('port', port(), 'port of the vault that gives records', 9444),
    timeStampAuthority: parameter('list of KEY:PORT', targets().optional(), 'who stamps the time of a deposit', ['tenant/certification/web:8444']),
  },
  example: {
    audience: ['dedicated=domain/dedicated'],
    depositors: ['records=tenant/records/app'],
    medium: 'volumes',
    keepDays: 3650,
    intakePort: 8443,
    readingPort: 8444,
    depositPort: 9443,
    vaultPort: 9444,
  },
  build({ intent, parameters, component }) {
    const { keepDays, medium, storeClass, objectStore } = parameters;
    const objects = medium === 'objects';
    const refused = (message: string, hint: string): never =>
      fail('CLOUD-PARAMETER', `tenant "${intent.tenant.id}": blueprint archive ${message}`, { subject: `tenant/${intent.tenant.id}`, hint });
    if (objects && objectStore === undefined)
      refused('needs the parameter "objectStore" because its medium is objects', 'parameters: { objectStore: ["site/storage:443"] }, for example');
    if (!objects && (storeClass ?? objectStore) !== undefined)
      refused(`has no use for "${storeClass === undefined ? 'objectStore' : 'storeClass'}": its medium is volumes`, 'leave it out, or write `medium: objects`');
    const intake = component('intake', { segment: 'app', ports: [{ name: 'takes', number: parameters.intakePort, protocol: 'tcp' }], keys: ['seal-key'] });
    const reading = component('reading', { segment: 'web', ports: [{ name: 'shows', number: parameters.readingPort, protocol: 'tcp' }] });
    const vault = component('vault', {
      segment: 'data',
      ports: [
        { name: 'deposits', number: parameters.depositPort, protocol: 'tcp' },
        { name: 'records', number: parameters.vaultPort, protocol: 'tcp' },
      ],
      settings: { WRITE_ONCE_DAYS: String(keepDays) },
    });
    const link = replicate(intent, vault, 'deposits');
    return {
      components: [intake, reading, vault],
      flows: [
        { from: { component: 'intake' }, to: { component: 'vault' }, port: 'deposits', why: 'records are put in' },
        { from: { component: 'reading' }, to: { component: 'vault' }, port: 'records', why: 'records are read' },
        ...among(vault, 'deposits', 'every member of the vault keeps every record'),
        ...outward('intake', parameters.timeStampAuthority, 'the time of a deposit is stamped (RFC 3161)'),
        ...outward('vault', objectStore, 'records are put into the object store and read from it'),
        ...link.flows,
      ],
      entries: [
        ...entriesFor('records', { component: 'reading', port: 'shows' }, parameters.audience, parameters),
        ...entriesFor('deposit', { component: 'intake', port: 'takes' }, parameters.depositors, parameters),
      ],
      stores: objects ? [{ name: 'sealed', versioned: true, writeOnceDays: keepDays, ...(storeClass === undefined ? {} : { class: storeClass }) }] : [],
      keys: [{ name: 'seal-key', origin: 'generated', use: 'signing' }],
      replicas: link.replicas,
      claims: [
        {
          id: 'SEC-11',
          by: `for ${keepDays} days nothing may be changed or deleted; readers cannot reach the port records are put in by`,
          parts: ['vault', 'reading', ...(objects ? ['sealed'] : [])],
        },
        { id: 'SEC-12', by: 'each record is to be sealed as it comes in, with a key the intake alone is told of', parts: ['intake', 'seal-key'] },
        { id: 'SEC-4', by: 'a seal, which the intake’s software sets with that key, shows any change of a record', parts: ['intake', 'seal-key'] },
      ],
    };
  },
});
