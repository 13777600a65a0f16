/** A frame as a client may send it, right or wrong. */
export interface ClientFrame {
  readonly opcode: number;
  readonly payload: Buffer;
  readonly fin?: boolean;
  /** Bits 0x40, 0x20 and 0x10. */
  readonly reserved?: number;
  /** `null`: not masked. */
  readonly mask?: readonly number[] | null;
  /** Bytes that the length is written in beside the first: 0, 2 or 8; the shortest when absent. */
  readonly lengthBytes?: 0 | 2 | 8;
}

const MASK = [0x37, 0xfa, 0x21, 0x3d];

export function clientFrame({ opcode, payload, ...how }: ClientFrame): Buffer {
  const { fin = true, reserved = 0, mask = MASK } = how;
  const shortest = payload.length < 126 ? 0 : payload.length < 65_536 ? 2 : 8;
  const lengthBytes = Math.max(how.lengthBytes ?? shortest, shortest);
  const head = Buffer.alloc(2 + lengthBytes);
  head[0] = (fin ? 0x80 : 0) | reserved | opcode;
  head[1] = (mask === null ? 0 : 0x80) | (lengthBytes === 0 ? payload.length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) head.writeUInt16BE(payload.length, 2);
  if (lengthBytes === 8) head.writeBigUInt64BE(BigInt(payload.length), 2);
  if (mask === null) return Buffer.concat([head, payload]);
  return Buffer.concat([head, Buffer.from(mask), payload.map((byte, at) => byte ^ (mask[at & 3] ?? 0))]);
}

export const textOf = (text: string, how: Partial<ClientFrame> = {}): Buffer =>
  clientFrame({ opcode: 1, payload: Buffer.from(text), ...how });

/** The payload of a close frame. */
export const closing = (code: number, reason: string | Buffer = ''): Buffer =>
  Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]);
