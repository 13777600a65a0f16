import { describe, expect, test } from 'vitest';
import { IDENTITY_LIMITS } from './key-config.ts';
import { NOW, SECONDS } from './manual-clock.fixture.ts';
import { mintUserToken, type UserTokenSpec } from './mint-user-token.ts';
import { ecPair, identifierWith, identityOf, outcome, pemOf, SHARED, userOf } from './tokens.fixture.ts';

const KEYS = [{ ...SHARED, issuer: 'portcullis', audience: ['rt', 'rt-2'] }] as const;
const AT = { now: NOW + 400, jti: 'j-1' };
const SPEC: UserTokenSpec = { user: 'alice', ttl: 60 };

async function minted(spec: UserTokenSpec, keys: Parameters<typeof identityOf>[0] = KEYS, at: object = {}) {
  const answer = await mintUserToken(spec, identityOf(keys), { ...AT, ...at });
  if (!answer.ok) throw new Error(`${answer.code}: ${answer.reason}`);
  return answer;
}

test('what is minted is accepted, as what was asked for', async () => {
  const spec = { ...SPEC, table: 12, row: 'r-7', extras: { name: 'Ann' } };
  const { token, ...rest } = await minted(spec);
  expect(rest).toEqual({ ok: true, jti: 'j-1', key: 'main', expiresAt: NOW + 60_000 });
  expect(await userOf(identifierWith(KEYS), token)).toMatchObject({
    user: 'alice',
    table: 12,
    row: 'r-7',
    extras: { name: 'Ann' },
    credentials: [{ key: 'main', jti: 'j-1', issuedAt: SECONDS, expiresAt: NOW + 60_000 }],
  });
  expect(await userOf(identifierWith(KEYS), (await minted(SPEC)).token)).toMatchObject({ table: 1, row: 'alice' });
});

test('a token is dated after the revocation that covers its user', async () => {
  const { token } = await minted(SPEC, KEYS, { issuedAfter: SECONDS });
  expect((await userOf(identifierWith(KEYS), token)).credentials[0]?.issuedAt).toBe(SECONDS + 1);
});

test('the first shared secret that may speak for the user signs', async () => {
  const partner = { ...SHARED, id: 'partner', secret: 'the-partner-has-a-secret-of-its-own-too', users: 'partner' };
  const keys = [{ kind: 'pem', id: 'ec', alg: 'ES256', pem: pemOf(ecPair().publicKey) } as const, partner, SHARED];
  expect((await minted(SPEC, keys)).key).toBe('main');
  const theirs = await minted({ ...SPEC, user: 'partner:bob', table: 'partner:5' }, keys);
  expect(theirs.key).toBe('partner');
  expect(await userOf(identifierWith(keys), theirs.token)).toMatchObject({ user: 'partner:bob', table: 'partner:5' });
  expect(
    await mintUserToken(
      { ...SPEC, user: 'partner:bob' },
      identityOf([SHARED, { ...partner, kind: 'pem', alg: 'ES256', pem: pemOf(ecPair().publicKey) }]),
      AT,
    ),
  ).toMatchObject({ ok: false });
});

describe('nothing is minted', () => {
  const cases: readonly (readonly [string, UserTokenSpec, string])[] = [
    ['for an empty user id', { ...SPEC, user: '' }, 'identity.malformed'],
    ['for a user id with a line break', { ...SPEC, user: 'a\nb' }, 'identity.malformed'],
    ['with extras over the limit', { ...SPEC, extras: { a: 'x'.repeat(5_000) } }, 'limit.extras'],
    ['for no time', { ...SPEC, ttl: 0 }, 'request.malformed'],
    ['for ever', { ...SPEC, ttl: Number.POSITIVE_INFINITY }, 'request.malformed'],
    ['with a grant that is none', { ...SPEC, grant: 'nonsense' }, 'request.malformed'],
    ['with a table that is none', { ...SPEC, table: 'a:b' }, 'identity.malformed'],
  ];
  test.each(cases)('%s', async (_, spec, code) => {
    expect(await mintUserToken(spec, identityOf(KEYS), AT)).toMatchObject({ ok: false, code });
  });

  test('without a shared secret', async () => {
    const config = { keys: [], limits: IDENTITY_LIMITS };
    expect(await mintUserToken(SPEC, config, AT)).toMatchObject({ ok: false, code: 'request.malformed' });
  });
});

test('a key id that is configured is named in the token', async () => {
  const keys = [{ ...SHARED, kid: 'k-1' }];
  const { token } = await minted(SPEC, keys);
  expect(await outcome(identifierWith(keys), token)).toBe('user alice');
  expect(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())).toEqual({
    alg: 'HS256',
    typ: 'JWT',
    kid: 'k-1',
  });
});
