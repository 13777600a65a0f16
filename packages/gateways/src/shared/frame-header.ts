/** How a frame begins (RFC 6455 §5.2). */
export interface FrameHeader {
  readonly fin: boolean;
  readonly opcode: number;
  /** Payload bytes. */
  readonly length: number;
  /** Where the payload begins; the four bytes before it are its mask. */
  readonly payloadAt: number;
}

export const OPCODE = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

/** What a violation is closed with (RFC 6455 §7.4.1). */
export const VIOLATION = { protocol: 1002, text: 1007, policy: 1008, tooLong: 1009 } as const;
export type Violation = (typeof VIOLATION)[keyof typeof VIOLATION];

const CONTROL_MAX = 125;
/** High half of the longest length that a number can hold exactly. */
const HIGH_MAX = 2 ** 21 - 1;
const MASK_BYTES = 4;

/**
 * Reads the header of a client's frame at `at`. `null`: more bytes are needed. A number: the violation it begins, found
 * as soon as the byte that commits it is there. `fragmented`: the message before it is not finished.
 */
export function readHeader(bytes: Buffer, at: number, fragmented: boolean): FrameHeader | Violation | null {
  if (bytes.length < at + 2) return null;
  const first = bytes[at] as number;
  const second = bytes[at + 1] as number;
  const short = second & 0x7f;
  if (!isLegal(first, second, fragmented)) return VIOLATION.protocol;
  const lengthBytes = short < 126 ? 0 : short === 126 ? 2 : 8;
  if (bytes.length < at + 2 + lengthBytes) return null;
  const length = lengthBytes === 0 ? short : readLength(bytes, at + 2, lengthBytes);
  if (length === undefined) return VIOLATION.tooLong;
  const payloadAt = at + 2 + lengthBytes + MASK_BYTES;
  return { fin: (first & 0x80) !== 0, opcode: first & 0x0f, length, payloadAt };
}

/** No reserved bit and opcode, every frame masked, control frames short and whole, fragments in a row. */
function isLegal(first: number, second: number, fragmented: boolean): boolean {
  if ((first & 0x70) !== 0 || (second & 0x80) === 0) return false;
  const length = second & 0x7f;
  switch (first & 0x0f) {
    case OPCODE.continuation:
      return fragmented;
    case OPCODE.text:
    case OPCODE.binary:
      return !fragmented;
    case OPCODE.close:
      return (first & 0x80) !== 0 && length <= CONTROL_MAX && length !== 1;
    case OPCODE.ping:
    case OPCODE.pong:
      return (first & 0x80) !== 0 && length <= CONTROL_MAX;
    default:
      return false;
  }
}

function readLength(bytes: Buffer, at: number, size: 2 | 8): number | undefined {
  if (size === 2) return bytes.readUInt16BE(at);
  const high = bytes.readUInt32BE(at);
  return high > HIGH_MAX ? undefined : high * 2 ** 32 + bytes.readUInt32BE(at + 4);
}

/** Takes the mask off, in place, and answers the payload. */
export function unmask(bytes: Buffer, { payloadAt, length }: FrameHeader): Buffer {
  const end = payloadAt + length;
  const mask = payloadAt - MASK_BYTES;
  // In the buffer that came: a view of the mask would cost more than taking it off.
  const [a, b, c, d] = [bytes[mask] ?? 0, bytes[mask + 1] ?? 0, bytes[mask + 2] ?? 0, bytes[mask + 3] ?? 0];
  let at = payloadAt;
  for (; at + MASK_BYTES <= end; at += MASK_BYTES) {
    bytes[at] = (bytes[at] ?? 0) ^ a;
    bytes[at + 1] = (bytes[at + 1] ?? 0) ^ b;
    bytes[at + 2] = (bytes[at + 2] ?? 0) ^ c;
    bytes[at + 3] = (bytes[at + 3] ?? 0) ^ d;
  }
  if (at < end) bytes[at] = (bytes[at] ?? 0) ^ a;
  if (at + 1 < end) bytes[at + 1] = (bytes[at + 1] ?? 0) ^ b;
  if (at + 2 < end) bytes[at + 2] = (bytes[at + 2] ?? 0) ^ c;
  return bytes.subarray(payloadAt, end);
}

/** Whether a peer may close with this code. */
export function isCloseCode(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}
