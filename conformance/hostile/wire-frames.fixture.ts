/** One WebSocket frame (RFC 6455 §5.2) with whatever is wrong about it. */
export interface FrameSpec {
  /** 0 continuation, 1 text, 2 binary, 8 close, 9 ping, 10 pong. */
  readonly opcode?: number;
  readonly fin?: boolean;
  /** The three reserved bits, as a number 0–7. */
  readonly reserved?: number;
  readonly masked?: boolean;
  readonly payload?: string | Uint8Array;
  /** What the header says instead of the true length. */
  readonly claimedLength?: bigint;
}

export function wireFrame(spec: FrameSpec): Buffer {
  const { opcode = 1, fin = true, reserved = 0, masked = true } = spec;
  const payload = Buffer.from(spec.payload ?? '');
  const mask = Buffer.from([0x5a, 0xa5, 0x3c, 0xc3]);
  const head = Buffer.from([(fin ? 0x80 : 0) | (reserved << 4) | opcode]);
  const length = lengthOf(spec.claimedLength ?? BigInt(payload.length), masked);
  if (!masked) return Buffer.concat([head, length, payload]);
  return Buffer.concat([head, length, mask, payload.map((byte, at) => byte ^ mask.readUInt8(at % 4))]);
}

function lengthOf(length: bigint, masked: boolean): Buffer {
  const bit = masked ? 0x80 : 0;
  if (length < 126n) return Buffer.from([bit | Number(length)]);
  if (length < 65_536n) {
    const short = Buffer.from([bit | 126, 0, 0]);
    short.writeUInt16BE(Number(length), 1);
    return short;
  }
  const long = Buffer.alloc(9);
  long.writeUInt8(bit | 127);
  long.writeBigUInt64BE(length, 1);
  return long;
}
