import { Construct } from 'constructs';
import { DataKeymanagerContainerV1 } from '../providers/openstack/data-keymanager-container-v1.ts';
import { KeymanagerOrderV1 } from '../providers/openstack/keymanager-order-v1.ts';
import { TenantStack } from '../program/stack.ts';

/** What a generated key is: `symmetric` AES-256, `rsa` a pair of 4096 bits. */
export type KeyShape = 'symmetric' | 'rsa';

export interface GeneratedKeyProps {
  readonly shape?: KeyShape;
  /** Name in the key store; by default the tenant's name and the construct's id. */
  readonly name?: string;
}

/**
 * A key that the cloud's key store makes itself, by an order: its value is in no plan and no state, only where it is found.
 * An order is never changed in place: another name or kind is another key. Destroying the order leaves the key where it is,
 * because what it encrypted may still be there; its owner removes it from the key store. By Barbican's rules (Zed) only an
 * administrator may delete an order: whoever destroys this stack with the role `creator` alone is told 403.
 */
export class GeneratedKey extends Construct {
  readonly order: KeymanagerOrderV1;
  /** Where the key store has it: of a pair, the container of both halves. */
  readonly reference: string;

  constructor(scope: Construct, id: string, { shape = 'symmetric', name }: GeneratedKeyProps = {}) {
    super(scope, id);
    const stack = TenantStack.of(this);
    this.order = new KeymanagerOrderV1(this, 'order', {
      type: shape === 'rsa' ? 'asymmetric' : 'key',
      meta: {
        name: name ?? stack.nameOf(id),
        ...(shape === 'rsa'
          ? { algorithm: 'rsa', bitLength: 4096, payloadContentType: 'application/octet-stream' }
          : { algorithm: 'aes', bitLength: 256, mode: 'cbc', payloadContentType: 'application/octet-stream' }),
      },
    });
    this.reference = shape === 'rsa' ? this.order.containerRef : this.order.secretRef;
  }
}

export interface GivenKeyProps {
  /** Name under which its owner put it into the key store; by default the tenant's name and the construct's id. */
  readonly name?: string;
  /** `certificate`: a container of certificate and private key. */
  readonly kind?: 'secret' | 'certificate';
}

/**
 * A key or certificate its owner put into the key store. It is found by name when the plan is made, so that a plan fails
 * where it is missing. Only a certificate's container is read: Terraform's data source of a secret also reads its value,
 * which would then lie in the state, so a plain secret is handed on by its name alone.
 */
export class GivenKey extends Construct {
  readonly name: string;
  /** Where the key store has it; undefined for a plain secret. */
  readonly reference: string | undefined;

  constructor(scope: Construct, id: string, { name, kind = 'secret' }: GivenKeyProps = {}) {
    super(scope, id);
    this.name = name ?? TenantStack.of(this).nameOf(id);
    this.reference = kind === 'certificate' ? new DataKeymanagerContainerV1(this, 'container', { name: this.name }).containerRef : undefined;
  }
}
