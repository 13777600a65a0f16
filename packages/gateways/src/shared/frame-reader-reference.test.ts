import { once } from 'node:events';
import type { Writable } from 'node:stream';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as ws from 'ws';
import { type ClientFrame, clientFrame, closing } from './client-frames.fixture.ts';
import { FrameReader } from './frame-reader.ts';

const LONG = process.env.LONG_TESTS === '1';
const RUNS = LONG ? 200_000 : 4_000;
const MAX = 400;

/** Not among its types, but exported. */
const { Receiver } = ws as unknown as { Receiver: new (options: object) => Writable };

type Told = readonly [what: string, ...more: (string | number | undefined)[]];

function ours(chunks: readonly Buffer[]): Told[] {
  const told: Told[] = [];
  const reader = new FrameReader(MAX, {
    takes: () => true,
    passedOver: () => {},
    message: (payload, isBinary) => told.push(['message', isBinary ? 'binary' : 'text', payload.toString('hex')]),
    ping: (payload) => told.push(['ping', payload.toString('hex')]),
    closing: (code) => told.push(['closing', code]),
  });
  for (const chunk of chunks) reader.read(Buffer.from(chunk));
  return told;
}

async function reference(chunks: readonly Buffer[]): Promise<Told[]> {
  const told: Told[] = [];
  const receiver = new Receiver({ isServer: true, maxPayload: MAX, maxFragments: 1_024 });
  receiver.on('message', (payload: Buffer, isBinary: boolean) =>
    told.push(['message', isBinary ? 'binary' : 'text', payload.toString('hex')]),
  );
  receiver.on('ping', (payload: Buffer) => told.push(['ping', payload.toString('hex')]));
  receiver.on('conclude', (code: number) => told.push(['closing', code === 1005 ? undefined : code]));
  receiver.on('error', (error: object) => {
    const status = Object.getOwnPropertySymbols(error).find(({ description }) => description === 'status-code');
    told.push(['closing', status && (Reflect.get(error, status) as number)]);
  });
  const closed = once(receiver, 'close').catch(() => {});
  for (const chunk of chunks) if (receiver.writable) receiver.write(Buffer.from(chunk));
  receiver.end();
  await closed;
  return told;
}

const payload = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => Buffer.from(text)) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: fc.integer({ min: 120, max: 500 }).map((length) => Buffer.alloc(length, 'x')) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: 990, max: 5_010 }), fc.uint8Array({ maxLength: 4 }))
      .map(([code, reason]) => closing(code, Buffer.from(reason))),
  },
);
const mask = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
const frame: fc.Arbitrary<ClientFrame> = fc.record({
  opcode: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(0, 1, 1, 2, 9, 10, 8) },
    { weight: 1, arbitrary: fc.nat(15) },
  ),
  payload,
  fin: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  reserved: fc.oneof({ weight: 30, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(64, 32, 16) }),
  mask: fc.oneof({ weight: 30, arbitrary: mask }, { weight: 1, arbitrary: fc.constant(null) }),
  lengthBytes: fc.constantFrom(0, 0, 0, 2, 8),
});
/** Fragments in a row, for chance rarely makes them. */
const fragmented = fc
  .tuple(fc.constantFrom(1, 2), fc.array(payload, { minLength: 1, maxLength: 5 }))
  .map(([opcode, parts]): ClientFrame[] =>
    parts.map((part, at) => ({ opcode: at === 0 ? opcode : 0, payload: part, fin: at === parts.length - 1 })),
  );
const stream = fc
  .array(fc.oneof({ weight: 3, arbitrary: frame.map((one) => [one]) }, { weight: 1, arbitrary: fragmented }), {
    maxLength: 8,
  })
  .map((frames) => Buffer.concat(frames.flat().map(clientFrame)));
const damaged = fc
  .tuple(stream, fc.array(fc.tuple(fc.nat(2_000), fc.nat(255)), { maxLength: 2 }), fc.nat(2_000))
  .map(([bytes, flips, length]) => {
    for (const [at, byte] of flips) if (at < bytes.length) bytes[at] = byte;
    return length % 5 === 0 ? bytes.subarray(0, length % (bytes.length + 1)) : bytes;
  });
const bytes = fc.oneof(
  { weight: 4, arbitrary: stream },
  { weight: 4, arbitrary: damaged },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map((noise) => Buffer.from(noise)) },
);

function cut(whole: Buffer, at: readonly number[]): Buffer[] {
  const ends = [...new Set([...at.map((end) => end % (whole.length + 1)), whole.length])].sort((a, b) => a - b);
  return ends.map((end, index) => whole.subarray(ends[index - 1] ?? 0, end));
}

it('tells of any bytes, however cut, what the receiver of `ws` tells', {
  timeout: LONG ? 900_000 : 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(bytes, fc.array(fc.nat(2_000), { maxLength: 6 }), async (whole, cuts) => {
      const chunks = cut(whole, cuts);
      expect(ours(chunks)).toEqual(await reference(chunks));
    }),
    { numRuns: RUNS },
  );
});
