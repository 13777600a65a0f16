import fc from 'fast-check';
import { CompactEncrypt } from 'jose';
import { expect, test } from 'vitest';
import { IDENTITY_LIMITS, type SymmetricJweConfig } from './key-config.ts';
import {
  claims,
  ecPair,
  encode,
  es256,
  hs256,
  identifierWith,
  outcome,
  pemOf,
  SECRET,
  SHARED,
} from './tokens.fixture.ts';

const ec = ecPair();
const JWE: SymmetricJweConfig = { kind: 'jwe', id: 'jwe', alg: 'A256KW', enc: 'A256GCM', secret: 'k'.repeat(32) };
const identifier = identifierWith([SHARED, { kind: 'pem', id: 'ec', alg: 'ES256', pem: pemOf(ec.publicKey) }, JWE], {
  config: { grantSecrets: [{ id: 'secret', secret: 'the-signing-secret-of-permission-tokens' }] },
});

async function goodTokens(): Promise<readonly string[]> {
  const sealed = new CompactEncrypt(new TextEncoder().encode(JSON.stringify(claims())))
    .setProtectedHeader({ alg: JWE.alg, enc: JWE.enc, zip: 'DEF' })
    .encrypt(new TextEncoder().encode(JWE.secret));
  return [hs256(claims()), es256(claims(), ec.privateKey), await sealed];
}

test('a token cut short anywhere, at either end, is refused', async () => {
  for (const token of await goodTokens()) {
    expect(await outcome(identifier, token)).toBe('user alice');
    for (let at = 0; at < token.length; at++) {
      expect(await outcome(identifier, token.slice(0, at))).toMatch(/^identity\.(malformed|bad-signature)$/);
      expect(await outcome(identifier, token.slice(at + 1))).toMatch(/^identity\.(malformed|bad-signature)$/);
    }
  }
});

test('a token with one character changed, taken out or doubled is refused', async () => {
  for (const token of await goodTokens()) {
    for (let at = 0; at < token.length; at++) {
      const char = token.charAt(at);
      const other = char === 'A' ? 'B' : 'A';
      for (const text of [
        token.slice(0, at) + other + token.slice(at + 1),
        token.slice(0, at) + token.slice(at + 1),
        token.slice(0, at) + char + token.slice(at),
      ]) {
        if (text === token) continue;
        expect(await outcome(identifier, text)).toMatch(/^identity\.(malformed|bad-signature)$/);
      }
    }
  }
});

test('a token with something around it is refused', async () => {
  for (const token of await goodTokens()) {
    for (const text of [
      ` ${token}`,
      `${token} `,
      `${token}\n`,
      `Bearer ${token}`,
      `${token}=`,
      `${token}.`,
      `.${token}`,
      `${token}é`,
    ]) {
      expect(await outcome(identifier, text)).toBe('identity.malformed');
    }
  }
});

test('a token longer than `limits.token` is refused, however good', async () => {
  const limits = { ...IDENTITY_LIMITS, token: 300 };
  const small = identifierWith([SHARED], { config: { limits } });
  const token = hs256(claims({ pad: 'x'.repeat(300) }));
  expect(await outcome(identifierWith([SHARED]), token)).toBe('user alice');
  expect(await outcome(small, token)).toBe('identity.malformed');
  expect(await outcome(small, 'x'.repeat(1_000_000))).toBe('identity.malformed');
});

test('no string is an identity, and none makes it throw', async () => {
  const segment = fc.base64String({ maxLength: 40 }).map((text) => text.replace(/[+/=]/g, '-'));
  const json = fc.json().map(encode);
  const header = fc
    .record({
      alg: fc.constantFrom('HS256', 'ES256', 'none', 'A256KW', 'dir', '__proto__', 'constructor'),
      enc: fc.constantFrom('A256GCM', 'A256CBC-HS512', undefined),
      zip: fc.constantFrom('DEF', 'GZ', undefined),
      kid: fc.oneof(fc.constant(undefined), fc.string(), fc.integer()),
      epk: fc.oneof(fc.constant(undefined), fc.json()),
    })
    .map(encode);
  const part = fc.oneof(segment, json, header);
  const token = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    segment,
    fc.tuple(header, part, segment).map((parts) => parts.join('.')),
    fc.tuple(header, segment, segment, segment, segment).map((parts) => parts.join('.')),
    fc.array(part, { maxLength: 7 }).map((parts) => parts.join('.')),
  );
  await fc.assert(
    fc.asyncProperty(token, fc.option(fc.string(), { nil: undefined }), async (text, statedUser) => {
      const identified = await identifier.identify(
        statedUser === undefined ? { token: text } : { token: text, statedUser },
      );
      expect(identified.ok).toBe(false);
    }),
    { numRuns: 3_000 },
  );
});

test('claims of any shape identify only by what they say', async () => {
  const payload = fc.oneof(
    fc.json(),
    fc
      .record(
        {
          sub: fc.jsonValue(),
          exp: fc.jsonValue(),
          nbf: fc.jsonValue(),
          extras: fc.jsonValue(),
          dbo_id: fc.jsonValue(),
        },
        { requiredKeys: [] },
      )
      .map((value) => JSON.stringify(value)),
  );
  await fc.assert(
    fc.asyncProperty(payload, async (text) => {
      const identified = await identifier.identify({ token: hs256(text, SECRET) });
      if (!identified.ok) return;
      const said = JSON.parse(text) as { sub?: string };
      expect(identified.principal).toMatchObject({ kind: 'user', user: said.sub });
    }),
    { numRuns: 1_000 },
  );
});

test('what is refused is refused in words that hold nothing of it', async () => {
  const marks = ['zebra-header', 'zebra-claim', 'zebra-user'];
  const hostile = [
    hs256(claims({ sub: 'zebra-user' }), 'a-secret-that-nobody-configured-here', { kid: 'zebra-header' }),
    hs256(claims({ iss: 'zebra-claim', sub: '' })),
    hs256(claims(), SECRET, { crit: ['zebra-header'] }),
    'zebra-header.zebra-claim.zebra-user',
  ];
  for (const token of hostile) {
    const identified = await identifier.identify({ token, statedUser: 'zebra-user' });
    if (identified.ok) throw new Error('was taken for good');
    for (const mark of marks) expect(identified.reason).not.toContain(mark);
  }
});
