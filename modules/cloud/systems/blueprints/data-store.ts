import { among, audienceParameters, entriesFor, outward, replicate } from './common.ts';
import { blueprint } from './kit.ts';
import { parameter, port, targets, whole } from './parameter.ts';

/** A store whose data another cloud keeps too, reached through interfaces only. */
export const dataStore = blueprint({
  name: 'data-store',
  summary: 'a data store with a replica and copies in another cloud',
  segments: { app: 'interfaces to the data', data: 'the store' },
  members: {
    interface: { says: 'servers of the interfaces', replicas: 2 },
    store: { says: 'database servers', replicas: 2, gib: 200 },
  },
  parameters: {
    ...audienceParameters,
    interfacePort: parameter('port', port(), 'port of the interfaces, behind their entries', 8443),
    storePort: parameter('port', port(), 'port the store listens on', 5432),
    replicationPort: parameter('port', port(), 'port the store copies itself on, here and to its partner', 5433),
    sources: parameter('list of KEY:PORT', targets().optional(), 'where the store’s interfaces fetch what others own', ['tenant/exchange/app:8443']),
    requestsPerHour: parameter('number', whole().optional(), 'calls a consumer may make in an hour; unlimited where it is not stated', 5000),
    requestsPerDay: parameter('number', whole().optional(), 'calls a consumer may make in a day; unlimited where it is not stated', 50_000),
  },
  example: {
    audience: ['dedicated=domain/dedicated'],
    interfacePort: 8443,
    storePort: 5432,
    replicationPort: 5433,
    requestsPerHour: 5000,
    requestsPerDay: 50_000,
  },
  needsPartner: true,
  build({ intent, parameters, component }) {
    const { requestsPerHour, requestsPerDay } = parameters;
    const quota = {
      ...(requestsPerHour === undefined ? {} : { REQUESTS_PER_HOUR: String(requestsPerHour) }),
      ...(requestsPerDay === undefined ? {} : { REQUESTS_PER_DAY: String(requestsPerDay) }),
    };
    const face = component('interface', { segment: 'app', ports: [{ name: 'calls', number: parameters.interfacePort, protocol: 'tcp' }], settings: quota });
    const store = component('store', {
      segment: 'data',
      ports: [
        { name: 'records', number: parameters.storePort, protocol: 'tcp' },
        { name: 'copies', number: parameters.replicationPort, protocol: 'tcp' },
      ],
      keys: ['record-key'],
    });
    const link = replicate(intent, store, 'copies');
    return {
      components: [face, store],
      flows: [
        { from: { component: 'interface' }, to: { component: 'store' }, port: 'records', why: 'interfaces to the store' },
        ...among(store, 'copies', 'copies within this cloud'),
        ...outward('interface', parameters.sources, 'what others own is fetched from them'),
        ...link.flows,
      ],
      entries: entriesFor('api', { component: 'interface', port: 'calls' }, parameters.audience, parameters),
      keys: [{ name: 'record-key', origin: 'generated', use: 'encryption' }],
      replicas: link.replicas,
      claims: [
        { id: 'SEC-15', by: 'records lie in a zone no entry leads to, and the store alone is told of their key', parts: ['store', 'record-key'] },
        ...(Object.keys(quota).length === 0 ? [] : [{ id: 'CON-2', by: 'calls through the interfaces are counted against a quota', parts: ['interface'] }]),
      ],
    };
  },
});
