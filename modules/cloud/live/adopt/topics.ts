/** A whole reference to an attribute of a resource in Terraform JSON. */
export const reference = /(?<!\$)\$\{([a-z0-9_]+\.[A-Za-z0-9_-]+)\.(\w+)\}/gu;

const byWord: Readonly<Record<string, string>> = {
  keymanager: 'Key manager',
  images: 'Images',
  networking: 'Networks',
  blockstorage: 'Volumes',
  compute: 'Servers',
  lb: 'Load balancers',
  dns: 'Names',
  vpnaas: 'VPN',
  identity: 'Identity',
};

const traffic = 'Who may speak with whom';

/** Parts of a program, in the order a reader goes through a project: what others use stands before them. */
export const topics: readonly string[] = [
  'Key manager',
  'Images',
  traffic,
  'Networks',
  'Volumes',
  'Servers',
  'Load balancers',
  'Names',
  'VPN',
  'Identity',
  'Other',
];

/** The part of a program a kind stands in. */
export function topicOf(type: string): string {
  if (/secgroup|address_group/u.test(type)) return traffic;
  return byWord[/^openstack_([a-z]+)_/u.exec(type)?.[1] ?? ''] ?? 'Other';
}
