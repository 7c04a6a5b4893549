import { Construct } from 'constructs';
import { ObjectstorageContainerV1 } from '../providers/openstack/objectstorage-container-v1.ts';
import { TenantStack } from '../program/stack.ts';

export interface ObjectContainerProps {
  /** By default the tenant's name and the construct's id. */
  readonly name?: string;
  /** Keeps what is overwritten or deleted, until somebody deletes that version by its id. */
  readonly versioned?: boolean;
  /**
   * Days during which nothing may change, and the storage policy of this cloud that holds it. Swift itself has no write-once:
   * without such a policy versions only keep what was overwritten by accident.
   */
  readonly writeOnce?: { readonly days: number; readonly policy: string };
}

/** Objects by name, in Swift or what speaks like it. Nobody outside the project may read it: no access list is ever written. */
export class ObjectContainer extends Construct {
  readonly container: ObjectstorageContainerV1;

  constructor(scope: Construct, id: string, { name, versioned = false, writeOnce }: ObjectContainerProps = {}) {
    super(scope, id);
    const stack = TenantStack.of(this);
    this.container = new ObjectstorageContainerV1(this, 'container', {
      name: name ?? stack.nameOf(id),
      versioning: versioned || writeOnce !== undefined,
      ...(writeOnce === undefined ? {} : { storagePolicy: writeOnce.policy }),
      metadata: { vcloud: stack.tag, ...(writeOnce === undefined ? {} : { 'write-once-days': String(writeOnce.days) }) },
      // A container that still holds something is not removed with the stack.
      forceDestroy: false,
    });
  }
}
