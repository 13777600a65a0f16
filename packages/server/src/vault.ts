import { randomBytes } from 'node:crypto';
import { assertFileKey, type Files, type PutFile } from '@portcullis/engine';
import type { PubNubDoorDeps } from '@portcullis/gateways/pubnub';

/** Where the bytes of files are, and what forms and links to them are sealed with in this process. */
export function openVault(): PubNubDoorDeps['vault'] {
  return {
    files: new FilesInMemory(),
    key: randomBytes(32),
    random: (count) => randomBytes(count),
  };
}

/** Bytes that end with the process. */
class FilesInMemory implements Files {
  readonly #kept = new Map<string, readonly Uint8Array[]>();

  async put(key: string, chunks: AsyncIterable<Uint8Array>, most: number): Promise<PutFile> {
    assertFileKey(key);
    const kept: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of chunks) {
      size += chunk.byteLength;
      if (size > most) return { ok: false, problem: 'too-large' };
      kept.push(Uint8Array.from(chunk));
    }
    this.#kept.set(key, kept);
    return { ok: true, size };
  }

  async get(key: string) {
    assertFileKey(key);
    const kept = this.#kept.get(key);
    if (kept === undefined) return null;
    return { size: kept.reduce((size, { byteLength }) => size + byteLength, 0), chunks: inTurn(kept) };
  }

  async delete(key: string): Promise<boolean> {
    assertFileKey(key);
    return this.#kept.delete(key);
  }
}

async function* inTurn(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
