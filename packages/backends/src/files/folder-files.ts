import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { assertFileKey, type Files, type PutFile, type StoredBytes, StoreFullError } from '@portcullis/engine';

/** Bytes read at once. */
const CHUNK = 64 * 1024;

/** The disk, or the user's share of it. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/**
 * Files in a folder of their own, made if there is none. Half-written ones of a process that was killed are cleared away
 * when it is opened; one process at a time has it open.
 */
export async function openFolderFiles(folder: string): Promise<Files> {
  const root = resolve(folder);
  await mkdir(root, { recursive: true, mode: 0o700 });
  await rm(join(root, 'incoming'), { recursive: true, force: true });
  await mkdir(join(root, 'incoming'), { mode: 0o700 });
  return new FolderFiles(root);
}

class FolderFiles implements Files {
  readonly #root: string;
  #incoming = 0;

  constructor(root: string) {
    this.#root = root;
  }

  async put(key: string, chunks: AsyncIterable<Uint8Array>, most: number): Promise<PutFile> {
    const place = this.#placeOf(key);
    const incoming = join(this.#root, 'incoming', String(++this.#incoming));
    try {
      const size = await write(incoming, chunks, most);
      if (size === 'too-large') return { ok: false, problem: size };
      await mkdir(dirname(place), { recursive: true, mode: 0o700 });
      await rename(incoming, place);
      await syncFolder(dirname(place));
      return { ok: true, size };
    } catch (error) {
      throw isCode(error, FULL) ? new StoreFullError('The disk is full.', { cause: error }) : error;
    } finally {
      await rm(incoming, { force: true });
    }
  }

  async get(key: string): Promise<StoredBytes | null> {
    const place = this.#placeOf(key);
    try {
      const { size } = await stat(place);
      return { size, chunks: read(place) };
    } catch (error) {
      if (isCode(error, NOT_THERE)) return null;
      throw error;
    }
  }

  async delete(key: string): Promise<boolean> {
    const place = this.#placeOf(key);
    try {
      await rm(place);
      return true;
    } catch (error) {
      if (isCode(error, NOT_THERE)) return false;
      throw error;
    }
  }

  /** By a hash of the key: some file systems take `a` and `A` for one name. */
  #placeOf(key: string): string {
    assertFileKey(key);
    const name = createHash('sha256').update(key).digest('hex');
    return join(this.#root, name.slice(0, 2), name);
  }
}

const NOT_THERE = new Set(['ENOENT']);

function isCode(error: unknown, codes: ReadonlySet<string>): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.has(error.code);
}

/** Durable when it resolves. */
async function write(path: string, chunks: AsyncIterable<Uint8Array>, most: number): Promise<number | 'too-large'> {
  const file = await open(path, 'wx', 0o600);
  try {
    let size = 0;
    for await (const chunk of chunks) {
      size += chunk.byteLength;
      if (size > most) return 'too-large';
      await writeAll(file, chunk);
    }
    await file.sync();
    return size;
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.byteLength; ) {
    const { bytesWritten } = await file.write(chunk, at);
    at += bytesWritten;
  }
}

async function* read(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r');
  try {
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK));
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** A renamed file is only there after a power loss when its folder was written too. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
