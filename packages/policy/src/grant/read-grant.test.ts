import { encode } from 'cborg';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeToken, type TokenFields } from './decode-grant.ts';
import { encodeGrant, NONCE_KEY, SIGNATURE_BYTES } from './encode-grant.ts';
import type { GrantTable } from './grant.ts';
import { type GrantFields, readGrant } from './read-grant.ts';

/** The slow and obvious way: read whatever CBOR it is, write it as it should be, and compare. */
function readByWritingAgain(bytes: Uint8Array): GrantFields | undefined {
  let fields: TokenFields;
  try {
    fields = decodeToken(bytes);
  } catch {
    return undefined;
  }
  const { version, signature, meta, ...rest } = fields;
  const { [NONCE_KEY]: nonce, ...shown } = meta;
  const masks = [rest.resources, rest.patterns].flatMap((table) => [
    ...[...table.channels.values()].map((mask) => mask > 0 && mask < 256 && (mask & 16) === 0),
    ...[...table.groups.values()].map((mask) => [1, 4, 5].includes(mask)),
    ...[...table.uuids.values()].map((mask) => mask > 0 && mask < 256 && (mask & ~104) === 0),
  ]);
  const sound =
    version === 2 &&
    typeof nonce === 'string' &&
    rest.ttl >= 1 &&
    rest.ttl <= 43_200 &&
    signature.length === SIGNATURE_BYTES;
  if (!sound || rest.authorizedUser === '' || masks.includes(false)) return undefined;
  const again = encodeGrant({ ...rest, meta: shown, nonce: String(nonce) }, signature);
  return Buffer.compare(again, bytes) === 0 ? { ...rest, meta: shown } : undefined;
}

function readInOnePass(bytes: Uint8Array): GrantFields | undefined {
  try {
    return readGrant(bytes);
  } catch {
    return undefined;
  }
}

/** What is minted begins with no byte order mark. */
const isMinted = (text: string) => !text.startsWith('\ufeff');
const name = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 6 }).filter(isMinted),
  fc.constant('__proto__'),
);
const section = (masks: readonly number[]) =>
  fc
    .dictionary(name, fc.constantFrom(...masks), { maxKeys: 3, noNullPrototype: true })
    .map((all) => new Map(Object.entries(all)));
const table: fc.Arbitrary<GrantTable> = fc.record({
  channels: section([1, 3, 239, 128]),
  groups: section([1, 5]),
  uuids: section([32, 104]),
});
const scalar = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 4 }).filter(isMinted),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const token = fc
  .record(
    {
      issuedAt: fc.oneof(fc.nat(300), fc.integer({ min: 1_600_000_000, max: 9_000_000_000 })),
      ttl: fc.integer({ min: 1, max: 43_200 }),
      authorizedUser: fc.string({ minLength: 1, maxLength: 40 }),
      resources: table,
      patterns: table,
      meta: fc.dictionary(name, scalar, { maxKeys: 3, noNullPrototype: true }),
      nonce: fc.string({ minLength: 16, maxLength: 16 }),
    },
    { requiredKeys: ['issuedAt', 'ttl', 'resources', 'patterns', 'meta', 'nonce'] },
  )
  .map((content) => encodeGrant(content, new Uint8Array(SIGNATURE_BYTES).fill(7)));

/** Bytes that mean something in CBOR: numbers at every length, texts, maps, floats, lone halves of characters. */
const telling = fc.oneof(
  fc.constantFrom(
    ...[0x00, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1f, 0x20, 0x38, 0x3b, 0x40, 0x41, 0x60, 0x61, 0x78, 0x7f],
    ...[0xa0, 0xa1, 0xb8, 0xbf, 0xed, 0xef, 0xf4, 0xf5, 0xf6, 0xf7, 0xf9, 0xfa, 0xfb, 0xff],
  ),
  fc.integer({ min: 0, max: 255 }),
);

describe('reading a token in one pass', () => {
  test('says what reading it loosely and writing it again says, for every token that is minted', () => {
    fc.assert(
      fc.property(token, (bytes) => {
        const read = readInOnePass(bytes);
        expect(read).toEqual(readByWritingAgain(bytes));
        expect(read).toBeDefined();
      }),
      { numRuns: 500 },
    );
  });

  test('refuses what that refuses, and nothing else, whatever is altered, put in or left out', () => {
    let accepted = 0;
    const edit = fc.record({
      at: fc.nat(10_000),
      remove: fc.integer({ min: 0, max: 2 }),
      put: fc.array(telling, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(token, fc.array(edit, { minLength: 1, maxLength: 2 }), (bytes, edits) => {
        const altered = [...bytes];
        for (const { at, remove, put } of edits) altered.splice(at % altered.length, remove, ...put);
        const read = readInOnePass(Uint8Array.from(altered));
        expect(read).toEqual(readByWritingAgain(Uint8Array.from(altered)));
        if (read) accepted += 1;
      }),
      { numRuns: 4000 },
    );
    expect(accepted).toBeGreaterThan(0);
  });

  test('refuses any item whose argument is spelled at length', () => {
    const listed = new Map([['a name of more than twenty-three characters', 3]]);
    const bytes = encodeGrant(
      {
        issuedAt: 300,
        ttl: 60,
        resources: { ...EMPTY, channels: listed },
        patterns: EMPTY,
        meta: {},
        nonce: '0123456789abcdef',
      },
      new Uint8Array(SIGNATURE_BYTES),
    );
    expect(readInOnePass(bytes)).toBeDefined();
    for (let at = 0; at < bytes.length - SIGNATURE_BYTES; at++) {
      const head = bytes[at] ?? 0;
      const [major, short] = [head & 0xe0, head & 0x1f];
      const longer =
        short < 24
          ? [
              [major + 24, short],
              [major + 25, 0, short],
              [major + 26, 0, 0, 0, short],
              [major + 27, ...[0, 0, 0, 0, 0, 0, 0], short],
            ]
          : short < 27
            ? [[head + 1, ...Array.from({ length: 2 ** (short - 24) }, () => 0)]]
            : [];
      for (const spelling of longer) {
        const altered = Uint8Array.of(...bytes.subarray(0, at), ...spelling, ...bytes.subarray(at + 1));
        const read = readInOnePass(altered);
        expect(read).toEqual(readByWritingAgain(altered));
        // Inside a text such bytes are text, and then its length does not hold any more.
        expect(read).toBeUndefined();
      }
    }
  });

  test('takes numbers of meta in their one spelling', () => {
    const accepted = (value: Uint8Array) => {
      const bytes = encodeGrant(
        { issuedAt: 1, ttl: 1, resources: EMPTY, patterns: EMPTY, meta: { n: 'HERE' }, nonce: '0123456789abcdef' },
        new Uint8Array(SIGNATURE_BYTES),
      );
      const at = Buffer.from(bytes).indexOf('HERE') - 1;
      const altered = Uint8Array.of(...bytes.subarray(0, at), ...value, ...bytes.subarray(at + 5));
      expect(readInOnePass(altered)).toEqual(readByWritingAgain(altered));
      return readInOnePass(altered)?.meta.n;
    };
    for (const value of [0, 23, 24, 255, 256, 65_536, 2 ** 32, 2 ** 53 - 1, -1, -25, -(2 ** 40), 0.5, 1e300, 1.1]) {
      expect(accepted(encode(value))).toBe(value);
    }
    for (const respelled of [
      [0x18, 0x01],
      [0x19, 0x00, 0xff],
      [0x1b, 0, 0, 0, 0, 0, 0, 0, 1],
      [0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
      [0x38, 0x00],
      [0xf9, 0x80, 0x00],
      [0xf9, 0x3c, 0x00],
      [0xfb, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0],
      [0xf9, 0x7c, 0x00],
      [0xf9, 0x7e, 0x00],
      [0xf7],
      [0xf8, 0x20],
      [0x60 + 3, 0xed, 0xa0, 0x80],
    ]) {
      expect(accepted(Uint8Array.from(respelled))).toBeUndefined();
    }
  });
});

const EMPTY: GrantTable = { channels: new Map(), groups: new Map(), uuids: new Map() };
