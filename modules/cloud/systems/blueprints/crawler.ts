import { z } from 'zod';
import { among, audienceParameters, entriesFor, replicate } from './common.ts';
import { blueprint } from './kit.ts';
import { parameter, port } from './parameter.ts';

/**
 * Collects what is public elsewhere. Whatever fetches from outside stands in a zone of its own that nothing of this system
 * lets in: results are fetched from it. What of other tenants is open to the world, or to a prefix this zone lies in, it can reach too.
 */
export const crawler = blueprint({
  name: 'crawler',
  summary: 'crawlers in an egress zone of their own, from which nothing of the system can be reached',
  segments: { egress: 'crawlers: they reach the world, and nothing here', app: 'collection and analysis', data: 'what was collected' },
  members: {
    crawler: { says: 'servers that fetch from outside', replicas: 2 },
    collector: { says: 'servers that fetch results from crawlers', replicas: 2 },
    analysis: { says: 'servers people use', replicas: 2 },
    collection: { says: 'keepers of what was collected', replicas: 1, gib: 200 },
  },
  parameters: {
    ...audienceParameters,
    outwardPorts: parameter(
      'list of ports',
      z
        .array(z.union([z.string(), z.number()]))
        .transform((list) => list.map(Number))
        .pipe(z.array(z.number('must be ports').int().min(1).max(65_535)).min(1)),
      'ports crawlers may open to the world',
      ['443'],
    ),
    spoolPort: parameter('port', port(), 'port collectors fetch results from crawlers on', 8443),
    analysisPort: parameter('port', port(), 'port of the analysis, behind its entries', 8444),
    collectionPort: parameter('port', port(), 'port of the collection', 9200),
  },
  example: { audience: ['dedicated=agency/works'], outwardPorts: ['443'], spoolPort: 8443, analysisPort: 8444, collectionPort: 9200 },
  build({ intent, parameters, component }) {
    const outside = component('crawler', { segment: 'egress', ports: [{ name: 'spool', number: parameters.spoolPort, protocol: 'tcp' }] });
    // It only fetches, so it listens nowhere.
    const collector = component('collector', { segment: 'app', ports: [] });
    const analysis = component('analysis', { segment: 'app', ports: [{ name: 'views', number: parameters.analysisPort, protocol: 'tcp' }] });
    const collection = component('collection', { segment: 'data', ports: [{ name: 'findings', number: parameters.collectionPort, protocol: 'tcp' }] });
    const link = replicate(intent, collection, 'findings');
    return {
      components: [outside, collector, analysis, collection],
      flows: [
        ...parameters.outwardPorts.map((number) => ({ from: { component: 'crawler' }, to: { anywhere: true }, port: number, why: 'public pages' }) as const),
        { from: { component: 'collector' }, to: { component: 'crawler' }, port: 'spool', why: 'orders out and results in, always opened from inside' },
        { from: { component: 'collector' }, to: { component: 'collection' }, port: 'findings', why: 'results are kept' },
        { from: { component: 'analysis' }, to: { component: 'collection' }, port: 'findings', why: 'results are read' },
        ...among(collection, 'findings', 'copies of the collection'),
        ...link.flows,
      ],
      entries: entriesFor('analysis-room', { component: 'analysis', port: 'views' }, parameters.audience, parameters),
      replicas: link.replicas,
      claims: [
        {
          id: 'SEC-13',
          by: `only crawlers reach the world, from a zone that can be watched by itself; no flow and no entry of this system lets that zone in${parameters.audience.some(({ peer }) => 'anywhere' in peer) ? ', but for an entry that is everybody’s' : ''}`,
          parts: ['crawler', 'egress'],
        },
      ],
    };
  },
});
