import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClientFrame, clientFrame, closing, textOf } from './client-frames.fixture.ts';
import { FrameReader } from './frame-reader.ts';

const MAX = 4_096;

function read(...chunks: readonly Uint8Array[]): string[] {
  return readTaking(() => true, ...chunks);
}

function readTaking(takes: (bytes: number) => boolean, ...chunks: readonly Uint8Array[]): string[] {
  const told: string[] = [];
  const reader = new FrameReader(MAX, {
    takes,
    passedOver: (bytes) => told.push(`passed over ${bytes}`),
    message: (payload, isBinary) => told.push(isBinary ? `binary ${payload.toString('hex')}` : payload.toString()),
    ping: (payload) => told.push(`ping ${payload}`),
    closing: (code) => told.push(`closing ${code ?? 'without a code'}`),
  });
  for (const chunk of chunks) reader.read(Buffer.from(chunk));
  return told;
}

const frame = (opcode: number, payload: string | Buffer, how: Partial<ClientFrame> = {}) =>
  clientFrame({ opcode, payload: Buffer.from(payload), ...how });
const joined = (...frames: readonly Buffer[]) => read(Buffer.concat(frames));

describe('what it reads', () => {
  it('tells messages in order, masked or masked with nothing', () => {
    expect(joined(textOf('one'), textOf('two', { mask: [0, 0, 0, 0] }), textOf(''), frame(2, 'three'))).toEqual([
      'one',
      'two',
      '',
      'binary 7468726565',
    ]);
  });

  it.each([0, 1, 125, 126, 127, 128, 255, 256, MAX])('takes a message of %i bytes', (length) => {
    expect(joined(textOf('x'.repeat(length)))).toEqual(['x'.repeat(length)]);
  });

  it.each([2, 8] as const)('takes a short length written in %i bytes', (lengthBytes) => {
    expect(joined(textOf('short', { lengthBytes }))).toEqual(['short']);
  });

  it('puts fragments together, empty ones too, and answers what comes between them at once', () => {
    expect(
      joined(
        textOf('frag', { fin: false }),
        frame(9, 'there?'),
        frame(0, '', { fin: false }),
        frame(10, 'unasked'),
        frame(0, 'ment'),
        textOf('next'),
      ),
    ).toEqual(['ping there?', 'fragment', 'next']);
  });

  it('takes a character that is cut between two fragments', () => {
    const euro = Buffer.from('€');
    expect(joined(frame(1, euro.subarray(0, 1), { fin: false }), frame(0, euro.subarray(1)))).toEqual(['€']);
  });

  it('tells the same however the bytes are cut', () => {
    const bytes = Buffer.concat([
      textOf('a'.repeat(300)),
      textOf('b', { fin: false }),
      frame(9, ''),
      frame(0, 'c'.repeat(200)),
      frame(8, closing(4000, 'bye')),
    ]);
    const whole = read(bytes);
    expect(whole).toEqual(['a'.repeat(300), 'ping ', `b${'c'.repeat(200)}`, 'closing 4000']);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 40 }), (cuts) => {
        const ends = [...new Set([...cuts, bytes.length])].sort((a, b) => a - b);
        const chunks = ends.map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end));
        expect(read(...chunks)).toEqual(whole);
      }),
      { numRuns: 200 },
    );
    expect(read(...Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)))).toEqual(whole);
  });
});

describe('a close frame', () => {
  it('is told with its code, or as one without', () => {
    expect(joined(frame(8, closing(1000)))).toEqual(['closing 1000']);
    expect(joined(frame(8, closing(4000, 'later')))).toEqual(['closing 4000']);
    expect(joined(frame(8, ''))).toEqual(['closing without a code']);
  });

  it('is the last thing that is told', () => {
    expect(joined(frame(8, closing(1001)), textOf('late'), frame(9, ''))).toEqual(['closing 1001']);
    expect(read(frame(8, ''), textOf('late'), frame(8, ''))).toEqual(['closing without a code']);
  });

  it('ends a message that is not finished', () => {
    expect(joined(textOf('half', { fin: false }), frame(8, closing(1001)))).toEqual(['closing 1001']);
  });

  it.each([0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535])('may not carry %i', (code) => {
    expect(joined(frame(8, closing(code)))).toEqual(['closing 1002']);
  });

  it.each([1000, 1001, 1002, 1003, 1007, 1011, 1012, 1014, 3000, 3999, 4000, 4999])('may carry %i', (code) => {
    expect(joined(frame(8, closing(code, 'why')))).toEqual([`closing ${code}`]);
  });

  it('has a reason in UTF-8', () => {
    expect(joined(frame(8, closing(1000, Buffer.from([0xce, 0xba, 0xed, 0xa0, 0x80]))))).toEqual(['closing 1007']);
  });
});

describe('a violation closes with its code, and nothing is told after it', () => {
  const cases: readonly (readonly [string, readonly Buffer[], number])[] = [
    ['a frame without a mask', [textOf('x', { mask: null })], 1002],
    ['the bit that extensions would use', [textOf('x', { reserved: 0x40 })], 1002],
    ['another reserved bit', [frame(9, '', { reserved: 0x20 })], 1002],
    ['the third reserved bit', [frame(8, '', { reserved: 0x10 })], 1002],
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) => [`opcode ${opcode}`, [frame(opcode, '')], 1002] as const),
    ['a continuation of nothing', [frame(0, 'x')], 1002],
    ['a continuation of what was finished', [textOf('a'), frame(0, 'x')], 1002],
    ['a message inside another', [textOf('a', { fin: false }), textOf('b')], 1002],
    ['a ping in fragments', [frame(9, 'x', { fin: false })], 1002],
    ['a ping of 126 bytes', [frame(9, 'x'.repeat(126))], 1002],
    ['a ping whose length is written long', [frame(9, 'x', { lengthBytes: 2 })], 1002],
    ['a close frame in fragments', [frame(8, closing(1000), { fin: false })], 1002],
    ['a close frame of one byte', [frame(8, 'x')], 1002],
    ['a close frame of 126 bytes', [frame(8, closing(1000, 'x'.repeat(124)))], 1002],
    ['text that is no UTF-8', [frame(1, Buffer.from([0xff]))], 1007],
    ['text with a lone surrogate', [frame(1, Buffer.from([0xed, 0xa0, 0x80]))], 1007],
    ['text that is longer than it has to be', [frame(1, Buffer.from([0xc0, 0xaf]))], 1007],
    ['text past the last code point', [frame(1, Buffer.from([0xf4, 0x90, 0x80, 0x80]))], 1007],
    ['text that ends within a character', [frame(1, Buffer.from([0xe2, 0x82]))], 1007],
    [
      'text whose fragments are no UTF-8',
      [textOf('a', { fin: false }), frame(0, Buffer.from([0xce]), { fin: false }), frame(0, 'z')],
      1007,
    ],
    ['a message that is too long', [textOf('x'.repeat(MAX + 1))], 1009],
    ['fragments that are too long together', [textOf('x'.repeat(MAX), { fin: false }), frame(0, 'x')], 1009],
    ['a length past what a number holds', [Buffer.from([0x81, 0xff, 0, 0x20, 0, 0, 0, 0, 0, 0])], 1009],
    ['a length with its highest bit', [Buffer.from([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0])], 1009],
    ['a message in more than 1024 fragments', [...pieces(1_024), frame(0, '')], 1008],
  ];
  it.each(cases)('%s', (_, frames, code) => {
    const told = joined(...frames, textOf('late'));
    expect(told.at(-1)).toBe(`closing ${code}`);
    expect(told).not.toContain('late');
    expect(read(...frames, textOf('late'))).toEqual(told);
  });

  it('is noticed before the payload has come', () => {
    expect(read(Buffer.from([0x81, 0xfe, 0x10]), Buffer.from([0x01]))).toEqual(['closing 1009']);
    expect(read(Buffer.from([0x83, 0x85]))).toEqual(['closing 1002']);
  });

  it('a message in 1024 fragments is none', () => {
    expect(joined(...pieces(1_023), frame(0, 'end'))).toEqual(['end']);
  });

  function pieces(count: number): Buffer[] {
    return Array.from({ length: count }, (_, at) => frame(at === 0 ? 1 : 0, '', { fin: false }));
  }
});

describe('what is not taken', () => {
  const small = (bytes: number) => bytes <= 10;
  const story = Buffer.concat([
    textOf('one'),
    textOf('x'.repeat(11)),
    frame(9, 'there?'),
    textOf('y'.repeat(200)),
    textOf('two'),
    textOf('frag', { fin: false }),
    frame(0, 'z'.repeat(7), { fin: false }),
    frame(9, 'still?'),
    frame(0, 'x', { fin: false }),
    frame(0, ''),
    textOf('three'),
  ]);
  const told = [
    'one',
    'passed over 11',
    'ping there?',
    'passed over 200',
    'two',
    'passed over 7',
    'ping still?',
    'passed over 1',
    'passed over 0',
    'three',
  ];

  it('is passed over, and what comes behind it is read', () => {
    expect(readTaking(small, story)).toEqual(told);
  });

  it('is the same however the bytes are cut', () => {
    for (let size = 1; size < 40; size += 1) {
      const pieces = Array.from({ length: Math.ceil(story.length / size) }, (_, n) =>
        story.subarray(n * size, (n + 1) * size),
      );
      expect(readTaking(small, ...pieces)).toEqual(told);
    }
  });

  it('is told as soon as its length is there', () => {
    expect(readTaking(small, textOf('x'.repeat(200)).subarray(0, 4))).toEqual(['passed over 200']);
  });

  it('may be so from the middle of a frame on', () => {
    let taken = true;
    const bytes = textOf('x'.repeat(50));
    const told: string[] = [];
    const reader = new FrameReader(MAX, {
      takes: () => taken,
      passedOver: (length) => told.push(`passed over ${length}`),
      message: (payload) => told.push(payload.toString()),
      ping() {},
      closing() {},
    });
    reader.read(Buffer.from(bytes.subarray(0, 20)));
    taken = false;
    reader.read(Buffer.from(bytes.subarray(20, 30)));
    reader.read(Buffer.concat([bytes.subarray(30), textOf('next')]));
    expect(told).toEqual(['passed over 50', 'passed over 4']);
  });

  it('does not come in more fragments than any message', () => {
    const pieces = Array.from({ length: 1_024 }, () => frame(0, '', { fin: false }));
    expect(readTaking(small, Buffer.concat([textOf('x'.repeat(20), { fin: false }), ...pieces])).at(-1)).toBe(
      'closing 1008',
    );
  });
});
