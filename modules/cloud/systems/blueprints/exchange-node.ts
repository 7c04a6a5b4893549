import type { Peer } from '../shape.ts';
import { audienceParameters, entriesFor, outward, replicate } from './common.ts';
import { blueprint } from './kit.ts';
import { key, parameter, peers, port, word } from './parameter.ts';

/**
 * A member's node on a distributed exchange: security servers that speak with other members, nodes that the member's own
 * systems speak with, and a journal that keeps the fact of every exchange. What is exchanged is stored by neither.
 */
export const exchangeNode = blueprint({
  name: 'exchange-node',
  summary: 'a pair of nodes and of security servers on a distributed data exchange',
  segments: { exchange: 'security servers, which other members reach', app: 'nodes, which the member’s own systems reach', data: 'the journal' },
  members: {
    'security-server': { says: 'gateways to other members', replicas: 2, least: 2 },
    node: { says: 'nodes for the member’s own systems', replicas: 2, least: 2 },
    journal: { says: 'keepers of what was exchanged when', replicas: 1, gib: 100 },
  },
  parameters: {
    ...audienceParameters,
    certificateAuthority: parameter('key', key(), 'who certifies members; without it no member can be told from an impostor', 'tenant/certification/web'),
    certificateAuthorityPort: parameter('port', port(), 'port of the certificate authority', 8443),
    timeStampAuthority: parameter('key', key(), 'who stamps the time of an exchange; without it no exchange can be proved', 'tenant/certification/web'),
    timeStampAuthorityPort: parameter('port', port(), 'port of the time-stamp authority', 8444),
    register: parameter('key', key(), 'the exchange’s register of members', 'tenant/exchange/app'),
    registerPort: parameter('port', port(), 'port of the register', 4000),
    exchangePort: parameter('port', port(), 'port security servers speak to each other on', 5500),
    nodePort: parameter('port', port(), 'port the member’s own systems reach the node on', 8443),
    deliveryPort: parameter('port', port(), 'port between node and security server', 5577),
    journalPort: parameter('port', port(), 'port of the journal', 5432),
    systems: parameter('list of NAME=KEY', peers(), 'the member’s own systems that offer or use services through the node', [
      'applications=tenant/applications/app',
    ]),
    nodeCertificate: parameter(
      'name',
      word().default('node-certificate'),
      'certificate of this member, which its owner puts into the key store',
      'node-certificate',
    ),
  },
  example: {
    audience: ['dedicated=domain/dedicated'],
    certificateAuthority: 'tenant/certification/web',
    certificateAuthorityPort: 8443,
    timeStampAuthority: 'tenant/certification/web',
    timeStampAuthorityPort: 8444,
    register: 'tenant/exchange/app',
    registerPort: 4000,
    exchangePort: 5500,
    nodePort: 8443,
    deliveryPort: 5577,
    journalPort: 5432,
    systems: ['applications=tenant/applications/app'],
  },
  build({ intent, parameters, component }) {
    const certificate = parameters.nodeCertificate;
    const signs = { keys: ['signing-key', certificate] };
    const gateway = component('security-server', {
      segment: 'exchange',
      ports: [
        { name: 'members', number: parameters.exchangePort, protocol: 'tcp' },
        { name: 'outgoing', number: parameters.deliveryPort, protocol: 'tcp' },
      ],
      ...signs,
    });
    const node = component('node', {
      segment: 'app',
      ports: [
        { name: 'systems', number: parameters.nodePort, protocol: 'tcp' },
        { name: 'incoming', number: parameters.deliveryPort, protocol: 'tcp' },
      ],
    });
    const journal = component('journal', { segment: 'data', ports: [{ name: 'events', number: parameters.journalPort, protocol: 'tcp' }] });
    const link = replicate(intent, journal, 'events');
    const to = (peer: Peer, port: number, why: string) => ({ from: { component: 'security-server' }, to: peer, port, why }) as const;
    return {
      components: [gateway, node, journal],
      flows: [
        { from: { component: 'node' }, to: { component: 'security-server' }, port: 'outgoing', why: 'requests of the member’s own systems' },
        { from: { component: 'security-server' }, to: { component: 'node' }, port: 'incoming', why: 'requests of other members' },
        { from: { component: 'security-server' }, to: { component: 'journal' }, port: 'events', why: 'the fact of each exchange, with its time' },
        ...parameters.audience.map(({ name, peer }) => to(peer, parameters.exchangePort, `exchange with other members on ${name}`)),
        to({ key: parameters.certificateAuthority }, parameters.certificateAuthorityPort, 'certificates and their revocation'),
        to({ key: parameters.timeStampAuthority }, parameters.timeStampAuthorityPort, 'time stamps (RFC 3161)'),
        to({ key: parameters.register }, parameters.registerPort, 'register of members'),
        ...outward(
          'node',
          parameters.systems.flatMap(({ peer }) => ('key' in peer ? [{ key: peer.key, port: parameters.nodePort }] : [])),
          'services the member’s own systems offer',
        ),
        ...link.flows,
      ],
      entries: [
        // TLS between members is theirs: a gateway that opened it would break the proof of who sent what.
        ...entriesFor('members', { component: 'security-server', port: 'members' }, parameters.audience, {
          ...parameters,
          entryPort: parameters.exchangePort,
          certificate: undefined,
        }),
        ...entriesFor('services', { component: 'node', port: 'systems' }, parameters.systems, parameters),
      ],
      keys: [
        { name: 'signing-key', origin: 'generated', use: 'signing' },
        { name: certificate, origin: 'given', use: 'certificate' },
      ],
      replicas: link.replicas,
      claims: [
        { id: 'NDX-4', by: 'nothing in the path of an exchange has a volume', parts: ['security-server', 'node'] },
        { id: 'NDX-5', by: 'the fact of each exchange is stamped and kept', parts: ['journal'] },
        { id: 'NDX-7', by: 'pairs whose members stand on different hosts while there are enough', parts: ['security-server', 'node'] },
        {
          id: 'NDX-8',
          by: 'the member’s certificate and signing key are named, to its security servers alone',
          parts: ['security-server', 'signing-key', certificate],
        },
        { id: 'NDX-11', by: 'the member has a security server of its own', parts: ['security-server'] },
        { id: 'NDX-23', by: 'register, certificate authority and time-stamp authority are stated and reached', parts: ['security-server'] },
        { id: 'SEC-12', by: 'what is sent is to be signed with a key of the key store, which security servers alone are told of', parts: ['signing-key'] },
      ],
    };
  },
});
