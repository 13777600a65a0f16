import { createHash } from 'node:crypto';

/** A name for a key that stays the same when keys are reordered: 32 bits of a hash, which tell nothing about a strong key. */
export function fingerprint(material: string): string {
  return createHash('sha256').update(`portcullis key id\n${material}`).digest('hex').slice(0, 8);
}
