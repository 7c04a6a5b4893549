import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findSecrets, findSecretsInText } from '../../modules/inventory/index.ts';

describe('the secret scanner', () => {
  it.each([
    ['password', 'x'],
    ['adminPass', 'x'],
    ['admin_pass', 'x'],
    ['database_password', 'x'],
    ['api-key', 'x'],
    ['privateKey', 'x'],
    ['private_key', 'x'],
    ['auth_token', 'x'],
    ['client.secret', 'x'],
    ['user_data', '#cloud-config'],
    ['pre_shared_key', 'x'],
    ['kubeconfig', 'x'],
  ])('finds a value under the name %s', (name, value) => {
    expect(findSecrets({ a: [{ [name]: value }] })).toEqual([{ at: `a[0].${name}`, why: `a value under the name "${name}"` }]);
  });

  it.each([
    ['-----BEGIN', 'PRIVATE', 'KEY-----\nMC4CAQ'].join(' '),
    ['-----BEGIN', 'OPENSSH', 'PRIVATE', 'KEY-----'].join(' '),
    'AGE-SECRET-KEY-1QQQQQQQQQQQQQ',
    `PrivateKey = ${'A'.repeat(43)}=`,
    `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl`,
    'AKIAABCDEFGHIJKLMNOP',
    `ghp_${'a'.repeat(36)}`,
    `gAAAAAB${'x'.repeat(80)}`,
    'postgres://app:hunter2@db.example/x',
    `$6$salt$${'a'.repeat(86)}`,
  ])('finds a secret by its form: %s', (value) => {
    expect(findSecrets({ note: value })).toHaveLength(1);
    expect(findSecretsInText(`x\n${value}`).length).toBeGreaterThan(0);
  });

  it('lets references and public facts pass', () => {
    const value = {
      password: 'env:DB_PASSWORD',
      token: 'vault:kv/moh/token',
      private_key: 'file:/run/key',
      secret: '${var.secret}',
      publicKey: 'MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=',
      kind: 'kubernetes_secret',
      secretName: 'web-tls',
      token_ttl: 300,
      names: { vi: 'Quản lý mật khẩu', en: 'Password management' },
      digest: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
      url: 'https://example.gov.vn/a@b',
    };
    expect(findSecrets(value)).toEqual([]);
  });

  it('finds a secret at any depth, and never repeats it', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 0, 1), { maxLength: 6 }), fc.stringMatching(/^[A-Z0-9]{12,20}$/u), (steps, secret) => {
        const value = [...steps].reverse().reduce<unknown>((inner, step) => (typeof step === 'number' ? [inner] : { [step]: inner }), { password: secret });
        const found = findSecrets(value);
        expect(found).toHaveLength(1);
        expect(JSON.stringify(found)).not.toContain(secret);
      }),
    );
  });
});
