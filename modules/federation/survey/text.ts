import { API_VERSION, sortedBy } from '../../core/index.ts';
import type { ProposedSite } from './propose.ts';

/** The declarations of proposed sites: path below the federation's folder -> text, one file for each agency. */
export function filesOf(sites: readonly ProposedSite[], name: string, source: string): Map<string, string> {
  const folders = new Map<string, ProposedSite[]>();
  for (const site of sortedBy(sites, ({ id }) => id)) {
    const list = folders.get(site.folder);
    if (list) list.push(site);
    else folders.set(site.folder, [site]);
  }
  return new Map(
    sortedBy(folders, ([folder]) => folder).map(([folder, list]) => [
      `stacks/${folder}/${name}.yaml`,
      [
        `# Surveyed: ${JSON.stringify(source)}. What the survey does not say is left out: unknown, not none. Review and edit freely.`,
        `apiVersion: ${API_VERSION}`,
        'kind: Declarations',
        'sites:',
        ...list.map((site) => siteLines(site, source)),
        '',
      ].join('\n'),
    ]),
  );
}

function siteLines(site: ProposedSite, source: string): string {
  const { id, kind, name, nameEnglish, owner, location, tier, kilowatts, feeds, generators, racks, areaSquareMetres, commissioned, cells } = site;
  const power = flow({ feeds, generators, kilowatts });
  const facts = [
    `names: { vi: ${JSON.stringify(name)}, en: ${JSON.stringify(nameEnglish ?? name)} }`,
    location && `location: { lat: ${location.lat}, lon: ${location.lon} }`,
    tier && `tier: { level: ${tier.level}, standard: ${JSON.stringify(tier.standard)} }`,
    power === '' ? undefined : `power: { ${power} }`,
    racks === undefined ? undefined : `racks: ${racks}`,
    areaSquareMetres === undefined ? undefined : `areaSquareMetres: ${areaSquareMetres}`,
    commissioned === undefined ? undefined : `commissioned: ${JSON.stringify(commissioned)}`,
    `source: ${JSON.stringify(`${source}, ${cells.join(', ')}`)}`,
  ];
  return `  - { id: ${JSON.stringify(id)}, kind: ${kind}, owner: ${JSON.stringify(owner)},\n      ${facts.filter((fact) => fact !== undefined).join(', ')} }`;
}

function flow(values: Readonly<Record<string, number | undefined>>): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${String(value)}`)
    .join(', ');
}
