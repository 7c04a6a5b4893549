import { compareCodeUnits } from '../../../core/index.ts';
import { anyAt } from '../read.ts';
import type { LiveObject } from '../types.ts';

/** What an object is called by people, before names are made unique. */
function wordsOf(object: LiveObject, named: (id: string) => string): string {
  const { kind, name, attributes } = object;
  const text = (field: string): string => {
    const [value] = anyAt(attributes, field);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  switch (kind) {
    case 'openstack_networking_secgroup_rule_v2': {
      const [low, high] = [text('port_range_min'), text('port_range_max')];
      const ports = low === high ? low : `${low}-${high}`;
      return `${named(text('security_group_id'))} ${text('direction')} ${text('protocol') || 'any'} ${ports} ${text('ethertype') === 'IPv6' ? 'v6' : ''}`;
    }
    case 'openstack_networking_router_interface_v2':
      return `${named(text('device_id'))} to ${named(text('fixed_ips.[].subnet_id'))}`;
    case 'openstack_networking_router_route_v2':
      return `${named(text('parent'))} route ${text('destination')}`;
    case 'openstack_networking_floatingip_v2':
      return text('port_id') === '' ? `floating ${text('floating_ip_address')}` : `${named(text('port_id'))} floating`;
    case 'openstack_compute_volume_attach_v2':
      return `${named(text('volumeId'))} on ${named(text('parent'))}`;
    case 'openstack_dns_recordset_v2': {
      const zone = text('zone_name');
      const inside = zone !== '' && text('name') === zone ? 'apex' : text('name').slice(0, Math.max(0, text('name').length - zone.length - 1));
      return `${inside === '' ? text('name') : inside} ${text('type')}`;
    }
    case 'openstack_lb_member_v2':
      return `${named(text('parent'))} ${name ?? text('address')}`;
    case 'openstack_networking_port_v2':
      return name ?? `${named(text('network_id'))} ${text('fixed_ips.[].ip_address')}`;
    case 'openstack_dns_zone_v2':
      return (name ?? '').replace(/\.$/u, '');
    default:
      return name ?? '';
  }
}

/** Last words of a type: `openstack_networking_router_interface_v2` -> `router-interface`. */
function shortType(type: string): string {
  return type
    .replace(/^openstack_/u, '')
    .replace(/_v[0-9]+$/u, '')
    .replace(/^(?:networking|compute|blockstorage|identity|images|keymanager|lb|vpnaas|dns)_/u, '')
    .replaceAll('_', '-');
}

function slug(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/gu, '')
    .replaceAll(/[đĐ]/gu, 'd')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, '-')
    .replaceAll(/^-+|-+$/gu, '')
    .slice(0, 48)
    .replace(/-+$/u, '');
}

/**
 * A name for each object as an author would give it: from its own name or from what it hangs on; with its kind where several
 * share it, and a number where that is not enough. The same objects get the same names in any order. Pure.
 */
export function namesFor(objects: readonly LiveObject[]): Map<LiveObject, string> {
  const byId = new Map(objects.map((object) => [object.id, object]));
  const named = (id: string, depth = 0): string => {
    const object = byId.get(id);
    return object === undefined || depth > 2 ? '' : wordsOf(object, (other) => named(other, depth + 1));
  };
  const sorted = [...objects].sort((a, b) => compareCodeUnits(a.kind, b.kind) || compareCodeUnits(a.id, b.id));
  const plain = new Map(sorted.map((object) => [object, slug(wordsOf(object, named))]));
  const users = new Map<string, number>();
  for (const name of plain.values()) users.set(name, (users.get(name) ?? 0) + 1);
  const taken = new Set<string>();
  const names = new Map<LiveObject, string>();
  for (const object of sorted) {
    const name = plain.get(object) ?? '';
    const kind = shortType(object.kind);
    // A construct's id begins with a letter, so that its address can be read.
    const lettered = /^[a-z]/u.test(name) ? name : `${kind}-${name}`;
    const first = name === '' ? kind : lettered !== name || users.get(name) === 1 || name.endsWith(kind) ? lettered : `${name}-${kind}`;
    let free = first;
    for (let number = 2; taken.has(free); number++) free = `${first}-${number}`;
    taken.add(free);
    names.set(object, free);
  }
  return names;
}
