import type { Link } from './links.ts';
import type { IpsecProfile } from './schema.ts';
import type { Overlay, OverlayNode } from './types.ts';

/**
 * The swanctl.conf of one node, or of several spokes in one file (strongSwan 5.9 and later).
 * What all connections share stands once in sections they refer to. Certificates are named, never contained; private
 * keys are found by the daemon in its own `private/` folder or token, so no `secrets` section is written.
 */
export function swanctlFile(overlay: Overlay, profile: IpsecProfile, nodes: readonly { node: OverlayNode; links: readonly Link[] }[]): string {
  const lines = [
    `# Overlay ${overlay.name}, profile ${profile.name}. Made by \`vcloud vpn render\`; do not edit.`,
    '# Certificates lie in x509/ and x509ca/ of the device, its private key in private/ or on its token.',
    '',
    'ike {',
    '  version = 2',
    `  proposals = ${profile.ike.proposals.join(',')}`,
    `  rekey_time = ${profile.ike.lifetime}s`,
    `  dpd_delay = ${profile.ike.deadPeerDelay}s`,
    '  unique = replace',
    '  local {',
    '    auth = pubkey',
    '  }',
    '  remote {',
    '    auth = pubkey',
    ...(profile.authentication.authority === undefined ? [] : [`    cacerts = ${profile.authentication.authority}`]),
    '  }',
    '}',
    'esp {',
    '  mode = tunnel',
    `  esp_proposals = ${profile.esp.proposals.join(',')}`,
    `  rekey_time = ${profile.esp.lifetime}s`,
    '  dpd_action = clear',
    '}',
  ];
  for (const { node } of nodes) lines.push(...nodeSection(profile, node));
  lines.push('connections {');
  for (const { links } of nodes) for (const link of links) lines.push(...connection(profile, link));
  lines.push('}');
  return `${lines.join('\n')}\n`;
}

/** What all connections of one node share. */
function nodeSection(profile: IpsecProfile, node: OverlayNode): string[] {
  const { certificate, identity } = profile.authentication;
  return [
    `node-${node.id} : ike {`,
    ...(node.endpoints.length > 0 ? [`  local_addrs = ${node.endpoints.join(',')}`] : []),
    '  local {',
    `    certs = ${named(certificate, node)}`,
    `    id = ${named(identity, node)}`,
    '  }',
    '}',
  ];
}

function named(template: string, node: OverlayNode): string {
  return template.replaceAll('{node}', node.id);
}

function connection(profile: IpsecProfile, { tunnel, self, peer, calls, local, remote, interfaceId }: Link): string[] {
  return [
    `  ${tunnel.id} : node-${self.id} {`,
    `    remote_addrs = ${peer.endpoints.length > 0 ? peer.endpoints.join(',') : '%any'}`,
    `    if_id_in = ${interfaceId}`,
    `    if_id_out = ${interfaceId}`,
    '    remote {',
    `      id = ${named(profile.authentication.identity, peer)}`,
    '    }',
    '    children {',
    '      net : esp {',
    `        local_ts = ${local.join(',')}`,
    `        remote_ts = ${remote.join(',')}`,
    // A hub cannot call back whoever calls from anywhere.
    ...(calls ? ['        start_action = start', '        dpd_action = restart'] : []),
    '      }',
    '    }',
    '  }',
  ];
}
