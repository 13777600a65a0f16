import { createHash } from 'node:crypto';
import type { FileRow } from '@portcullis/engine';

export type FileName = Pick<FileRow, 'channel' | 'id' | 'name'>;

/** The key of a file's bytes: one for each app, channel, id and name, and no word of a stranger in it. */
export function fileKey(app: string, { channel, id, name }: FileName): string {
  return createHash('sha256')
    .update(JSON.stringify([app, channel, id, name]))
    .digest('base64url');
}

/** A random UUID, version 4. */
export function fileId(random: (count: number) => Uint8Array): string {
  const bytes = Buffer.from(random(16));
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
