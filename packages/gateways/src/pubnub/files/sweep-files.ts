import type { Files, Store } from '@portcullis/engine';
import { fileKey } from './file-key.ts';

/** Clears away forms that nobody used and files whose time is over, of all apps; `now` in ms since 1970. Answers how many. */
export async function sweepFiles(store: Store, files: Files, now: number): Promise<number> {
  const over = [...(await store.expiredPromises(now)), ...(await store.expiredFiles(now))];
  for (const row of over) {
    await store.deleteFile(row.app, row.channel, row.id, row.name);
    await files.delete(fileKey(row.app, row));
  }
  return over.length;
}
