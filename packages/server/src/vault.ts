import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openFolderFiles } from '@portcullis/backends/files';
import { MemoryBytes } from '@portcullis/engine';
import type { FileVault } from '@portcullis/gateways/pubnub';

/** Where the bytes of files are, beside the store, and what forms and links to them are sealed with in this process. */
export async function openVault(data: string): Promise<FileVault> {
  return {
    files: data === ':memory:' ? new MemoryBytes() : await openFolderFiles(join(data, 'files')),
    key: randomBytes(32),
    random: (count) => randomBytes(count),
  };
}
