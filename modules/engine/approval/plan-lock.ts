import { inflateRawSync } from 'node:zlib';

const member = '.terraform.lock.hcl';

/**
 * The dependency lock file a saved plan was made with. Terraform and OpenTofu keep one in every plan file, which is a ZIP
 * archive (internal/plans/planfile of both), and apply it with the same one only. The form is theirs to change: undefined
 * where it is none they write now, as one that OpenTofu encrypted.
 */
export function lockIn(plan: Buffer): string | undefined {
  try {
    // APPNOTE.TXT 4.3.16, 4.3.12, 4.3.7: end of the directory, its entries, the header of a file.
    const end = plan.lastIndexOf('PK\u0005\u0006', undefined, 'latin1');
    if (end < 0) return undefined;
    let at = plan.readUInt32LE(end + 16);
    for (let left = plan.readUInt16LE(end + 10); left > 0; left--) {
      const [method, size, named] = [plan.readUInt16LE(at + 10), plan.readUInt32LE(at + 20), plan.readUInt16LE(at + 28)];
      const [extra, comment, header] = [plan.readUInt16LE(at + 30), plan.readUInt16LE(at + 32), plan.readUInt32LE(at + 42)];
      if (plan.toString('utf8', at + 46, at + 46 + named) === member) {
        const from = header + 30 + plan.readUInt16LE(header + 26) + plan.readUInt16LE(header + 28);
        const bytes = plan.subarray(from, from + size);
        if (bytes.length !== size || (method !== 0 && method !== 8)) return undefined;
        return (method === 8 ? inflateRawSync(bytes, { maxOutputLength: 2 ** 24 }) : bytes).toString('utf8');
      }
      at += 46 + named + extra + comment;
    }
  } catch {
    // No archive, or one that is cut off.
  }
  return undefined;
}
