import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { proposed } from '../../modules/federate/init-openstack.ts';
import type { CloudOffer } from '../../modules/cloud/live/index.ts';

const full: CloudOffer = {
  regions: ['RegionOne'],
  services: ['compute', 'network', 'image', 'block-storage', 'load-balancer', 'key-manager'],
  images: ['Debian 12', 'cirros'],
  flavors: [
    { name: 'm1.medium', vcpus: 2, memoryGiB: 4 },
    { name: 'm1.large', vcpus: 4, memoryGiB: 8 },
  ],
  externals: ['public'],
  volumeTypes: [
    { name: 'luks', encrypted: true },
    { name: 'plain', encrypted: false },
  ],
};
const login = { OS_AUTH_URL: 'https://cloud.example/v3' };

describe('names for a first tenant', () => {
  it('are those the cloud has, the first of each kind, or those that were asked for', () => {
    const { values, problems, decided } = proposed('health', 'stacks/health/health.yaml', { entry: 'mine' }, full, login);
    expect(problems).toEqual([]);
    expect(values).toMatchObject({ image: 'Debian 12', flavor: 'm1.medium', size: 'c2m4', external: 'public', volumeType: 'luks', blueprint: 'three-tier' });
    expect(decided).toContain('image "Debian 12" of 2');
    const asked = proposed('health', 'f', { entry: 'mine', flavor: 'm1.large', image: 'cirros' }, full, login).values;
    expect(asked).toMatchObject({ image: 'cirros', flavor: 'm1.large', size: 'c4m8' });
  });

  it('that the cloud does not show are findings with what it has; a cloud without balancers or keys gets the plain shape', () => {
    const poor = { ...full, services: ['compute', 'network', 'image', 'block-storage'], externals: [], volumeTypes: [{ name: 'plain', encrypted: false }] };
    const { values, problems } = proposed('health', 'f', { entry: 'mine', image: 'Debian 13' }, poor, login);
    expect(problems.map(({ code, severity, message }) => [code, severity, message])).toEqual([
      ['INIT-CLOUD-LACKS', 'warning', 'the cloud shows no image "Debian 13"'],
      ['INIT-CLOUD-LACKS', 'warning', 'the cloud shows no network that leads out'],
      ['INIT-CLOUD-LACKS', 'warning', 'volumes of type "plain" are not encrypted, as far as this log-in can see'],
    ]);
    expect(problems[0]?.hint).toContain('Debian 12');
    expect(values).toMatchObject({ blueprint: 'single-tier', image: 'Debian 13' });
  });

  it('are YAML whatever they are, and addresses are unique local and the same for the same cloud (RFC 4193)', async () => {
    const { parse } = await import('yaml');
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme-ascii' }), fc.stringMatching(/^[a-z]{1,8}$/u), (image, id) => {
        const { values } = proposed(id, 'f', { entry: 'mine' }, { ...full, images: [image] }, login);
        expect(parse(`{ debian-12: ${values['image'] ?? ''} }`)).toEqual({ 'debian-12': image });
        expect(values['unique-local']).toMatch(/^fd[0-9a-f]{2}:[0-9a-f]{1,4}:[0-9a-f]{1,4}::\/48$/u);
        expect(proposed(id, 'f', { entry: 'mine' }, full, login).values['unique-local']).toBe(values['unique-local']);
      }),
      { numRuns: 200 },
    );
    expect(proposed('health', 'f', { entry: 'other' }, full, login).values['unique-local']).not.toBe(
      proposed('health', 'f', { entry: 'mine' }, full, login).values['unique-local'],
    );
  });
});
