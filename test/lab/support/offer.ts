import { isObject } from '../../../modules/core/index.ts';
import type { CloudClient, Json } from './client.ts';
import type { OpenstackLab } from './openstack.ts';

/** Names of what a cloud offers to every tenant. */
export interface OfferNames {
  readonly image: string;
  readonly flavor: string;
  /** Network that leads out. */
  readonly external: string;
  /** Type of volumes that are encrypted. */
  readonly volumeType: string;
}

/**
 * Makes what an operator has to offer before anybody can be a tenant, under these names, and returns what takes it away again.
 * What an earlier run left behind under them is taken away first.
 */
export async function makeOffer(lab: OpenstackLab, names: OfferNames): Promise<() => Promise<void>> {
  const { admin } = lab;
  const remove = async (): Promise<void> => {
    await removeNamed(admin, 'network', '/v2.0/networks', 'networks', names.external);
    await removeNamed(admin, 'image', '/v2/images', 'images', names.image);
    await removeNamed(admin, 'compute', '/flavors', 'flavors', names.flavor);
    await removeNamed(admin, 'volumev3', '/types', 'volume_types', names.volumeType);
  };
  await remove();
  await admin.post('compute', '/flavors', { flavor: { name: names.flavor, vcpus: 2, ram: 2048, disk: 1 } });
  const type = inside(await admin.post('volumev3', '/types', { volume_type: { name: names.volumeType } }), 'volume_type');
  await admin.post('volumev3', `/types/${String(type['id'])}/encryption`, {
    encryption: { provider: 'luks', cipher: 'aes-xts-plain64', key_size: 256, control_location: 'front-end' },
  });
  const network = inside(
    await admin.post('network', '/v2.0/networks', { network: { name: names.external, 'router:external': true, 'provider:network_type': 'local' } }),
    'network',
  );
  await admin.post('network', '/v2.0/subnets', {
    subnet: { network_id: network['id'], ip_version: 4, cidr: '203.0.113.0/24', enable_dhcp: false, name: names.external },
  });
  await admin.post('network', '/v2.0/subnets', {
    subnet: { network_id: network['id'], ip_version: 6, cidr: '2001:db8:ffff::/64', enable_dhcp: false, name: names.external },
  });
  const image = await admin.post('image', '/v2/images', { name: names.image, disk_format: 'raw', container_format: 'bare', visibility: 'public' });
  await admin.upload('image', `/v2/images/${String(image['id'])}/file`, new Uint8Array(512));
  return remove;
}

async function removeNamed(admin: CloudClient, service: 'network' | 'image' | 'compute' | 'volumev3', path: string, key: string, name: string): Promise<void> {
  for (const one of await admin.list(service, path, key)) if (one['name'] === name) await admin.remove(service, `${path}/${String(one['id'])}`);
}

function inside(body: Json, key: string): Json {
  const found = body[key];
  if (!isObject(found)) throw new Error(`no ${key} in the answer`);
  return found;
}
