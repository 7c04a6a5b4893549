import { among, audienceParameters, entriesFor, replicate } from './common.ts';
import { blueprint } from './kit.ts';
import { parameter, peers, port, whole } from './parameter.ts';

/** A service offered to many agencies. Those named have an entry each, so that one that asks too much takes nothing from the others. */
export const sharedService = blueprint({
  name: 'shared-service',
  summary: 'a service offered to many agencies, with an entry and a quota for each consumer',
  segments: { web: 'the gateway, behind an entry for each consumer', app: 'the service', data: 'its records' },
  members: {
    gateway: { says: 'servers that tell consumers apart and count', replicas: 2 },
    service: { says: 'servers of the service', replicas: 2 },
    database: { says: 'database servers', replicas: 2, gib: 100 },
  },
  parameters: {
    ...audienceParameters,
    consumers: parameter('list of NAME=KEY', peers(), 'consumers with an entry of their own', ['works=agency/works', 'roads=agency/roads']),
    connectionsPerConsumer: parameter('number', whole(), 'most connections at once of one consumer', 500),
    requestsPerHour: parameter('number', whole(), 'calls a consumer may make in an hour', 5000),
    requestsPerDay: parameter('number', whole(), 'calls a consumer may make in a day', 50_000),
    gatewayPort: parameter('port', port(), 'port of the gateway, behind its entries', 8443),
    servicePort: parameter('port', port(), 'port of the service', 9443),
    databasePort: parameter('port', port(), 'port of the database', 5432),
  },
  example: {
    audience: ['dedicated=domain/dedicated'],
    consumers: ['works=agency/works', 'roads=agency/roads'],
    connectionsPerConsumer: 500,
    requestsPerHour: 5000,
    requestsPerDay: 50_000,
    gatewayPort: 8443,
    servicePort: 9443,
    databasePort: 5432,
  },
  build({ intent, parameters, component }) {
    const { connectionsPerConsumer, requestsPerDay, requestsPerHour } = parameters;
    const gateway = component('gateway', {
      segment: 'web',
      ports: [{ name: 'calls', number: parameters.gatewayPort, protocol: 'tcp' }],
      settings: { REQUESTS_PER_HOUR: String(requestsPerHour), REQUESTS_PER_DAY: String(requestsPerDay) },
    });
    const service = component('service', { segment: 'app', ports: [{ name: 'answers', number: parameters.servicePort, protocol: 'tcp' }] });
    const database = component('database', {
      segment: 'data',
      ports: [{ name: 'records', number: parameters.databasePort, protocol: 'tcp' }],
      keys: ['record-key'],
    });
    const link = replicate(intent, database, 'records');
    const own = parameters.consumers.map(({ name, peer }) => ({ name: `for-${name}`, peer }));
    return {
      components: [gateway, service, database],
      flows: [
        { from: { component: 'gateway' }, to: { component: 'service' }, port: 'answers', why: 'calls that are within their quota' },
        { from: { component: 'service' }, to: { component: 'database' }, port: 'records', why: 'service to its records' },
        ...among(database, 'records', 'copies of the records'),
        ...link.flows,
      ],
      entries: [
        ...entriesFor('calls', { component: 'gateway', port: 'calls' }, parameters.audience, parameters),
        ...own.flatMap(({ name, peer }) =>
          entriesFor(name, { component: 'gateway', port: 'calls' }, [{ name, peer }], { ...parameters, connections: connectionsPerConsumer }),
        ),
      ],
      keys: [{ name: 'record-key', origin: 'generated', use: 'encryption' }],
      replicas: link.replicas,
      claims: [
        { id: 'CON-2', by: 'one gateway tells consumers apart and counts their calls by hour and by day', parts: ['gateway', ...own.map(({ name }) => name)] },
        { id: 'INT-1', by: 'consumers named in the declaration have an entry each', parts: own.map(({ name }) => name) },
      ],
    };
  },
});
