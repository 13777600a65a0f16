import { createHash, createHmac } from 'node:crypto';
import { exportJWK } from 'jose';
import { describe, expect, test } from 'vitest';
import type { IdentityKeyConfig } from './key-config.ts';
import { SECONDS } from './manual-clock.fixture.ts';
import {
  claims,
  ecPair,
  encode,
  es256,
  hs256,
  identifierWith,
  outcome,
  pemOf,
  rs256,
  rsaPair,
  SECRET,
  SHARED,
  userOf,
} from './tokens.fixture.ts';

const rsa = rsaPair();
const ec = ecPair();
const RSA: IdentityKeyConfig = { kind: 'pem', id: 'rsa', alg: 'RS256', pem: pemOf(rsa.publicKey) };
const EC: IdentityKeyConfig = { kind: 'pem', id: 'ec', alg: 'ES256', pem: pemOf(ec.publicKey) };

test('a token of each kind proves its user, by the key that verified it', async () => {
  const identifier = identifierWith([SHARED, RSA, EC]);
  const tokens = [hs256(claims()), rs256(claims(), rsa.privateKey), es256(claims(), ec.privateKey)];
  const users = await Promise.all(tokens.map((token) => userOf(identifier, token)));
  expect(users.map((user) => [user.user, user.credentials[0]?.key])).toEqual([
    ['alice', 'main'],
    ['alice', 'rsa'],
    ['alice', 'ec'],
  ]);
});

test('what a token says becomes the principal and its credential', async () => {
  const token = hs256(claims({ dbo_id: 12, row_id: '7', extras: { name: 'Ann' }, jti: 'j-1' }));
  const signed = token.slice(0, token.lastIndexOf('.'));
  expect(await userOf(identifierWith([SHARED]), token)).toEqual({
    kind: 'user',
    user: 'alice',
    table: 12,
    row: '7',
    extras: { name: 'Ann' },
    credentials: [
      {
        type: 'jwt',
        id: createHash('sha256').update(signed).digest('base64url'),
        key: 'main',
        jti: 'j-1',
        issuedAt: SECONDS,
        expiresAt: (SECONDS + 3_600) * 1_000,
      },
    ],
  });
});

test('a secret can be given in base64', async () => {
  const bytes = Buffer.alloc(32, 0xe7);
  const identifier = identifierWith([{ ...SHARED, secret: bytes.toString('base64'), encoding: 'base64' }]);
  expect(await outcome(identifier, hs256(claims(), bytes))).toBe('user alice');
  expect(await outcome(identifier, hs256(claims(), bytes.toString('base64')))).toBe('identity.bad-signature');
});

describe('a token that no key of the app verifies', () => {
  const unsecured = `${encode({ alg: 'none' })}.${encode(claims())}.`;
  const byPublicKey = (alg: string) => {
    const input = `${encode({ alg })}.${encode(claims())}`;
    return `${input}.${createHmac('sha256', pemOf(rsa.publicKey)).update(input).digest('base64url')}`;
  };
  const cases: readonly (readonly [string, string])[] = [
    ['is unsecured', unsecured],
    ['is unsecured and has a signature', `${unsecured}${encode('x'.repeat(32))}`],
    ['spells "none" otherwise', `${encode({ alg: 'nOnE' })}.${encode(claims())}.`],
    ['is signed with the public key as a shared secret', byPublicKey('HS256')],
    ['says RS256 and has an HMAC', byPublicKey('RS256')],
    ['is signed with another secret', hs256(claims(), 'another-app-has-another-secret-of-its-own')],
    ['says HS512', hs256(claims(), SECRET, { alg: 'HS512' })],
    ['says RS512', rs256(claims(), rsa.privateKey, { alg: 'RS512' })],
    ['says PS256', rs256(claims(), rsa.privateKey, { alg: 'PS256' })],
    ['says ES256 and has an RSA signature', rs256(claims(), rsa.privateKey, { alg: 'ES256' })],
    ['is signed with a foreign RSA key', rs256(claims(), rsaPair().privateKey)],
    ['is signed with a foreign EC key', es256(claims(), ecPair().privateKey)],
    ['has no algorithm', hs256(claims(), SECRET, { alg: undefined })],
    ['has a list of algorithms', hs256(claims(), SECRET, { alg: ['HS256'] })],
    ['has the claims of another', hs256(claims()).replace(/\..*\./, `.${encode(claims({ sub: 'mallory' }))}.`)],
  ];
  test.each(cases)('one that %s', async (_, token) => {
    expect(await outcome(identifierWith([SHARED, RSA, EC]), token)).toBe('identity.bad-signature');
  });
});

test('keys inside a token, or addresses of keys, are never used', async () => {
  const own = ecPair();
  const jwk = await exportJWK(own.publicKey);
  const identifier = identifierWith([SHARED, EC], {
    fetch: () => {
      throw new Error('nothing in a token may be fetched');
    },
  });
  for (const header of [{ jwk }, { jku: 'https://evil.example/keys' }, { x5u: 'https://evil.example/cert' }]) {
    expect(await outcome(identifier, es256(claims(), own.privateKey, header))).toBe('identity.bad-signature');
    expect(await outcome(identifier, es256(claims(), ec.privateKey, header))).toBe('user alice');
  }
});

test('an extension that has to be understood is not', async () => {
  const identifier = identifierWith([SHARED]);
  for (const header of [{ crit: ['b64'], b64: false }, { crit: ['exp'], exp: 1 }, { crit: [] }, { crit: null }]) {
    expect(await outcome(identifier, hs256(claims(), SECRET, header))).toBe('identity.malformed');
  }
});

test('a key id that is configured has to be the one the token names, if it names one', async () => {
  const other = 'the-second-shared-secret-is-long-enough-too';
  const identifier = identifierWith([
    { ...SHARED, kid: 'one' },
    { ...SHARED, id: 'second', kid: 'two', secret: other },
  ]);
  expect(await outcome(identifier, hs256(claims(), SECRET, { kid: 'one' }))).toBe('user alice');
  expect(await outcome(identifier, hs256(claims(), other, { kid: 'two' }))).toBe('user alice');
  expect(await outcome(identifier, hs256(claims(), other))).toBe('user alice');
  expect(await outcome(identifier, hs256(claims(), other, { kid: 'one' }))).toBe('identity.bad-signature');
  expect(await outcome(identifier, hs256(claims(), SECRET, { kid: 'three' }))).toBe('identity.bad-signature');
  expect(await outcome(identifier, hs256(claims(), SECRET, { kid: 1 }))).toBe('identity.malformed');
});

test('issuer and audience have to be those of the key', async () => {
  const identifier = identifierWith([{ ...SHARED, issuer: 'https://id.example', audience: ['rt', 'rt-old'] }]);
  const right = { iss: 'https://id.example', aud: 'rt' };
  const cases: readonly (readonly [object, string])[] = [
    [right, 'user alice'],
    [{ ...right, aud: ['web', 'rt-old'] }, 'user alice'],
    [{ ...right, aud: 'web' }, 'identity.wrong-audience'],
    [{ ...right, aud: [] }, 'identity.wrong-audience'],
    [{ ...right, aud: undefined }, 'identity.wrong-audience'],
    [{ ...right, aud: { rt: true } }, 'identity.wrong-audience'],
    [{ ...right, iss: 'https://id.example/' }, 'identity.wrong-audience'],
    [{ ...right, iss: ['https://id.example'] }, 'identity.wrong-audience'],
    [{ aud: 'rt' }, 'identity.wrong-audience'],
  ];
  for (const [more, expected] of cases) {
    expect([more, await outcome(identifier, hs256(claims(more)))]).toEqual([more, expected]);
  }
});

test('entries that share a key and differ in audience each vouch for their own', async () => {
  const identifier = identifierWith([
    { ...SHARED, id: 'staff', audience: ['staff'], users: 'staff' },
    { ...SHARED, id: 'guests', audience: ['guests'] },
  ]);
  expect(await outcome(identifier, hs256(claims({ aud: 'guests' })))).toBe('user alice');
  expect(await outcome(identifier, hs256(claims({ aud: 'staff' })))).toBe('user staff:alice');
});

test('a signature cannot be spelled a second way, nor a second signature make a second token', async () => {
  const identifier = identifierWith([SHARED, EC]);
  const token = hs256(claims());
  const respelled = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
    .map((last) => token.slice(0, -1) + last)
    .filter((text) => Buffer.from(text.slice(-43), 'base64url').equals(Buffer.from(token.slice(-43), 'base64url')));
  expect(respelled.length).toBe(4);
  const outcomes = await Promise.all(respelled.map((text) => outcome(identifier, text)));
  expect(outcomes.filter((word) => word === 'user alice')).toHaveLength(1);
  expect(outcomes.filter((word) => word === 'identity.malformed')).toHaveLength(3);

  const [first, second] = [es256(claims(), ec.privateKey), es256(claims(), ec.privateKey)];
  expect(first).not.toBe(second);
  const ids = (await Promise.all([first, second].map((text) => userOf(identifier, text)))).map(
    (user) => user.credentials[0]?.id,
  );
  expect(ids[0]).toBe(ids[1]);
});

test('a token of another app is refused, whatever its key is called there', async () => {
  const here = identifierWith([SHARED], { config: { app: 'a' } });
  const there = identifierWith([{ ...SHARED, secret: 'the-secret-of-the-other-app-is-another-one' }], {
    config: { app: 'b' },
  });
  const token = hs256(claims(), SECRET, { kid: 'main' });
  expect(await outcome(here, token)).toBe('user alice');
  expect(await outcome(there, token)).toBe('identity.bad-signature');
});

test('without keys every token is refused', async () => {
  expect(await outcome(identifierWith([]), hs256(claims()))).toBe('identity.bad-signature');
});
