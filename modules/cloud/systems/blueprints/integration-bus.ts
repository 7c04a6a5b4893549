import { among, audienceParameters, entriesFor, outward, replicate } from './common.ts';
import { blueprint } from './kit.ts';
import { parameter, port, targets } from './parameter.ts';

/** The bus inside one agency or one place: what runs already keeps running, and is reached through an adapter of its own. */
export const integrationBus = blueprint({
  name: 'integration-bus',
  summary: 'an integration bus with an adapter for each running system',
  segments: { web: 'the gateway to interfaces', app: 'bus and adapters', data: 'the register of interfaces and of who keeps which record' },
  members: {
    gateway: { says: 'gateways to the interfaces', replicas: 2 },
    bus: { says: 'servers that route and convert', replicas: 2 },
    adapter: { says: 'members of each adapter', replicas: 2 },
    registry: { says: 'keepers of the register', replicas: 1, gib: 50 },
  },
  parameters: {
    ...audienceParameters,
    gatewayPort: parameter('port', port(), 'port of the gateway, behind its entries', 8443),
    busPort: parameter('port', port(), 'port of the bus', 8280),
    adapterPort: parameter('port', port(), 'port of the adapters', 8290),
    registryPort: parameter('port', port(), 'port of the register', 5432),
    systems: parameter('list of NAME=KEY:PORT', targets(true), 'running systems, each with an adapter of its own', ['records=tenant/records/app:8080']),
    exchange: parameter('list of KEY:PORT', targets().optional(), 'the exchange beyond this place: the one way to other places', [
      'tenant/exchange-node/app:8443',
    ]),
  },
  example: {
    audience: ['dedicated=agency/works'],
    gatewayPort: 8443,
    busPort: 8280,
    adapterPort: 8290,
    registryPort: 5432,
    systems: ['records=tenant/records/app:8080', 'cases=tenant/cases/app:8080'],
    exchange: ['tenant/exchange-node/app:8443'],
  },
  build({ intent, parameters, component }) {
    const gateway = component('gateway', { segment: 'web', ports: [{ name: 'interfaces', number: parameters.gatewayPort, protocol: 'tcp' }] });
    const bus = component('bus', { segment: 'app', ports: [{ name: 'routes', number: parameters.busPort, protocol: 'tcp' }] });
    const registry = component('registry', {
      segment: 'data',
      ports: [{ name: 'register', number: parameters.registryPort, protocol: 'tcp' }],
      keys: ['register-key'],
    });
    const members = component('adapter', { segment: 'app', ports: [{ name: 'converts', number: parameters.adapterPort, protocol: 'tcp' }] });
    const adapters = parameters.systems.map(({ name, key, port: number }) => ({
      component: { ...members, name: `adapter-${name}`, settings: { SYSTEM: name } },
      key,
      number,
    }));
    const link = replicate(intent, registry, 'register');
    return {
      components: [gateway, bus, registry, ...adapters.map((adapter) => adapter.component)],
      flows: [
        { from: { component: 'gateway' }, to: { component: 'bus' }, port: 'routes', why: 'calls of interfaces' },
        { from: { component: 'bus' }, to: { component: 'registry' }, port: 'register', why: 'where a call goes, and who keeps the record' },
        ...adapters.flatMap(({ component: { name }, key, number }) => [
          { from: { component: 'bus' }, to: { component: name }, port: 'converts', why: 'a call of a running system' } as const,
          { from: { component: name }, to: { component: 'bus' }, port: 'routes', why: 'a call by a running system' } as const,
          { from: { component: name }, to: { key }, port: number, why: 'the running system itself' } as const,
        ]),
        ...among(registry, 'register', 'copies of the register'),
        ...outward('bus', parameters.exchange, 'the exchange, the one way to other places'),
        ...link.flows,
      ],
      entries: entriesFor('interfaces', { component: 'gateway', port: 'interfaces' }, parameters.audience, parameters),
      keys: [{ name: 'register-key', origin: 'generated', use: 'encryption' }],
      replicas: link.replicas,
      claims: [
        { id: 'CON-2', by: 'interfaces are reached through one gateway and found in one register', parts: ['gateway', 'registry'] },
        {
          id: 'CON-4',
          by: 'each running system has an adapter of its own, which alone reaches it',
          parts: ['bus', ...adapters.map((adapter) => adapter.component.name)],
        },
        { id: 'INT-7', by: 'running systems are joined as they are', parts: adapters.map((adapter) => adapter.component.name) },
        ...(parameters.exchange === undefined
          ? []
          : [
              {
                id: 'NDX-13',
                by: 'of what is called elsewhere, the bus alone reaches other places, and the exchange alone there; adapters reach their own systems; names, time, logs and copies go where they are stated',
                parts: ['bus'],
              },
            ]),
      ],
    };
  },
});
