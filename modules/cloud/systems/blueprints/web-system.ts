import { among, audienceParameters, entriesFor, outward, replicate } from './common.ts';
import { blueprint } from './kit.ts';
import { parameter, port, targets } from './parameter.ts';

/** Portal, application and database, each in a zone of its own and reachable from the one before it alone. */
export const webSystem = blueprint({
  name: 'web-system',
  summary: 'a web system in three zones: portal, application, data',
  segments: { web: 'the portal, behind its entries', app: 'the application', data: 'the database' },
  members: {
    portal: { says: 'web servers', replicas: 2 },
    application: { says: 'application servers', replicas: 2 },
    database: { says: 'database servers', replicas: 1, gib: 100 },
  },
  parameters: {
    ...audienceParameters,
    portalPort: parameter('port', port(), 'port the portal listens on, behind its entries', 8443),
    applicationPort: parameter('port', port(), 'port the application listens on', 9443),
    databasePort: parameter('port', port(), 'port the database listens on', 5432),
    consumes: parameter('list of KEY:PORT', targets().optional(), 'services elsewhere the application calls', ['tenant/exchange/app:8443']),
  },
  example: { audience: ['internet=anywhere'], portalPort: 8443, applicationPort: 9443, databasePort: 5432 },
  build({ intent, parameters, component }) {
    const portal = component('portal', { segment: 'web', ports: [{ name: 'pages', number: parameters.portalPort, protocol: 'tcp' }] });
    const application = component('application', { segment: 'app', ports: [{ name: 'service', number: parameters.applicationPort, protocol: 'tcp' }] });
    const database = component('database', {
      segment: 'data',
      ports: [{ name: 'records', number: parameters.databasePort, protocol: 'tcp' }],
      keys: ['record-key'],
    });
    const link = replicate(intent, database, 'records');
    return {
      components: [portal, application, database],
      flows: [
        { from: { component: 'portal' }, to: { component: 'application' }, port: 'service', why: 'portal to application' },
        { from: { component: 'application' }, to: { component: 'database' }, port: 'records', why: 'application to database' },
        ...among(database, 'records', 'database members keep each other up to date'),
        ...outward('application', parameters.consumes, 'services the application consumes'),
        ...link.flows,
      ],
      entries: entriesFor('www', { component: 'portal', port: 'pages' }, parameters.audience, parameters),
      keys: [{ name: 'record-key', origin: 'generated', use: 'encryption' }],
      replicas: link.replicas,
      claims: [{ id: 'SEC-15', by: 'records lie in a zone no entry leads to, and the database alone is told of their key', parts: ['database', 'record-key'] }],
    };
  },
});
