import { ANONYMOUS, type GrantSpec, mintGrant } from '@portcullis/policy';
import { describe, expect, test } from 'vitest';
import { ManualClock, NOW, SECONDS } from './manual-clock.fixture.ts';
import { APP, claims, hs256, identifierWith, identityOf, outcome, SHARED, userOf } from './tokens.fixture.ts';

const ACTIVE = { id: 'secret', secret: 'the-signing-secret-of-permission-tokens' };
const PREVIOUS = { id: 'previous', secret: 'the-secret-that-was-rotated-out-of-use' };
const config = { grantSecrets: [ACTIVE, PREVIOUS] };
const identifier = identifierWith([SHARED], { config });
let nonces = 0;

function granted(more: Partial<GrantSpec> = {}, secret = ACTIVE, app = APP): string {
  const spec = { ttl: 60, resources: { channels: new Map([['room', 3]]) }, ...more };
  const minted = mintGrant(spec, { app, secret, now: NOW, nonce: `nonce-${String(nonces++).padStart(16, '0')}` });
  if (!minted.ok) throw new Error(JSON.stringify(minted.problems));
  return minted.token;
}

const FOR_ALICE = granted({ authorizedUser: 'alice' });
const UNBOUND = granted();

test('without a token: nobody, or somebody who states an id', async () => {
  expect(await identifier.identify({})).toEqual({ ok: true, principal: ANONYMOUS });
  expect(await identifier.identify({ statedUser: 'alice' })).toEqual({
    ok: true,
    principal: { kind: 'stated', user: 'alice', credentials: [] },
  });
});

describe('a permission token', () => {
  const cases: readonly (readonly [string, Parameters<typeof outcome>[1], string])[] = [
    ['bound, and its user stated', { token: FOR_ALICE, statedUser: 'alice', statesUser: true }, 'user alice'],
    ['bound, and another user stated', { token: FOR_ALICE, statedUser: 'bob' }, 'identity.user-mismatch'],
    ['bound, on a door where nobody can be stated', { token: FOR_ALICE }, 'user alice'],
    ['bound, and nobody stated where one could be', { token: FOR_ALICE, statesUser: true }, 'identity.user-mismatch'],
    ['unbound, and a user stated', { token: UNBOUND, statedUser: 'bob', statesUser: true }, 'stated bob'],
    ['unbound, and nobody stated', { token: UNBOUND }, 'anonymous'],
    ['of the secret before', { token: granted({ authorizedUser: 'alice' }, PREVIOUS) }, 'user alice'],
    [
      'of no secret of the app',
      { token: granted({}, { id: 'x', secret: 'a-secret-that-nobody-configured-here' }) },
      'identity.bad-signature',
    ],
    ['of another app with the same secret', { token: granted({}, ACTIVE, 'other') }, 'identity.bad-signature'],
  ];
  test.each(cases)('%s', async (_, proofs, expected) => {
    expect(await outcome(identifier, proofs)).toBe(expected);
  });

  test('is carried by whoever it makes of its bearer, with its credential', async () => {
    const bound = await userOf(identifier, FOR_ALICE);
    expect(bound).toMatchObject({
      table: 1,
      row: 'alice',
      extras: {},
      grant: { authorizedUser: 'alice', key: 'secret' },
    });
    expect(bound.credentials).toEqual([
      { type: 'grant', id: bound.grant?.id, key: 'secret', issuedAt: SECONDS, expiresAt: NOW + 3_600_000 },
    ]);
    const unbound = await identifier.identify({ token: UNBOUND });
    expect(unbound).toMatchObject({ ok: true, principal: { kind: 'anonymous', credentials: [{ type: 'grant' }] } });
  });

  test('answers in the same turn', () => {
    expect(identifier.identify({ token: FOR_ALICE })).toMatchObject({ ok: true });
  });

  test('travels without its padding where the wire cannot carry it, and nowhere else', async () => {
    const padded = Array.from({ length: 3 }, (_, n) => granted({ authorizedUser: 'u'.repeat(n + 1) })).filter((token) =>
      token.endsWith('='),
    );
    expect(padded.length).toBeGreaterThan(0);
    for (const token of padded) {
      const bare = token.replace(/=+$/, '');
      expect(await outcome(identifier, { token: bare, unpadded: true })).toMatch(/^user u+$/);
      expect(await outcome(identifier, { token: bare })).toBe('identity.malformed');
      expect(await outcome(identifier, { token, unpadded: true })).toBe('identity.malformed');
      expect((await userOf(identifier, { token: bare, unpadded: true })).grant?.id).toBe(
        (await userOf(identifier, token)).grant?.id,
      );
    }
  });

  test('ends with its ttl', async () => {
    const clock = new ManualClock();
    const later = identifierWith([], { config, clock });
    await clock.pass(3_599_999);
    expect(await outcome(later, FOR_ALICE)).toBe('user alice');
    await clock.pass(1);
    expect(await outcome(later, FOR_ALICE)).toBe('identity.expired');
  });

  test('cut short, or with a character changed, is refused', async () => {
    for (let at = 0; at < FOR_ALICE.length; at++) {
      const changed = FOR_ALICE.slice(0, at) + (FOR_ALICE[at] === 'A' ? 'B' : 'A') + FOR_ALICE.slice(at + 1);
      for (const text of [FOR_ALICE.slice(0, at), FOR_ALICE.slice(at + 1), changed]) {
        expect(await outcome(identifier, text)).toMatch(/^identity\.(malformed|bad-signature)$/);
      }
    }
  });
});

describe('a JWT', () => {
  test('and a stated user are of one user, or refused', async () => {
    const token = hs256(claims());
    expect(await outcome(identifier, { token, statedUser: 'alice' })).toBe('user alice');
    expect(await outcome(identifier, { token, statedUser: 'Alice' })).toBe('identity.user-mismatch');
    expect(await outcome(identifier, { token, statesUser: true })).toBe('user alice');
  });

  const carrying = (grant: string, more: object = {}) => hs256(claims({ grant, ...more }));
  const cases: readonly (readonly [string, string, string])[] = [
    ['of its user', carrying(FOR_ALICE), 'user alice'],
    ['of another user', carrying(FOR_ALICE, { sub: 'bob' }), 'identity.user-mismatch'],
    ['bound to nobody', carrying(UNBOUND), 'identity.user-mismatch'],
    ['of another app', carrying(granted({ authorizedUser: 'alice' }, ACTIVE, 'other')), 'identity.bad-signature'],
    ['that is none', carrying('nonsense'), 'identity.malformed'],
    ['that is empty', carrying(''), 'identity.malformed'],
    ['that is a JWT', carrying(hs256(claims())), 'identity.malformed'],
  ];
  test.each(cases)('carries a permission token %s', async (_, token, expected) => {
    expect(await outcome(identifier, token)).toBe(expected);
  });

  test('that carries one is borne with both credentials, and is looked at anew each time', async () => {
    const clock = new ManualClock();
    const later = identifierWith([SHARED], { config, clock });
    const token = carrying(granted({ authorizedUser: 'alice', ttl: 1 }));
    const user = await userOf(later, token);
    expect(user.credentials.map(({ type, key }) => [type, key])).toEqual([
      ['jwt', 'main'],
      ['grant', 'secret'],
    ]);
    expect(user.grant?.authorizedUser).toBe('alice');
    await clock.pass(60_000);
    expect(await outcome(later, token)).toBe('identity.expired');
  });

  test('verified before answers in the same turn', async () => {
    const token = hs256(claims({ jti: 'twice' }));
    expect(await outcome(identifier, token)).toBe('user alice');
    expect(identifier.identify({ token })).toMatchObject({ ok: true });
    expect(identifier.identify({ token, statedUser: 'bob' })).toMatchObject({ code: 'identity.user-mismatch' });
  });
});

test('a field that came twice is refused, whatever it holds', async () => {
  expect(await outcome(identifier, { token: FOR_ALICE, repeated: ['auth'] })).toBe('request.malformed');
  expect(await outcome(identifier, { repeated: ['uuid'], statedUser: 'alice' })).toBe('request.malformed');
});

test('a stated user is held to what any user id is', async () => {
  for (const statedUser of ['', 'a\nb', '\u200b', 'x'.repeat(256), '\ud800']) {
    expect(await outcome(identifier, { statedUser })).toBe('identity.malformed');
    expect(await outcome(identifier, { statedUser, token: UNBOUND })).toBe('identity.malformed');
  }
});

test('a secret rotated out cuts what rests on it', async () => {
  const rotating = identifierWith([SHARED], { config });
  const removed: string[] = [];
  const stop = rotating.onKeysRemoved((keys) => removed.push(...keys));
  const old = granted({ authorizedUser: 'alice' }, PREVIOUS);
  expect(rotating.keyStillTrusted('previous')).toBe(true);
  rotating.reconfigure(identityOf([SHARED], { grantSecrets: [ACTIVE] }));
  expect(removed).toEqual(['previous']);
  expect(rotating.keyStillTrusted('previous')).toBe(false);
  expect(await outcome(rotating, old)).toBe('identity.bad-signature');
  expect(await outcome(rotating, FOR_ALICE)).toBe('user alice');
  stop();
  rotating.reconfigure(identityOf([]));
  expect(removed).toEqual(['previous']);
});

test('what a revocation of a token has to name is told of expired tokens as well, and only of genuine ones', async () => {
  const expired = hs256(claims({ exp: SECONDS - 100, jti: 'j' }));
  expect(await identifier.credentialsOf(expired)).toMatchObject({
    ok: true,
    credentials: [{ type: 'jwt', jti: 'j', expiresAt: (SECONDS - 95) * 1_000 }],
  });
  const user = await userOf(identifier, FOR_ALICE);
  expect(await identifier.credentialsOf(FOR_ALICE)).toEqual({ ok: true, credentials: user.credentials });
  expect(await identifier.credentialsOf(hs256(claims(), 'a-secret-that-nobody-configured-here'))).toMatchObject({
    ok: false,
    code: 'identity.bad-signature',
  });
  expect(await identifier.credentialsOf('')).toMatchObject({ ok: false, code: 'identity.malformed' });
});
