import { describe, expect, test } from 'vitest';
import { IDENTITY_LIMITS } from './key-config.ts';
import { ManualClock, NOW, SECONDS } from './manual-clock.fixture.ts';
import { claims, hs256, identifierWith, outcome, SHARED, userOf } from './tokens.fixture.ts';

const seconds = (ahead: number) => SECONDS + ahead;

describe('times', () => {
  const cases: readonly (readonly [string, object, string])[] = [
    ['no "exp"', { exp: undefined }, 'identity.malformed'],
    ['an "exp" in text', { exp: String(seconds(60)) }, 'identity.malformed'],
    ['an "exp" of null', { exp: null }, 'identity.malformed'],
    ['an "exp" before 1970', { exp: -1 }, 'identity.malformed'],
    ['an "exp" 6 s ago', { exp: seconds(-6) }, 'identity.expired'],
    ['an "exp" 5 s ago', { exp: seconds(-5) }, 'identity.expired'],
    ['an "exp" 4 s ago', { exp: seconds(-4) }, 'user alice'],
    ['an "exp" of this instant', { exp: seconds(0) }, 'user alice'],
    ['an "nbf" 5 s ahead', { nbf: seconds(5) }, 'user alice'],
    ['an "nbf" 6 s ahead', { nbf: seconds(6) }, 'identity.not-yet-valid'],
    ['an "nbf" in text', { nbf: 'now' }, 'identity.malformed'],
    ['an "nbf" of null', { nbf: null }, 'identity.malformed'],
    ['an "iat" a day ahead', { iat: seconds(86_400), exp: seconds(90_000) }, 'identity.not-yet-valid'],
    ['an "iat" in text', { iat: '0' }, 'identity.malformed'],
    ['no "iat"', { iat: undefined }, 'user alice'],
  ];
  test.each(cases)('a token with %s', async (_, more, expected) => {
    expect(await outcome(identifierWith([SHARED]), hs256(claims(more)))).toBe(expected);
  });

  test('a numeric date that is no number of JSON is malformed', async () => {
    expect(await outcome(identifierWith([SHARED]), hs256('{"sub":"a","exp":1e999}'))).toBe('identity.malformed');
  });

  test('a session ends at "exp" sharp, and a late arrival when the tolerance is used up', async () => {
    const identifier = identifierWith([SHARED]);
    const inTime = await userOf(identifier, hs256(claims({ exp: seconds(1.5) })));
    expect(inTime.credentials[0]?.expiresAt).toBe(NOW + 1_500);
    const late = await userOf(identifier, hs256(claims({ exp: seconds(-3) })));
    expect(late.credentials[0]?.expiresAt).toBe(NOW + 2_000);
  });

  test('an "exp" past the end of time is the end of time', async () => {
    const user = await userOf(identifierWith([SHARED]), hs256(claims({ exp: 1e300 })));
    expect(new Date(user.credentials[0]?.expiresAt ?? Number.NaN).getTime()).toBe(8.64e15);
  });

  test('a fraction of a second lifts nothing out of the second it was issued in', async () => {
    const user = await userOf(identifierWith([SHARED]), hs256(claims({ iat: seconds(0.9) })));
    expect(user.credentials[0]?.issuedAt).toBe(SECONDS);
    const silent = await userOf(identifierWith([SHARED]), hs256(claims({ iat: undefined })));
    expect(silent.credentials[0]?.issuedAt).toBe(0);
  });

  test('a token that was good stops being good when its time is over, remembered or not', async () => {
    const clock = new ManualClock();
    const identifier = identifierWith([SHARED], { clock });
    const token = hs256(claims({ exp: seconds(10), nbf: seconds(0) }));
    expect(await outcome(identifier, token)).toBe('user alice');
    await clock.pass(14_999);
    expect(await outcome(identifier, token)).toBe('user alice');
    await clock.pass(1);
    expect(await outcome(identifier, token)).toBe('identity.expired');
  });
});

describe('the user', () => {
  const cases: readonly (readonly [object, string])[] = [
    [{ sub: 'bob' }, 'user bob'],
    [{ sub: '' }, 'identity.malformed'],
    [{ sub: 7 }, 'identity.malformed'],
    [{ sub: null }, 'identity.malformed'],
    [{ sub: ['a'] }, 'identity.malformed'],
    [{ sub: undefined }, 'identity.malformed'],
    [{ sub: 'x'.repeat(255) }, `user ${'x'.repeat(255)}`],
    [{ sub: 'é'.repeat(128) }, 'identity.malformed'],
    [{ sub: 'a\u0000b' }, 'identity.malformed'],
    [{ sub: 'a\nb' }, 'identity.malformed'],
    [{ sub: 'a\u202eb' }, 'identity.malformed'],
    [{ sub: 'a\ud800' }, 'identity.malformed'],
    [{ sub: undefined, row_id: 7 }, 'user 1:7'],
    [{ sub: undefined, row_id: '7', dbo_id: 12 }, 'user 12:7'],
    [{ sub: undefined, dbo_id: 12 }, 'identity.malformed'],
    [{ sub: undefined, row_id: 1.5 }, 'identity.malformed'],
    [{ sub: undefined, row_id: -1 }, 'identity.malformed'],
    [{ sub: undefined, row_id: 2 ** 53 }, 'identity.malformed'],
    [{ sub: undefined, row_id: '' }, 'identity.malformed'],
    [{ sub: undefined, row_id: null }, 'identity.malformed'],
    [{ sub: undefined, row_id: 'c', dbo_id: 'a:b' }, 'identity.malformed'],
    [{ sub: 'bob', dbo_id: true }, 'identity.malformed'],
    [{ sub: 'bob', row_id: {} }, 'identity.malformed'],
    [{ jti: 5 }, 'identity.malformed'],
    [{ grant: {} }, 'identity.malformed'],
  ];
  test.each(cases)('of %j', async (more, expected) => {
    expect(await outcome(identifierWith([SHARED]), hs256(claims(more)))).toBe(expected);
  });

  test('is row `sub` of table 1 unless the token says otherwise', async () => {
    const identifier = identifierWith([SHARED]);
    expect(await userOf(identifier, hs256(claims()))).toMatchObject({ table: 1, row: 'alice', extras: {} });
    expect(await userOf(identifier, hs256(claims({ row_id: 9 })))).toMatchObject({ table: 1, row: 9 });
    expect(await userOf(identifier, hs256(claims({ dbo_id: 'staff' })))).toMatchObject({
      table: 'staff',
      row: 'alice',
    });
  });

  test.each([['[]'], ['null'], ['"alice"'], ['5'], ['{'], [''], ['\ufffd']])(
    'is not in claims that are %j',
    async (text) => {
      expect(await outcome(identifierWith([SHARED]), hs256(text))).toBe('identity.malformed');
    },
  );

  test('is not in claims that are not UTF-8', async () => {
    const { createHmac } = await import('node:crypto');
    const { encode, SECRET } = await import('./tokens.fixture.ts');
    const payload = Buffer.concat([Buffer.from('{"sub":"'), Buffer.from([0xff]), Buffer.from('","exp":9e9}')]);
    const input = `${encode({ alg: 'HS256' })}.${payload.toString('base64url')}`;
    const token = `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`;
    expect(await outcome(identifierWith([SHARED]), token)).toBe('identity.malformed');
  });
});

describe('a key with a `users` name', () => {
  const partner = { ...SHARED, id: 'partner', secret: 'the-partner-has-a-secret-of-its-own-too', users: 'partner' };
  const identifier = identifierWith([SHARED, partner]);
  const byPartner = (more: object) => hs256(claims(more), partner.secret);

  test('speaks for users, tables and rows of its own only', async () => {
    expect(await userOf(identifier, byPartner({}))).toMatchObject({
      user: 'partner:alice',
      table: 'partner:1',
      row: 'alice',
    });
    expect(await userOf(identifier, byPartner({ sub: undefined, dbo_id: 5, row_id: 7 }))).toMatchObject({
      user: 'partner:5:7',
      table: 'partner:5',
      row: 7,
    });
  });

  test('is the only one that does', async () => {
    expect(await outcome(identifier, hs256(claims({ sub: 'partner:alice' })))).toBe('identity.user-mismatch');
    expect(await outcome(identifier, hs256(claims({ sub: undefined, dbo_id: 'partner', row_id: 1 })))).toBe(
      'identity.user-mismatch',
    );
    expect(await outcome(identifier, hs256(claims({ sub: 'partners:alice' })))).toBe('user partners:alice');
    expect(await outcome(identifier, hs256(claims({ sub: 'partner' })))).toBe('user partner');
  });

  test('counts the name towards the length of the user id', async () => {
    expect(await outcome(identifier, byPartner({ sub: 'x'.repeat(247) }))).toBe(`user partner:${'x'.repeat(247)}`);
    expect(await outcome(identifier, byPartner({ sub: 'x'.repeat(248) }))).toBe('identity.malformed');
  });
});

describe('extras', () => {
  const limits = { ...IDENTITY_LIMITS, extras: 100, messageDepth: 3 };
  const cases: readonly (readonly [unknown, string])[] = [
    [{}, 'user alice'],
    [{ a: 'x'.repeat(92) }, 'user alice'],
    [{ a: 'x'.repeat(93) }, 'limit.extras'],
    [{ a: 'é'.repeat(47) }, 'limit.extras'],
    [{ a: { b: { c: 1 } } }, 'user alice'],
    [{ a: { b: { c: {} } } }, 'limit.extras'],
    [[], 'identity.malformed'],
    [null, 'identity.malformed'],
    ['text', 'identity.malformed'],
  ];
  test.each(cases)('of %j', async (extras, expected) => {
    const identifier = identifierWith([SHARED], { config: { limits } });
    expect(await outcome(identifier, hs256(claims({ extras })))).toBe(expected);
  });

  test('nested ten thousand deep are refused like others that are nested too deeply', async () => {
    const deep = `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
    const token = hs256(`{"sub":"alice","exp":${seconds(60)},"extras":${deep}}`);
    expect(await outcome(identifierWith([SHARED]), token)).toBe('limit.extras');
  });
});
