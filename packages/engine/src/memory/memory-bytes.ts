import { assertFileKey, type Files, type PutFile, type StoredBytes } from '../ports/files.ts';

/** Files that are kept as long as the process lives. */
export class MemoryBytes implements Files {
  readonly #files = new Map<string, Uint8Array>();

  async put(key: string, chunks: AsyncIterable<Uint8Array>, most: number): Promise<PutFile> {
    assertFileKey(key);
    const held: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of chunks) {
      size += chunk.byteLength;
      if (size > most) return { ok: false, problem: 'too-large' };
      held.push(chunk.slice());
    }
    this.#files.set(key, joined(held, size));
    return { ok: true, size };
  }

  async get(key: string): Promise<StoredBytes | null> {
    assertFileKey(key);
    const bytes = this.#files.get(key);
    return bytes === undefined ? null : { size: bytes.byteLength, chunks: once(bytes) };
  }

  async delete(key: string): Promise<boolean> {
    assertFileKey(key);
    return this.#files.delete(key);
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.byteLength > 0) yield bytes;
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
