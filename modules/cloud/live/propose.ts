import { isObject } from '../../core/index.ts';
import { anyAt, at } from './read.ts';
import type { Session } from './session.ts';

/** A flavor as a cloud offers it. */
export interface OfferedFlavor {
  readonly name: string;
  readonly vcpus: number;
  /** Whole gibibytes, rounded up. */
  readonly memoryGiB: number;
}

/** What a cloud has that a first tenant needs; lists are best first. */
export interface CloudOffer {
  readonly regions: readonly string[];
  /** Official types, `vpn` and `bgp` where Neutron has these extensions. */
  readonly services: readonly string[];
  readonly images: readonly string[];
  readonly flavors: readonly OfferedFlavor[];
  /** Networks a router may lead out by. */
  readonly externals: readonly string[];
  readonly volumeTypes: readonly { readonly name: string; readonly encrypted: boolean }[];
}

const services = ['compute', 'network', 'image', 'block-storage', 'object-store', 'load-balancer', 'dns', 'key-manager'] as const;
/** Systems a server is commonly made from, preferred to appliances and test images. */
const commonSystems = /debian|ubuntu|rocky|alma|centos|fedora|rhel|suse/iu;

/**
 * Asks a cloud what it has, a handful of requests, reads only. What it does not let this log-in see is an empty list.
 * @throws Refused when the log-in fails or nobody answers
 */
export async function readOffer(session: Session): Promise<CloudOffer> {
  await session.logIn();
  const list = async (service: string, path: string, key: string): Promise<readonly Record<string, unknown>[]> => {
    if (!session.has(service)) return [];
    const answer = await session.get(service, path);
    const found = answer.status === 200 ? answer.body[key] : undefined;
    return Array.isArray(found) ? (found as unknown[]).filter(isObject) : [];
  };
  const word = (of: Record<string, unknown>, field: string): string => (typeof of[field] === 'string' ? of[field] : '');
  const extensions = (await list('network', '/v2.0/extensions', 'extensions')).map((one) => word(one, 'alias'));
  const images = await list('image', '/v2/images?visibility=public&status=active&sort=created_at:desc&limit=200', 'images');
  const named = images.map((one) => word(one, 'name')).filter((name) => name !== '');
  const flavors = (await list('compute', '/flavors/detail', 'flavors')).map((one) => ({
    name: word(one, 'name'),
    vcpus: Number(one['vcpus']),
    memoryGiB: Math.ceil(Number(one['ram']) / 1024),
  }));
  const externals = await list('network', '/v2.0/networks?router:external=true', 'networks');
  const types: { name: string; encrypted: boolean }[] = [];
  for (const type of await list('block-storage', '/types', 'volume_types')) {
    const encryption = await session.get('block-storage', `/types/${encodeURIComponent(word(type, 'id'))}/encryption`);
    types.push({ name: word(type, 'name'), encrypted: encryption.status === 200 && typeof at(encryption.body, 'provider') === 'string' });
  }
  return {
    regions: session.regions,
    services: [
      ...services.filter((service) => session.has(service)),
      ...(extensions.includes('vpnaas') ? ['vpn'] : []),
      ...(extensions.includes('bgp') ? ['bgp'] : []),
    ],
    images: [...named.filter((name) => commonSystems.test(name)), ...named.filter((name) => !commonSystems.test(name))],
    flavors: flavors
      .filter(({ vcpus, memoryGiB }) => Number.isFinite(vcpus) && Number.isFinite(memoryGiB))
      .sort((a, b) => Math.abs(a.vcpus - 2) - Math.abs(b.vcpus - 2) || Math.abs(a.memoryGiB - 4) - Math.abs(b.memoryGiB - 4) || (a.name < b.name ? -1 : 1)),
    externals: externals
      .filter((one) => anyAt(one, 'subnets.[]').length > 0)
      .map((one) => word(one, 'name'))
      .sort(),
    volumeTypes: types.sort((a, b) => Number(b.encrypted) - Number(a.encrypted) || (a.name < b.name ? -1 : 1)),
  };
}
