import { isFault, readPrefix } from '../../../network/index.ts';
import { blocksOf, type Item } from '../model.ts';
import type { Findings } from '../report.ts';
import { numberIn, textIn, type PlannedWorld } from '../world.ts';

/** Names Neutron knows beside numbers 0-255 (Networking API v2.0, security group rules). */
const protocols = new Set(
  'any ah dccp egp esp gre hopopt icmp icmpv6 igmp ip ipip ipv6-encap ipv6-frag ipv6-icmp ipv6-nonxt ipv6-opts ipv6-route ospf pgm rsvp sctp tcp udp udplite vrrp'.split(
    ' ',
  ),
);
const listenerProtocols = ['TCP', 'UDP', 'HTTP', 'HTTPS', 'TERMINATED_HTTPS', 'SCTP', 'PROMETHEUS'];
const poolProtocols = ['TCP', 'UDP', 'HTTP', 'HTTPS', 'PROXY', 'PROXYV2', 'SCTP'];

/** Rules of security groups, listeners and members say what their services take. */
export function checkRules(world: PlannedWorld, findings: Findings): void {
  for (const item of world.items('openstack_networking_secgroup_rule_v2')) {
    findings.look('rule', item, 'rule');
    checkRule(world, item, findings);
  }
  for (const item of world.items('openstack_lb_listener_v2', 'openstack_lb_pool_v2')) {
    findings.look('rule', item, item.type === 'openstack_lb_pool_v2' ? 'pool' : 'listener');
    const known = item.type === 'openstack_lb_pool_v2' ? poolProtocols : listenerProtocols;
    oneOf(world, findings, item, 'protocol', known);
    port(world, findings, item, 'protocol_port', item.body['protocol_port']);
    if (
      world.text(item, 'protocol') === 'TERMINATED_HTTPS' &&
      item.body['default_tls_container_ref'] === undefined &&
      item.body['sni_container_refs'] === undefined
    )
      findings.fail('rule', item, 'a TERMINATED_HTTPS listener needs a certificate', 'set default_tls_container_ref');
  }
  for (const item of world.items('openstack_lb_member_v2')) port(world, findings, item, 'protocol_port', item.body['protocol_port']);
  for (const item of world.items('openstack_lb_members_v2'))
    for (const member of blocksOf(item.body, 'member')) port(world, findings, item, "member's protocol_port", member['protocol_port']);
  for (const item of world.items('openstack_lb_monitor_v2')) {
    findings.look('rule', item, 'monitor');
    const [delay, timeout] = (['delay', 'timeout'] as const).map((name) => numberIn(world.value(item, name)));
    if (delay !== undefined && timeout !== undefined && timeout > delay)
      findings.fail('rule', item, `its timeout (${timeout} s) is longer than its delay (${delay} s)`, 'make the timeout at most the delay');
  }
}

function checkRule(world: PlannedWorld, item: Item, findings: Findings): void {
  const fault = (message: string, hint: string): void => findings.fail('rule', item, message, hint);
  oneOf(world, findings, item, 'direction', ['ingress', 'egress']);
  oneOf(world, findings, item, 'ethertype', ['IPv4', 'IPv6']);
  const protocol = world.text(item, 'protocol')?.toLowerCase();
  if (protocol !== undefined && !protocols.has(protocol) && !(/^\d{1,3}$/u.test(protocol) && Number(protocol) < 256))
    fault(`protocol "${protocol}" is none Neutron knows`, 'name a protocol (tcp, udp, icmp, ...) or give its number, 0 to 255');
  const [low, high] = (['port_range_min', 'port_range_max'] as const).map((name) => numberIn(world.value(item, name)));
  if (low !== undefined || high !== undefined) {
    const isIcmp = protocol !== undefined && /icmp/u.test(protocol);
    const most = isIcmp ? 255 : 65_535;
    if (protocol === undefined) fault('it names ports and no protocol', 'set protocol to tcp or udp');
    for (const one of [low, high]) {
      if (one !== undefined && (!Number.isInteger(one) || one < (isIcmp ? 0 : 1) || one > most)) fault(`${one} is no port`, `take 1 to ${most}`);
    }
    if (!isIcmp && low !== undefined && high !== undefined && low > high)
      fault(`its port range ${low}-${high} is upside down`, `set port_range_min to ${high} and port_range_max to ${low}`);
    if (!isIcmp && (low === undefined) !== (high === undefined)) fault('it names one end of a port range', 'set both port_range_min and port_range_max');
  }
  const prefix = world.text(item, 'remote_ip_prefix');
  const ethertype = world.text(item, 'ethertype');
  if (prefix !== undefined && ethertype !== undefined) {
    const read = readPrefix(prefix.includes('/') ? prefix : `${prefix}/${prefix.includes(':') ? 128 : 32}`);
    if (!isFault(read) && (read.family === 'v4' ? 'IPv4' : 'IPv6') !== ethertype)
      fault(`${prefix} is not ${ethertype}`, `set ethertype to ${read.family === 'v4' ? 'IPv4' : 'IPv6'}`);
  }
  const remotes = ['remote_ip_prefix', 'remote_group_id', 'remote_address_group_id'].filter(
    (name) => ![undefined, null, ''].includes(item.body[name] as string),
  );
  if (remotes.length > 1) fault(`it names ${remotes.join(' and ')}`, 'a rule has one remote: write a rule for each');
}

function port(world: PlannedWorld, findings: Findings, item: Item, what: string, value: unknown): void {
  const one = numberIn(world.resolve(item, value));
  if (one !== undefined && (!Number.isInteger(one) || one < 1 || one > 65_535)) findings.fail('rule', item, `${what} ${one} is no port`, 'take 1 to 65535');
}

function oneOf(world: PlannedWorld, findings: Findings, item: Item, attribute: string, known: readonly string[]): void {
  const text = textIn(world.value(item, attribute));
  if (text !== undefined && !known.includes(text)) findings.fail('rule', item, `${attribute} "${text}" is none of ${known.join(', ')}`, `write one of them`);
}
