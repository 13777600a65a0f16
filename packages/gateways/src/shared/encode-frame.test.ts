import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closeFrame, PING_FRAME, pongFrame, textFrame, textFrames } from './encode-frame.ts';
import { readFrames } from './read-frames.fixture.ts';

describe('text frames', () => {
  it.each([0, 1, 125, 126, 127, 65_535, 65_536, 70_000])('carry %i bytes with the shortest header', (length) => {
    const [frame, ...rest] = readFrames(textFrame('x'.repeat(length)));
    expect(rest).toEqual([]);
    expect(frame).toEqual({ opcode: 1, payload: Buffer.from('x'.repeat(length)) });
    const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
    expect(textFrame('x'.repeat(length))).toHaveLength(header + length);
  });

  it('are joined in order, whatever the characters', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 20 }), (texts) => {
        expect(readFrames(textFrames(texts)).map((frame) => frame.payload.toString())).toEqual(texts);
      }),
      { numRuns: 200 },
    );
  });

  it('are valid UTF-8 even for broken text', () => {
    const [frame] = readFrames(textFrame('a\ud800b'));
    expect(new TextDecoder('utf-8', { fatal: true }).decode(frame?.payload)).toBe('a\ufffdb');
  });
});

describe('control frames', () => {
  it('close with a code and words', () => {
    expect(readFrames(closeFrame(4404, 'app.unknown-key'))).toEqual([
      { opcode: 8, payload: Buffer.concat([Buffer.from([0x11, 0x34]), Buffer.from('app.unknown-key')]) },
    ]);
  });

  it('close without a code', () => {
    expect(readFrames(closeFrame())).toEqual([{ opcode: 8, payload: Buffer.alloc(0) }]);
  });

  it('cut a reason that is too long between characters', () => {
    const [frame] = readFrames(closeFrame(1000, '\u20ac'.repeat(60)));
    expect(frame?.payload.length).toBeLessThanOrEqual(125);
    expect(frame?.payload.subarray(2).toString()).toBe('\u20ac'.repeat(41));
  });

  it('ping with nothing and pong with what was asked', () => {
    expect(readFrames(Buffer.from(PING_FRAME))).toEqual([{ opcode: 9, payload: Buffer.alloc(0) }]);
    expect(readFrames(pongFrame(Buffer.from('abc')))).toEqual([{ opcode: 10, payload: Buffer.from('abc') }]);
  });
});
