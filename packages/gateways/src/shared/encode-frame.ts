/**
 * WebSocket frames of a server (RFC 6455 §5.2): whole, unmasked, uncompressed. Bytes made here go to the socket as they
 * are, and one buffer may serve any number of sockets.
 */
const FIN = 0x80;
const TEXT = 0x1;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;
/** Payload bytes a control frame may carry (RFC 6455 §5.5). */
const CONTROL_MAX = 125;

/** One text frame. Text that is not well-formed UTF-16 becomes U+FFFD where it is broken: the frame is always valid UTF-8. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const out = Buffer.allocUnsafe(headerSize(length) + length);
  const at = putHeader(out, 0, FIN | TEXT, length);
  if (at + out.write(text, at, length, 'utf8') !== out.length) throw new Error('a frame does not fill its buffer');
  return out;
}

/** Text frames, in order, in one buffer. */
export function textFrames(texts: readonly string[]): Buffer {
  let size = 0;
  for (const text of texts) {
    const length = Buffer.byteLength(text);
    size += headerSize(length) + length;
  }
  const out = Buffer.allocUnsafe(size);
  let at = 0;
  for (const text of texts) {
    const length = Buffer.byteLength(text);
    at = putHeader(out, at, FIN | TEXT, length);
    at += out.write(text, at, length, 'utf8');
  }
  if (at !== size) throw new Error('a frame does not fill its buffer');
  return out;
}

/** A close frame; without a code, one that carries none. A reason too long for it is cut between characters. */
export function closeFrame(code?: number, reason = ''): Buffer {
  if (code === undefined) return Buffer.from([FIN | CLOSE, 0]);
  const words = cutText(reason, CONTROL_MAX - 2);
  const length = 2 + Buffer.byteLength(words);
  const out = Buffer.alloc(2 + length);
  const at = putHeader(out, 0, FIN | CLOSE, length);
  out.writeUInt16BE(code, at);
  out.write(words, at + 2, 'utf8');
  return out;
}

export const PING_FRAME: Uint8Array = Buffer.from([FIN | PING, 0]);

/** The answer to a ping: its payload, at most 125 bytes. */
export function pongFrame(payload: Uint8Array): Buffer {
  const out = Buffer.alloc(2 + payload.length);
  out.set(payload, putHeader(out, 0, FIN | PONG, payload.length));
  return out;
}

function headerSize(length: number): number {
  return length < 126 ? 2 : length < 65_536 ? 4 : 10;
}

/** Writes the header and answers where the payload begins. */
function putHeader(out: Buffer, at: number, first: number, length: number): number {
  out[at] = first;
  if (length < 126) {
    out[at + 1] = length;
    return at + 2;
  }
  if (length < 65_536) {
    out[at + 1] = 126;
    return out.writeUInt16BE(length, at + 2);
  }
  out[at + 1] = 127;
  return out.writeBigUInt64BE(BigInt(length), at + 2);
}

function cutText(text: string, max: number): string {
  let bytes = 0;
  let kept = '';
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > max) return kept;
    kept += character;
  }
  return kept;
}
