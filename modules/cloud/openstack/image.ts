import { Construct } from 'constructs';
import { fail } from '../../core/index.ts';
import { ImagesImageV2 } from '../providers/openstack/images-image-v2.ts';
import { TenantStack } from '../program/stack.ts';

export interface MachineImageProps {
  readonly name?: string;
  /** A file below the federation's folder, or where it is fetched from. */
  readonly from: { readonly file: string } | { readonly url: string };
  /** SHA-512 of the image as the cloud holds it, in hexadecimal, as whoever publishes it states it. */
  readonly sha512: string;
  readonly format?: 'qcow2' | 'raw';
  readonly minimum?: { readonly diskGiB?: number; readonly memoryMiB?: number };
}

/**
 * An image of the tenant's own. The cloud works out a hash of what it received; where that is not the one stated here, the
 * apply fails and nothing that uses the image is made.
 */
export class MachineImage extends Construct {
  readonly image: ImagesImageV2;

  /** @throws ProblemError CLOUD-IMAGE-HASH, CLOUD-IMAGE-FILE */
  constructor(scope: Construct, id: string, { name, from, sha512, format = 'qcow2', minimum = {} }: MachineImageProps) {
    super(scope, id);
    const stack = TenantStack.of(this);
    if (!/^[0-9a-f]{128}$/u.test(sha512))
      fail('CLOUD-IMAGE-HASH', `"${sha512}" is no SHA-512`, {
        subject: this.node.path,
        hint: '128 hexadecimal digits in lower case, as sha512sum prints them',
      });
    if ('file' in from && (from.file.startsWith('/') || from.file.split('/').includes('..')))
      fail('CLOUD-IMAGE-FILE', `"${from.file}" is no path below the federation's folder`, {
        subject: this.node.path,
        hint: 'put the image there, or give a URL',
      });
    this.image = new ImagesImageV2(this, 'image', {
      name: name ?? stack.nameOf(id),
      containerFormat: 'bare',
      diskFormat: format,
      visibility: 'private',
      // The engine works in `.vcloud/state/STACK`.
      ...('file' in from ? { localFilePath: `../../../${from.file}` } : { imageSourceUrl: from.url }),
      ...(minimum.diskGiB === undefined ? {} : { minDiskGb: minimum.diskGiB }),
      ...(minimum.memoryMiB === undefined ? {} : { minRamMb: minimum.memoryMiB }),
      properties: { vcloud: stack.tag, vcloud_sha512: sha512 },
      tags: [stack.tag],
      lifecycle: {
        postcondition: [
          {
            // What the cloud worked out is not there while it is planned.
            condition: `\${try(self.properties["os_hash_value"], "${sha512}") == "${sha512}"}`,
            errorMessage: `the image ${id} is not the one its declaration names: its SHA-512 differs`,
          },
        ],
      },
    });
  }
}
