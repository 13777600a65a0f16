import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate, inflateRaw } from 'node:zlib';

/** Why there is no body to work with. */
export type BodyFault = 'too-large' | 'not-inflatable' | 'unknown-encoding' | 'not-utf-8' | 'broken-off';

export type BodyRead = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly fault: BodyFault };

const fail = (fault: BodyFault): BodyRead => ({ ok: false, fault });

/** The whole body as text, of at most `max` bytes as it came and of at most `max` inflated. */
export async function readBody(request: IncomingMessage, max: number): Promise<BodyRead> {
  const bytes = await collect(request, max);
  if (typeof bytes === 'string') return fail(bytes);
  const plain = await inflated(bytes, request.headers['content-encoding'], max);
  if (typeof plain === 'string') return fail(plain);
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plain) };
  } catch {
    return fail('not-utf-8');
  }
}

async function collect(request: IncomingMessage, max: number): Promise<Uint8Array | BodyFault> {
  if (Number(request.headers['content-length'] ?? 0) > max) return 'too-large';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    // Left undestroyed: the answer goes over the same connection.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length;
      if (bytes > max) return 'too-large';
      chunks.push(chunk);
    }
  } catch {
    return 'broken-off';
  }
  return Buffer.concat(chunks);
}

const inflateZlib = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(inflate);
const inflateBare = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(inflateRaw);
const inflateGzip = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(gunzip);

async function inflated(bytes: Uint8Array, encoding: string | undefined, max: number): Promise<Uint8Array | BodyFault> {
  const by = inflaterOf(bytes, encoding?.trim().toLowerCase() ?? '');
  if (by === undefined) return 'unknown-encoding';
  if (by === 'none') return bytes;
  try {
    return await by(bytes, { maxOutputLength: Math.max(1, max) });
  } catch (error) {
    const tooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    return tooLarge ? 'too-large' : 'not-inflatable';
  }
}

/** By what the bytes themselves say: some clients call zlib `gzip`, some leave out the header of what they call `deflate`. */
function inflaterOf(bytes: Uint8Array, encoding: string) {
  if (encoding === '' || encoding === 'identity') return 'none';
  if (encoding !== 'gzip' && encoding !== 'x-gzip' && encoding !== 'deflate') return undefined;
  const [first = 0, second = 0] = bytes;
  if (first === 0x1f && second === 0x8b) return inflateGzip;
  const isZlib = (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0;
  if (isZlib) return inflateZlib;
  return encoding === 'deflate' ? inflateBare : inflateGzip;
}
