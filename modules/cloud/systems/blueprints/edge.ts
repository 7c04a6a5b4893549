import { audienceParameters, entriesFor, outward } from './common.ts';
import { blueprint } from './kit.ts';
import { parameter, port, targets, whole } from './parameter.ts';

/**
 * A place near devices that goes on working while its centre is gone: it has names of its own, takes and answers by itself,
 * and holds what the centre has to know until the centre is back. Nothing in it waits for the centre in order to start.
 */
export const edge = blueprint({
  name: 'edge',
  summary: 'an edge stack that survives the loss of its centre: names, service and buffer of its own',
  segments: { web: 'the gateway of devices and local users', app: 'local service, local names, forwarding', data: 'the buffer' },
  members: {
    gateway: { says: 'gateways of devices and local users', replicas: 2 },
    local: { says: 'servers that answer by themselves', replicas: 2 },
    resolver: { says: 'name servers with a copy of the zones needed here', replicas: 2 },
    buffer: { says: 'keepers of what the centre has not seen yet', replicas: 1, gib: 100 },
    forwarder: { says: 'servers that bring it to the centre', replicas: 1 },
  },
  parameters: {
    ...audienceParameters,
    centre: parameter('list of KEY:PORT', targets(), 'where the centre takes what the edge has to tell', ['tenant/city-centre/app:8443']),
    bufferHours: parameter('hours', whole(), 'hours the edge works without its centre before the oldest is dropped', 72),
    gatewayPort: parameter('port', port(), 'port of the gateway, behind its entries', 8443),
    localPort: parameter('port', port(), 'port of the local service', 8080),
    bufferPort: parameter('port', port(), 'port of the buffer', 4222),
  },
  example: {
    audience: ['sensors=site/city-sensors'],
    centre: ['tenant/city-centre/app:8443'],
    bufferHours: 72,
    gatewayPort: 8443,
    localPort: 8080,
    bufferPort: 4222,
  },
  build({ parameters, component }) {
    const gateway = component('gateway', { segment: 'web', ports: [{ name: 'devices', number: parameters.gatewayPort, protocol: 'tcp' }] });
    const local = component('local', { segment: 'app', ports: [{ name: 'service', number: parameters.localPort, protocol: 'tcp' }] });
    const resolver = component('resolver', {
      segment: 'app',
      ports: [
        { name: 'names', number: 53, protocol: 'udp' },
        { name: 'names-long', number: 53, protocol: 'tcp' },
      ],
    });
    const buffer = component('buffer', {
      segment: 'data',
      ports: [{ name: 'queue', number: parameters.bufferPort, protocol: 'tcp' }],
      settings: { BUFFER_HOURS: String(parameters.bufferHours) },
      keys: ['buffer-key'],
    });
    const forwarder = component('forwarder', { segment: 'app', ports: [] });
    const asks = ['gateway', 'local', 'forwarder'].flatMap((name) =>
      (['names', 'names-long'] as const).map(
        (one) => ({ from: { component: name }, to: { component: 'resolver' }, port: one, why: 'names without the centre' }) as const,
      ),
    );
    return {
      components: [gateway, local, resolver, buffer, forwarder],
      flows: [
        { from: { component: 'gateway' }, to: { component: 'local' }, port: 'service', why: 'devices are answered here' },
        { from: { component: 'local' }, to: { component: 'buffer' }, port: 'queue', why: 'what the centre has to know' },
        { from: { component: 'forwarder' }, to: { component: 'buffer' }, port: 'queue', why: 'what the centre has not seen yet' },
        ...asks,
        ...outward('forwarder', parameters.centre, 'the centre, whenever it can be reached'),
      ],
      entries: entriesFor('devices', { component: 'gateway', port: 'devices' }, parameters.audience, parameters),
      keys: [{ name: 'buffer-key', origin: 'generated', use: 'encryption' }],
      claims: [
        {
          id: 'SEC-6',
          by: 'service, names and buffer stand here; the forwarder alone speaks to the centre',
          parts: ['gateway', 'local', 'resolver', 'buffer', 'forwarder'],
        },
      ],
    };
  },
});
