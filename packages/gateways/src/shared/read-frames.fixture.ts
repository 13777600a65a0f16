export interface ReadFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** Reads a server's bytes by RFC 6455, independently of the encoder. Throws on anything but whole, unmasked, final frames. */
export function readFrames(bytes: Buffer): ReadFrame[] {
  const { frames, rest } = readSomeFrames(bytes);
  if (rest.length > 0) throw new Error(`${rest.length} bytes of an unfinished frame`);
  return frames;
}

/** As `readFrames`, and what is left of a frame that is not whole yet. */
export function readSomeFrames(bytes: Buffer): { frames: ReadFrame[]; rest: Buffer } {
  const frames: ReadFrame[] = [];
  let at = 0;
  while (bytes.length - at >= 2) {
    const first = bytes.readUInt8(at);
    const second = bytes.readUInt8(at + 1);
    if ((first & 0xf0) !== 0x80) throw new Error(`first byte 0x${first.toString(16)}: not final, or compressed`);
    if (second >= 0x80) throw new Error('a server must not mask');
    let length = second;
    let start = at + 2;
    if (second === 126) {
      if (bytes.length < start + 2) break;
      length = bytes.readUInt16BE(start);
      start += 2;
    } else if (second === 127) {
      if (bytes.length < start + 8) break;
      length = Number(bytes.readBigUInt64BE(start));
      start += 8;
    }
    if (bytes.length < start + length) break;
    frames.push({ opcode: first & 0x0f, payload: Buffer.from(bytes.subarray(start, start + length)) });
    at = start + length;
  }
  return { frames, rest: bytes.subarray(at) };
}

/** The JSON values of text frames. */
export function readTexts(bytes: Uint8Array): string[] {
  return readFrames(Buffer.from(bytes)).map((frame) => {
    if (frame.opcode !== 1) throw new Error(`opcode ${frame.opcode} among text frames`);
    return frame.payload.toString();
  });
}
