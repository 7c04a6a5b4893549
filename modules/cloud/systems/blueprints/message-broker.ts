import { among, audienceParameters, entriesFor, outward, replicate } from './common.ts';
import { blueprint } from './kit.ts';
import { parameter, port, targets, text, whole } from './parameter.ts';
import { z } from 'zod';
import { fail } from '../../../core/index.ts';

/** Brokers that members of the federation exchange messages through, on a protocol anybody may implement. */
export const messageBroker = blueprint({
  name: 'message-broker',
  summary: 'a cluster of message brokers on an open protocol, with adapters to older systems',
  segments: { app: 'brokers behind their entries, and adapters', data: 'the log of messages' },
  members: {
    broker: { says: 'brokers; an odd number agrees on a leader', replicas: 3 },
    ledger: { says: 'keepers of messages until they are read', replicas: 2, gib: 100 },
    adapter: { says: 'adapters to older systems', replicas: 2 },
  },
  parameters: {
    ...audienceParameters,
    protocol: parameter('word', text(), 'protocol of the entries, one of allowedProtocols', 'amqp-1.0'),
    allowedProtocols: parameter('list of words', z.array(z.string()), 'open protocols that may be used here', ['amqp-1.0', 'mqtt-5.0']),
    brokerPort: parameter('port', port(), 'port brokers take messages on', 5671),
    clusterPort: parameter('port', port(), 'port brokers speak to each other on', 25_672),
    ledgerPort: parameter('port', port(), 'port of the ledger', 9092),
    legacy: parameter('list of KEY:PORT', targets().optional(), 'running systems that an adapter speaks for', ['tenant/documents/app:8080']),
    adapterPort: parameter('port', port().optional(), 'port of the adapters; needed where there are older systems', 8080),
    messagesPerSecond: parameter('number', whole().optional(), 'rate each broker accepts; the software’s own where it is not stated', 5000),
    messageKiB: parameter('KiB', whole().optional(), 'largest message; the software’s own where it is not stated', 1024),
  },
  example: {
    audience: ['dedicated=domain/dedicated'],
    protocol: 'amqp-1.0',
    allowedProtocols: ['amqp-1.0', 'mqtt-5.0'],
    brokerPort: 5671,
    clusterPort: 25_672,
    ledgerPort: 9092,
    legacy: ['tenant/documents/app:8080'],
    adapterPort: 8080,
  },
  build({ intent, parameters, component }) {
    const { protocol, allowedProtocols, legacy = [], adapterPort, messagesPerSecond, messageKiB } = parameters;
    const about = { subject: `tenant/${intent.tenant.id}` };
    if (!allowedProtocols.includes(protocol))
      fail('CLOUD-PARAMETER', `tenant "${intent.tenant.id}": blueprint message-broker: protocol "${protocol}" is not one of allowedProtocols`, {
        ...about,
        hint: `allowed: ${allowedProtocols.join(', ')}`,
      });
    if (legacy.length > 0 && adapterPort === undefined)
      fail('CLOUD-PARAMETER', `tenant "${intent.tenant.id}": blueprint message-broker needs the parameter "adapterPort" because it has "legacy"`, {
        ...about,
        hint: 'parameters: { adapterPort: 8080 }, for example',
      });
    const broker = component('broker', {
      segment: 'app',
      ports: [
        { name: 'messages', number: parameters.brokerPort, protocol: 'tcp' },
        { name: 'cluster', number: parameters.clusterPort, protocol: 'tcp' },
      ],
      settings: {
        PROTOCOL: protocol,
        ...(messagesPerSecond === undefined ? {} : { MESSAGES_PER_SECOND: String(messagesPerSecond) }),
        ...(messageKiB === undefined ? {} : { MESSAGE_KIB: String(messageKiB) }),
      },
    });
    const ledger = component('ledger', {
      segment: 'data',
      ports: [{ name: 'segments', number: parameters.ledgerPort, protocol: 'tcp' }],
      keys: ['message-key'],
    });
    const adapters =
      legacy.length === 0 ? [] : [component('adapter', { segment: 'app', ports: [{ name: 'older', number: adapterPort ?? 0, protocol: 'tcp' }] })];
    const link = replicate(intent, ledger, 'segments');
    return {
      components: [broker, ledger, ...adapters],
      flows: [
        ...among(broker, 'cluster', 'brokers agree among themselves'),
        ...among(ledger, 'segments', 'copies of messages'),
        { from: { component: 'broker' }, to: { component: 'ledger' }, port: 'segments', why: 'messages until they are read' },
        ...(adapters.length === 0
          ? []
          : [
              { from: { component: 'adapter' }, to: { component: 'broker' }, port: 'messages', why: 'messages of older systems' } as const,
              ...outward('adapter', legacy, 'an older system the adapter speaks for'),
              ...legacy.map(
                ({ key }) => ({ from: { key }, to: { component: 'adapter' }, port: 'older', why: 'an older system sends through its adapter' }) as const,
              ),
            ]),
        ...link.flows,
      ],
      entries: entriesFor('messages', { component: 'broker', port: 'messages' }, parameters.audience, parameters),
      keys: [{ name: 'message-key', origin: 'generated', use: 'encryption' }],
      replicas: link.replicas,
      claims: [
        {
          id: 'CON-3',
          by: `messages on ${protocol}, an open protocol of the allowed list, through several brokers`,
          parts: ['broker', 'ledger', ...adapters.map(({ name }) => name)],
        },
      ],
    };
  },
});
