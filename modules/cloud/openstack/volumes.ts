import { Construct } from 'constructs';
import { BlockstorageVolumeV3 } from '../providers/openstack/blockstorage-volume-v3.ts';
import { TenantStack } from '../program/stack.ts';
import { called } from './catalogue.ts';

/** Copies of a volume: hours between two, and days each is kept. */
export interface VolumeBackup {
  readonly everyHours: number;
  readonly keepDays: number;
}

export interface DataVolumeProps {
  readonly gib: number;
  /** A type the cloud offers; `encrypted` by default, because data at rest is encrypted unless somebody decides otherwise. */
  readonly type?: string;
  readonly backup?: VolumeBackup;
  /** Begins with what a snapshot, a backup or another volume holds, by id. */
  readonly from?: { readonly snapshot: string } | { readonly backup: string } | { readonly volume: string };
  readonly name?: string;
  readonly purpose?: string;
}

/** The type volumes have where none is named. Whether it really encrypts is the cloud's to show: its encryption spec is the administrator's. */
export const encryptedType = 'encrypted';

/**
 * A volume that outlives the server it is attached to. `backup` is written to the volume's metadata (`backup-every`,
 * `backup-keep`), for the cloud's backup service to read: Cinder itself has no schedule and Terraform's provider no backup,
 * so that in a cloud where nothing reads it, nothing is copied.
 */
export class DataVolume extends Construct {
  readonly volume: BlockstorageVolumeV3;

  constructor(scope: Construct, id: string, { gib, type = encryptedType, backup, from, name = id, purpose = `data of ${name}` }: DataVolumeProps) {
    super(scope, id);
    const stack = TenantStack.of(this);
    // `Resource` is left out of the resource's name, so that a volume is still called what it was before it had a construct.
    this.volume = new BlockstorageVolumeV3(this, 'Resource', {
      name: stack.nameOf(name),
      description: stack.describe(purpose),
      size: gib,
      // Without it a volume in use cannot grow, and the new size is in the state all the same.
      enableOnlineResize: true,
      metadata: { vcloud: stack.tag, ...(backup === undefined ? {} : { 'backup-every': `${backup.everyHours}h`, 'backup-keep': `${backup.keepDays}d` }) },
      volumeType: called(this, 'volumeTypes', type),
      ...(from === undefined
        ? {}
        : 'snapshot' in from
          ? { snapshotId: from.snapshot }
          : 'backup' in from
            ? { backupId: from.backup }
            : { sourceVolId: from.volume }),
    });
  }
}
