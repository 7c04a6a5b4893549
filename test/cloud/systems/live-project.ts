import type { Live } from '../../lab/blueprints/live.ts';

/** A project as a cloud tells it, with nothing in it but what is given. */
export function liveProject(given: Partial<Live>): Live {
  return {
    tenant: 't',
    servers: [],
    serverGroups: [],
    volumes: [],
    ports: [],
    networks: [],
    balancers: [],
    listeners: [],
    pools: [],
    members: new Map(),
    secrets: [],
    containers: [],
    rules: new Map(),
    quotas: { compute: {}, network: {}, volume: {}, balancer: {} },
    ...given,
  };
}
