import { mkdir, open, stat } from 'node:fs/promises';
import { damaged, folderUnusable, foreign } from './open-error.ts';

/** In the header of our files ("Pcul"), so that no other program's database is taken for one. */
export const APPLICATION_ID = 0x5063_756c;

const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\0';
/** Offset of the application id in SQLite's header (https://www.sqlite.org/fileformat.html#application_id). */
const APPLICATION_ID_AT = 68;

export interface Found {
  readonly isNew: boolean;
  /** Bytes of the write-ahead log that the last process left behind; more than 0 if it did not end in order. */
  readonly leftover: number;
}

/** Makes the folder if there is none, and looks at the file in it without changing it. Throws a `StoreOpenError`. */
export async function inspectFile(folder: string, file: string): Promise<Found> {
  const { header, size } = await readHeader(folder, file);
  const leftover = await sizeOf(`${file}-wal`);
  if (size === 0) {
    if (leftover > 0) throw damaged(file, `it is missing or empty, but its log ${file}-wal is not`);
    return { isNew: true, leftover };
  }
  if (header.every((byte) => byte === 0)) throw damaged(file, 'it begins with zeros');
  if (header.toString('latin1', 0, Math.min(size, MAGIC.length)) !== MAGIC.slice(0, size)) throw foreign(file);
  if (size < HEADER_BYTES) throw damaged(file, `it ends after ${size} bytes`);
  if (header.readUInt32BE(APPLICATION_ID_AT) !== APPLICATION_ID) throw foreign(file);
  return { isNew: false, leftover };
}

async function readHeader(folder: string, file: string): Promise<{ header: Buffer; size: number }> {
  const header = Buffer.alloc(HEADER_BYTES);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // Made here if it is new: settings may hold keys, so that nobody else reads it.
    const handle = await open(file, 'a+', 0o600);
    try {
      await handle.read(header, 0, HEADER_BYTES, 0);
      return { header, size: (await handle.stat()).size };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw folderUnusable(folder, error);
  }
}

/** 0 if there is no such file. */
export async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw error;
  }
}
