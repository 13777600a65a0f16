import { decode, encode } from 'cborg';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBase64url, encodeBase64url } from './base64url.ts';
import { ALL_BITS } from './check-grant.ts';
import { SIGNATURE_BYTES } from './encode-grant.ts';
import { GRANT_LIMITS } from './grant-limits.ts';
import { issuedAfter } from './issued-after.ts';
import { mintGrant } from './mint-grant.ts';
import { looksLikeGrant, parseGrant } from './parse-grant.ts';
import { sign } from './signature.ts';
import type { GrantSpec, MintContext } from './token.ts';
import { parseAsJavaScript, parseAsPython } from './vendor-parsers.fixture.ts';
import { verifyGrant } from './verify-grant.ts';

const NOW = 1_700_000_000_000;
const SECRET = { id: 'k1', secret: 'correct horse battery staple 0123456789' };
const OTHER = { id: 'k2', secret: 'another secret of at least 32 characters' };
const context: MintContext = { app: 'demo', secret: SECRET, now: NOW, nonce: '0123456789abcdef' };
const verifying = { app: 'demo', secrets: [SECRET] };

const SPEC: GrantSpec = {
  ttl: 60,
  authorizedUser: 'ann',
  resources: {
    channels: new Map([
      ['room', 239],
      ['a/b', 1],
    ]),
    groups: new Map([['team', 5]]),
    uuids: new Map([['ann', 104]]),
  },
  patterns: { channels: new Map([['^chat-[0-9]+$', 3]]) },
  meta: { plan: 'pro', seats: 3, ratio: 0.5, trial: false, coupon: null },
};

function minted(spec: GrantSpec = SPEC, changed: Partial<MintContext> = {}): string {
  const outcome = mintGrant(spec, { ...context, ...changed });
  if (!outcome.ok) throw new Error(outcome.problems.map(({ at, message }) => `${at}: ${message}`).join());
  return outcome.token;
}

const bytesOf = (token: string): Uint8Array => decodeBase64url(token.replace(/=+$/, '')) ?? new Uint8Array();
const refusal = (text: string): string => {
  const outcome = verifyGrant(text, verifying);
  return outcome.ok ? 'accepted' : outcome.code;
};

describe('a token', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
  const entries = (mask: number) =>
    fc
      .array(fc.tuple(name, fc.integer({ min: 1, max: 255 })), { maxLength: 4 })
      .map(
        (pairs) => new Map(pairs.filter(([, bits]) => (bits & mask) !== 0).map(([key, bits]) => [key, bits & mask])),
      );
  const section = fc.record({
    channels: entries(ALL_BITS.channels),
    groups: entries(ALL_BITS.groups),
    uuids: entries(ALL_BITS.uuids),
  });
  const scalar = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
  );
  const spec: fc.Arbitrary<GrantSpec> = fc
    .record(
      {
        ttl: fc.integer({ min: 1, max: 43_200 }),
        authorizedUser: name,
        resources: section,
        meta: fc.dictionary(fc.string({ unit: 'grapheme' }), scalar),
      },
      { requiredKeys: ['ttl', 'resources'] },
    )
    .filter(({ resources, meta }) => resources.channels.size > 0 && !Object.hasOwn(meta ?? {}, '_nonce'));

  test('says what was granted: to us, to the JavaScript SDK, to the Python SDK', () => {
    fc.assert(
      fc.property(spec, (granted) => {
        const token = minted(granted);
        const verified = verifyGrant(token, verifying);
        const parsed = parseGrant(token);
        if (!verified.ok || !parsed.ok) throw new Error('refused');
        const { key, ...grant } = verified.grant;
        expect(key).toBe('k1');
        expect(grant).toMatchObject({ ttl: granted.ttl, issuedAt: NOW / 1000 });
        expect(grant.authorizedUser).toBe(granted.authorizedUser);
        for (const kind of ['channels', 'groups', 'uuids'] as const) {
          expect(new Map([...grant.resources[kind]].sort())).toEqual(
            new Map([...(granted.resources?.[kind] ?? [])].sort()),
          );
        }
        expect(JSON.parse(JSON.stringify(grant.meta))).toEqual(JSON.parse(JSON.stringify(granted.meta ?? {})));
        const { version, signature, ...shown } = parsed.grant;
        expect(shown).toEqual(grant);
        expect([version, signature.length]).toEqual([2, SIGNATURE_BYTES]);
        for (const vendor of [parseAsJavaScript(token), parseAsPython(token)]) {
          expect(vendor).toMatchObject({ version: 2, timestamp: NOW / 1000, ttl: granted.ttl });
          expect(vendor.authorized_uuid).toBe(granted.authorizedUser);
          for (const kind of ['channels', 'groups', 'uuids'] as const) {
            expect([...(vendor.resources[kind]?.keys() ?? [])]).toEqual([...grant.resources[kind].keys()]);
            for (const [listed, mask] of grant.resources[kind]) {
              const rights = vendor.resources[kind]?.get(listed);
              expect([rights?.read, rights?.get, rights?.manage]).toEqual([
                (mask & 1) !== 0,
                (mask & 32) !== 0,
                (mask & 4) !== 0,
              ]);
            }
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('begins and is padded as the vendor’s, with every section there', () => {
    const [bound, unbound] = [minted(), minted({ ttl: 1, resources: { channels: new Map([['a', 1]]) } })];
    expect(bound).toMatch(/^qEF2AkF0G/);
    expect(unbound).toMatch(/^p0F2AkF0G/);
    for (const token of [bound, unbound]) {
      expect(token.length % 4).toBe(0);
      expect(looksLikeGrant(token) && looksLikeGrant(token.replace(/=+$/, ''))).toBe(true);
    }
    expect(looksLikeGrant('eyJhbGciOiJIUzI1NiJ9.e30.c2ln')).toBe(false);
  });

  test('of the vendor is shown as well, and never verified', () => {
    const vendors =
      'p0F2AkF0Gl043rhDdHRsCkNyZXOkRGNoYW6hZnNlY3JldAFDZ3JwoEN1c3KgQ3NwY6BDcGF0pERjaGFuoENncnCgQ3VzcqBDc3BjoERtZXRhoENzaWdYIGOAeTyWGJI-blahPGD9TuKlaW1YQgiB4uR_edmfq-61';
    expect(parseGrant(vendors)).toMatchObject({
      ok: true,
      grant: { version: 2, issuedAt: 1_564_008_120, ttl: 10, resources: { channels: new Map([['secret', 1]]) } },
    });
    expect(refusal(vendors)).toBe('identity.bad-signature');
    expect(parseGrant('not a token')).toMatchObject({ ok: false });
    expect(parseGrant('A'.repeat(40_000))).toMatchObject({ ok: false, reason: 'the token is too long' });
  });

  test('is unique, so that revoking one of two equal grants leaves the other', () => {
    const ids = ['0123456789abcdef', '0123456789abcdeg'].map((nonce) => {
      const outcome = mintGrant(SPEC, { ...context, nonce });
      return outcome.ok ? outcome.id : '';
    });
    expect(new Set(ids).size).toBe(2);
    expect(() => mintGrant(SPEC, { ...context, nonce: 'short' })).toThrow(RangeError);
  });

  test('is for one app and one purpose, and is found among several secrets', () => {
    const token = minted();
    expect(verifyGrant(token, { app: 'other', secrets: [SECRET] })).toMatchObject({ code: 'identity.bad-signature' });
    expect(verifyGrant(token, { app: 'demo', secrets: [OTHER] })).toMatchObject({ code: 'identity.bad-signature' });
    expect(verifyGrant(token, { app: 'demo', secrets: [] })).toMatchObject({ code: 'identity.bad-signature' });
    expect(verifyGrant(token, { app: 'demo', secrets: [OTHER, { ...SECRET }] })).toMatchObject({
      grant: { key: 'k1' },
    });
    expect(verifyGrant(minted(SPEC, { app: 'demo\0x' }), { app: 'demo', secrets: [SECRET] }).ok).toBe(false);
  });

  test('expires at the end of its last minute', () => {
    const end = NOW + 60 * 60_000;
    expect(verifyGrant(minted(), { ...verifying, now: end - 1 }).ok).toBe(true);
    expect(verifyGrant(minted(), { ...verifying, now: end })).toMatchObject({ code: 'identity.expired' });
  });

  test('is dated after what was revoked by its time of issue', () => {
    const revocations = [
      { id: 1, reason: '', keepUntil: 0, type: 'issued-before', issuedBefore: 5 },
      { id: 2, reason: '', keepUntil: 0, type: 'user', user: 'ann', issuedBefore: NOW / 1000 },
      { id: 3, reason: '', keepUntil: 0, type: 'token', token: 'x' },
    ] as const;
    expect([issuedAfter(revocations, 'ann'), issuedAfter(revocations, 'bob'), issuedAfter([])]).toEqual([
      NOW / 1000,
      5,
      -1,
    ]);
    const token = minted(SPEC, { issuedAfter: issuedAfter(revocations, 'ann') });
    expect(parseGrant(token)).toMatchObject({ grant: { issuedAt: NOW / 1000 + 1 } });
  });
});

describe('verifyGrant refuses', () => {
  const token = minted();

  test('a token cut anywhere', () => {
    for (let length = 0; length < token.length; length++) expect(refusal(token.slice(0, length))).not.toBe('accepted');
    const bytes = bytesOf(token);
    for (let length = 0; length < bytes.length; length++) {
      expect(refusal(encodeBase64url(bytes.slice(0, length), true))).not.toBe('accepted');
    }
  });

  test('a token altered at any byte, in any one bit', () => {
    const bytes = bytesOf(token);
    for (let at = 0; at < bytes.length; at++) {
      for (let bit = 1; bit < 256; bit *= 2) {
        const altered = bytes.slice();
        altered[at] = (bytes[at] ?? 0) ^ bit;
        expect(refusal(encodeBase64url(altered, true))).toBe('identity.bad-signature');
      }
    }
  });

  test('a token with any character replaced', () => {
    for (let at = 0; at < token.length; at++) {
      for (const character of 'A_-/+= \n*') {
        if (token[at] === character) continue;
        expect(refusal(token.slice(0, at) + character + token.slice(at + 1))).not.toBe('accepted');
      }
    }
  });

  test('another spelling of a valid token', () => {
    // Two bytes past a multiple of three: both padding and unused bits are there.
    const spellings = ['a', 'ab', 'abc'].map((user) => minted({ ...SPEC, authorizedUser: user }));
    expect(new Set(spellings.map((one) => one.length - one.replace(/=+$/, '').length))).toEqual(new Set([0, 1, 2]));
    for (const one of spellings) {
      expect(refusal(one)).toBe('accepted');
      const bare = one.replace(/=+$/, '');
      const variants = [
        `${one}=`,
        `${bare}===`,
        ` ${one}`,
        `${one}\n`,
        `${one}%3D`,
        one.replace(/[-_]/g, (c) => (c === '-' ? '+' : '/')),
      ];
      if (bare !== one)
        variants.push(
          bare,
          `${bare}==`.slice(0, bare.length + (one.length - bare.length === 1 ? 2 : 1)),
          withSpareBits(bare, one),
        );
      for (const variant of variants) if (variant !== one) expect(refusal(variant)).not.toBe('accepted');
      expect(verifyGrant(bare, { ...verifying, unpadded: true }).ok).toBe(true);
      if (bare !== one) expect(verifyGrant(one, { ...verifying, unpadded: true }).ok).toBe(false);
    }
  });

  test('noise', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => refusal(text) !== 'accepted'),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        parseGrant(encodeBase64url(bytes));
        return refusal(encodeBase64url(bytes, true)) !== 'accepted';
      }),
      { numRuns: 2000 },
    );
    expect(refusal('q'.repeat(GRANT_LIMITS.tokenLength + 1))).toBe('identity.malformed');
  });

  test('noise that is signed: the decoder meets anything and throws at nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => refusal(signed(bytes)) === 'identity.malformed'),
      { numRuns: 2000 },
    );
    // Nesting as deep as fits.
    expect(refusal(signed(new Uint8Array(20_000).fill(0x81)))).toBe('identity.malformed');
    expect(refusal(signed(new Uint8Array(20_000).fill(0xa1)))).toBe('identity.malformed');
  });

  test('a valid token altered in one byte and signed again, unless it is a valid token', () => {
    const bytes = bytesOf(token).slice(0, -SIGNATURE_BYTES);
    for (let at = 0; at < bytes.length; at++) {
      for (const xor of [0x01, 0x20, 0x80, 0xff]) {
        const altered = bytes.slice();
        altered[at] = (bytes[at] ?? 0) ^ xor;
        const respelled = signed(altered);
        const outcome = verifyGrant(respelled, verifying);
        // What is accepted says something else, and says it canonically: minting it gives the same bytes.
        if (!outcome.ok) continue;
        const { authorizedUser, ...grant } = outcome.grant;
        const again = mintAgain(respelled, { ...grant, ...(authorizedUser === undefined ? {} : { authorizedUser }) });
        // Patterns are compiled when they are asked for: one that does not compile then matches nothing.
        if (!again.includes('"at":"patterns.channels"')) expect(again).toBe(respelled);
      }
    }
  });

  const k = (text: string): Uint8Array => new TextEncoder().encode(text);
  type Fields = Map<string, unknown>;
  const table = (
    chan: unknown = new Map([['a', 1]]),
    extra: readonly [unknown, unknown][] = [],
  ): Map<unknown, unknown> =>
    new Map<unknown, unknown>([
      [k('chan'), chan],
      [k('grp'), new Map()],
      [k('spc'), new Map()],
      [k('usr'), new Map()],
      [k('uuid'), new Map()],
      ...extra,
    ]);
  const fields = (changed: Fields = new Map()): Fields =>
    new Map<string, unknown>([
      ['v', 2],
      ['t', 1_700_000_000],
      ['ttl', 60],
      ['res', table()],
      ['pat', table(new Map())],
      ['meta', new Map([['_nonce', '0123456789abcdef']])],
      ...changed,
    ]);
  const tokenOf = (all: Fields, keyed: (key: string) => unknown = k): string => {
    const whole = new Map([...all].map(([key, value]) => [keyed(key), value]));
    whole.set(keyed('sig'), new Uint8Array(SIGNATURE_BYTES));
    const encoded = encode(whole, { mapSorter: () => 0 });
    return signed(encoded.slice(0, -SIGNATURE_BYTES));
  };
  const withField = (key: string, value: unknown): Fields => fields(new Map([[key, value]]));

  test('nothing of this: the plain token that the next test alters', () => {
    expect(refusal(tokenOf(fields()))).toBe('accepted');
    expect(refusal(tokenOf(withField('uuid', 'ann')))).toBe('accepted');
  });

  test.each<readonly [string, Fields]>([
    ['an unknown key', withField('role', 'admin')],
    ['an unknown section', withField('res', table(new Map([['a', 1]]), [[k('all'), new Map()]]))],
    ['an unknown bit', withField('res', table(new Map([['a', 256]])))],
    ['the retired bit', withField('res', table(new Map([['a', 17]])))],
    ['a mask of nothing', withField('res', table(new Map([['a', 0]])))],
    ['a negative mask', withField('res', table(new Map([['a', -1]])))],
    ['a mask with a fraction', withField('res', table(new Map([['a', 1.5]])))],
    ['a mask that is text', withField('res', table(new Map([['a', '1']])))],
    ['channels that are no map', withField('res', table([]))],
    ['names that are byte strings', withField('res', table(new Map([[k('a'), 1]])))],
    [
      'entries out of order',
      withField(
        'res',
        table(
          new Map([
            ['b', 1],
            ['a', 1],
          ]),
        ),
      ),
    ],
    ['resources that are no map', withField('res', 1)],
    ['a missing section', withField('res', new Map([[k('chan'), new Map([['a', 1]])]]))],
    ['spaces', withField('res', new Map<unknown, unknown>([...table(), [k('spc'), new Map([['a', 1]])]]))],
    ['another version', withField('v', 1)],
    ['no time to live', withField('ttl', 0)],
    ['too long a time to live', withField('ttl', 43_201)],
    ['a time of issue that is no count', withField('t', -1)],
    ['an empty user', withField('uuid', '')],
    ['a user that is not text', withField('uuid', k('ann'))],
    [
      'meta that nests',
      withField(
        'meta',
        new Map<string, unknown>([
          ['_nonce', 'x'],
          ['a', new Map()],
        ]),
      ),
    ],
    ['meta that is no map', withField('meta', 1)],
    ['no nonce', withField('meta', new Map())],
    ['fields out of order', new Map([...fields()].reverse())],
    ['a missing field', new Map([...fields()].filter(([key]) => key !== 'pat'))],
  ])('a signed token with %s', (_name, altered) => {
    expect(refusal(tokenOf(altered))).toBe('identity.malformed');
  });

  test('a signed token with keys as text, bytes after its end, or numbers and maps spelled at length', () => {
    expect(refusal(tokenOf(fields(), (key) => key))).toBe('identity.malformed');
    const bytes = bytesOf(tokenOf(fields()));
    expect(refusal(signed(bytes))).toBe('identity.malformed');
    // 0xa7 says a map of seven; 0xbf … 0xff says the same of unknown length, 0xb8 0x07 the same at length.
    const body = bytes.slice(1, -SIGNATURE_BYTES);
    expect(refusal(signed(Uint8Array.of(0xb8, 0x07, ...body)))).toBe('identity.malformed');
    expect(refusal(signed(Uint8Array.of(0xbf, ...body)))).toBe('identity.malformed');
    // `41 76 02`: the key `v` and 2. `41 76 18 02` says 2 in two bytes.
    expect([...bytes.slice(0, 4)]).toEqual([0xa7, 0x41, 0x76, 0x02]);
    expect(refusal(signed(Uint8Array.of(0xa7, 0x41, 0x76, 0x18, 0x02, ...bytes.slice(4, -SIGNATURE_BYTES))))).toBe(
      'identity.malformed',
    );
  });

  test('a signed token with a key twice', () => {
    const body = bytesOf(tokenOf(fields())).slice(1, -SIGNATURE_BYTES);
    const twice = Uint8Array.of(0xa8, 0x41, 0x76, 0x02, ...body);
    expect(refusal(signed(twice))).toBe('identity.malformed');
    expect(parseGrant(signed(twice))).toMatchObject({ ok: false });
  });

  function signed(bytes: Uint8Array): string {
    return encodeBase64url(Uint8Array.of(...bytes, ...sign(bytes, 'demo', SECRET)), true);
  }

  /** Mints what a verified token says, with the nonce that it carries. */
  function mintAgain(text: string, grant: GrantSpec & { readonly issuedAt: number }): string {
    const raw: unknown = decode(bytesOf(text), { useMaps: true });
    const nonce = raw instanceof Map ? nonceOf(raw) : '';
    const tables = { resources: grant.resources ?? {}, patterns: grant.patterns ?? {} };
    const spec = { ttl: grant.ttl, meta: grant.meta ?? {}, ...tables };
    const user = grant.authorizedUser;
    const outcome = mintGrant(user === undefined ? spec : { ...spec, authorizedUser: user }, {
      ...context,
      now: grant.issuedAt * 1000,
      nonce,
    });
    return outcome.ok ? outcome.token : JSON.stringify(outcome.problems);
  }

  function nonceOf(token: Map<unknown, unknown>): string {
    for (const [key, value] of token) {
      if (key instanceof Uint8Array && new TextDecoder().decode(key) === 'meta' && value instanceof Map)
        return String(value.get('_nonce'));
    }
    return '';
  }
});

/** The same bytes with the bits that no byte uses set. */
function withSpareBits(bare: string, padded: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(bare.slice(-1));
  return bare.slice(0, -1) + alphabet.charAt(last | 1) + padded.slice(bare.length);
}

describe('base64url', () => {
  test('has one spelling of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        expect(encodeBase64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
        expect(decodeBase64url(encodeBase64url(bytes))).toEqual(bytes);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'AQgw-_9z'), maxLength: 9 }), (text) => {
        const bytes = decodeBase64url(text);
        if (bytes !== undefined) expect(encodeBase64url(bytes)).toBe(text);
      }),
    );
  });
});
