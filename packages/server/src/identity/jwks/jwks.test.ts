import type { KeyObject } from 'node:crypto';
import type { Log } from '@portcullis/engine';
import { expect, test } from 'vitest';
import type { Identifier } from '../identifier.ts';
import type { JwksKeyConfig } from '../key-config.ts';
import { ManualClock, settled } from '../manual-clock.fixture.ts';
import type { Fetched } from '../outbound/fetch-document.ts';
import {
  claims,
  ecPair,
  es256,
  identifierWith,
  identityOf,
  outcome,
  pemOf,
  rs256,
  rsaPair,
  SHARED,
  userOf,
} from '../tokens.fixture.ts';

const ENTRY: JwksKeyConfig = {
  kind: 'jwks',
  id: 'idp',
  alg: 'ES256',
  jwks: 'https://id.example/keys',
  issuer: 'https://id.example',
  audience: ['rt'],
};
const [one, two] = [ecPair(), ecPair()];
const jwk = (key: KeyObject, more: object = {}) => ({ ...key.export({ format: 'jwk' }), ...more });
const tokenBy = (pair: typeof one, kid?: string, more: object = {}) =>
  es256(claims({ iss: 'https://id.example', aud: 'rt', ...more }), pair.privateKey, kid === undefined ? {} : { kid });

/** An issuer whose key set is what `keys` says when it is asked, or `failing`, or nothing until `answer` is called. */
class Issuer {
  keys: readonly object[] = [];
  document: string | undefined;
  failing = false;
  hanging = false;
  asked = 0;
  readonly #waiting: ((answer: Fetched) => void)[] = [];

  readonly fetch = async (): Promise<Fetched> => {
    this.asked++;
    if (this.hanging) return new Promise((resolve) => this.#waiting.push(resolve));
    return this.#now();
  };

  answer(): void {
    this.hanging = false;
    for (const resolve of this.#waiting.splice(0)) resolve(this.#now());
  }

  #now(): Fetched {
    if (this.failing) return { ok: false, reason: 'bad-status' };
    return { ok: true, body: Buffer.from(this.document ?? JSON.stringify({ keys: this.keys })) };
  }
}

function scene(entries: readonly JwksKeyConfig[] = [ENTRY], log?: Log) {
  const issuer = new Issuer();
  issuer.keys = [jwk(one.publicKey, { kid: 'one' })];
  const clock = new ManualClock();
  const identifier = identifierWith(entries, { clock, fetch: issuer.fetch, ...(log ? { log } : {}) });
  const removed: string[] = [];
  identifier.onKeysRemoved((keys) => removed.push(...keys));
  return { issuer, clock, identifier, removed };
}

const keyOf = async (identifier: Identifier, token: string) =>
  (await userOf(identifier, token)).credentials[0]?.key ?? '';

test('a key of the set verifies, and the set is fetched once for many tokens', async () => {
  const { issuer, identifier } = scene();
  const tokens = Array.from({ length: 20 }, (_, n) => tokenBy(one, 'one', { sub: `user-${n}` }));
  const words = await Promise.all(tokens.map((token) => outcome(identifier, token)));
  expect(words).toEqual(tokens.map((_, n) => `user user-${n}`));
  expect(issuer.asked).toBe(1);
});

test('a token that names no key fits a set of one key, and none of several', async () => {
  const { issuer, identifier, clock } = scene();
  expect(await outcome(identifier, tokenBy(one))).toBe('user alice');
  issuer.keys = [jwk(one.publicKey, { kid: 'one' }), jwk(two.publicKey, { kid: 'two' })];
  await identifier.start();
  await clock.pass(1);
  expect(await outcome(identifier, tokenBy(one, undefined, { sub: 'bob' }))).toBe('identity.bad-signature');
  expect(await outcome(identifier, tokenBy(two, 'two'))).toBe('user alice');
});

test('a new key is found when a token names it, at most once in 30 s', async () => {
  const { issuer, identifier, clock } = scene();
  await identifier.start();
  issuer.keys = [...issuer.keys, jwk(two.publicKey, { kid: 'two' })];
  for (let n = 0; n < 50; n++) expect(await outcome(identifier, tokenBy(two, 'two'))).toBe('identity.bad-signature');
  expect(issuer.asked).toBe(1);
  await clock.pass(30_000);
  const words = await Promise.all(Array.from({ length: 50 }, () => outcome(identifier, tokenBy(two, 'two'))));
  expect(new Set(words)).toEqual(new Set(['user alice']));
  expect(issuer.asked).toBe(2);
  await clock.pass(1_000);
  for (let n = 0; n < 50; n++) await outcome(identifier, tokenBy(two, `no-such-${n}`));
  expect(issuer.asked).toBe(2);
});

test('a known key with a foreign id is refused', async () => {
  const { identifier } = scene();
  expect(await outcome(identifier, tokenBy(one, 'other'))).toBe('identity.bad-signature');
});

test('a removed key is noticed by the next look, its sessions are named, and its tokens are refused', async () => {
  const { issuer, identifier, clock, removed } = scene();
  const token = tokenBy(one, 'one');
  const key = await keyOf(identifier, token);
  expect(key).toMatch(/^idp\/[\w-]{22}$/);
  expect(identifier.keyStillTrusted(key)).toBe(true);
  issuer.keys = [jwk(two.publicKey, { kid: 'two' })];
  await clock.pass(5 * 60_000);
  expect(removed).toEqual([key]);
  expect(identifier.keyStillTrusted(key)).toBe(false);
  expect(await outcome(identifier, token)).toBe('identity.bad-signature');
});

test('a key replaced under the same id is another key', async () => {
  const { issuer, identifier, clock, removed } = scene();
  const key = await keyOf(identifier, tokenBy(one, 'one'));
  issuer.keys = [jwk(two.publicKey, { kid: 'one' })];
  await clock.pass(5 * 60_000);
  expect(removed).toEqual([key]);
  expect(await outcome(identifier, tokenBy(one, 'one'))).toBe('identity.bad-signature');
  expect(await keyOf(identifier, tokenBy(two, 'one'))).not.toBe(key);
});

test('a key that stays is cut by nothing, also when its place or id in the set changes', async () => {
  const { issuer, identifier, clock, removed } = scene();
  const key = await keyOf(identifier, tokenBy(one, 'one'));
  issuer.keys = [jwk(two.publicKey, { kid: 'two' }), jwk(one.publicKey, { kid: 'renamed' })];
  await clock.pass(5 * 60_000);
  expect(removed).toEqual([]);
  expect(await keyOf(identifier, tokenBy(one, 'renamed'))).toBe(key);
});

test('a key removed while it verifies is not taken', async () => {
  const { issuer, identifier, clock } = scene();
  await identifier.start();
  const pending = Promise.resolve(outcome(identifier, tokenBy(one, 'one')));
  identifier.reconfigure(identityOf([SHARED]));
  expect(await pending).toBe('identity.bad-signature');
  expect(issuer.asked).toBe(1);
  expect(clock.timers).toBe(0);
});

test('while keys cannot be had the client is asked to come back, and the issuer is not hammered', async () => {
  const { issuer, identifier, clock } = scene();
  issuer.failing = true;
  expect(await identifier.identify({ token: tokenBy(one, 'one') })).toMatchObject({
    ok: false,
    code: 'identity.keys-unavailable',
    retry: true,
  });
  for (let n = 0; n < 100; n++)
    expect(await outcome(identifier, tokenBy(one, 'one'))).toBe('identity.keys-unavailable');
  expect(issuer.asked).toBe(1);
  await clock.pass(60_000);
  // After 1, 2, 4, 8 and 16 s, then every 30 s.
  expect(issuer.asked).toBe(6);
  issuer.failing = false;
  await clock.pass(30_000);
  expect(await outcome(identifier, tokenBy(one, 'one'))).toBe('user alice');
});

test('keys once had are relied on while newer ones cannot be, for a day', async () => {
  const { issuer, identifier, clock, removed } = scene();
  const token = (sub: string) => tokenBy(one, 'one', { sub, exp: 9e9 });
  expect(await outcome(identifier, token('first'))).toBe('user first');
  issuer.failing = true;
  await clock.pass(23 * 3_600_000);
  expect(await outcome(identifier, token('second'))).toBe('user second');
  expect(await outcome(identifier, tokenBy(two, 'two', { exp: 9e9 }))).toBe('identity.keys-unavailable');
  await clock.pass(2 * 3_600_000);
  expect(await outcome(identifier, token('first'))).toBe('identity.keys-unavailable');
  expect(removed).toEqual([]);
  issuer.failing = false;
  await clock.pass(30_000);
  expect(await outcome(identifier, token('first'))).toBe('user first');
});

test('an answer that takes more than 2 s counts as none, and everyone who waited is told', async () => {
  const { issuer, identifier, clock } = scene();
  issuer.hanging = true;
  const waiting = Array.from({ length: 10 }, () => outcome(identifier, tokenBy(one, 'one')));
  await clock.pass(1_999);
  const over = { yet: false };
  void Promise.all(waiting).then(() => {
    over.yet = true;
  });
  await settled();
  expect(over.yet).toBe(false);
  await clock.pass(1);
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(['identity.keys-unavailable']));
  expect(issuer.asked).toBe(1);
});

test('those who come while the set is being fetched wait for it', async () => {
  const { issuer, identifier, clock } = scene();
  issuer.hanging = true;
  const first = outcome(identifier, tokenBy(one, 'one'));
  await clock.pass(500);
  const second = outcome(identifier, tokenBy(one, 'one', { sub: 'bob' }));
  await clock.pass(500);
  issuer.answer();
  expect(await Promise.all([first, second])).toEqual(['user alice', 'user bob']);
  expect(issuer.asked).toBe(1);
});

test('a token that expires while the set is fetched is expired', async () => {
  const { issuer, identifier, clock } = scene();
  issuer.hanging = true;
  const waiting = outcome(identifier, tokenBy(one, 'one', { exp: clock.now() / 1_000 - 4 }));
  await clock.pass(1_500);
  issuer.answer();
  expect(await waiting).toBe('identity.expired');
});

test.each([['nonsense'], ['[]'], ['{}'], ['{"keys":{}}'], ['{"keys":[1]}'], ['null'], ['']])(
  'a document that is no key set counts as none: %s',
  async (document) => {
    const { issuer, identifier, clock, removed } = scene();
    await identifier.start();
    issuer.document = document;
    await clock.pass(5 * 60_000);
    expect(removed).toEqual([]);
    expect(await outcome(identifier, tokenBy(one, 'one'))).toBe('user alice');
  },
);

test('a set that is empty trusts nobody', async () => {
  const { issuer, identifier, clock, removed } = scene();
  await identifier.start();
  issuer.keys = [];
  await clock.pass(5 * 60_000);
  expect(removed).toHaveLength(1);
  expect(await outcome(identifier, tokenBy(one, 'one'))).toBe('identity.bad-signature');
});

test('keys that do not fit are passed over', async () => {
  const { issuer, identifier } = scene();
  const good = jwk(one.publicKey, { kid: 'one' });
  const unfit = [
    { ...good, use: 'enc' },
    { ...good, alg: 'RS256' },
    { ...good, key_ops: ['sign'] },
    { ...good, key_ops: 'verify' },
    { ...good, kid: 5 },
    { ...good, kid: 'x'.repeat(256) },
    { ...good, x: 'AAAA' },
    { kty: 'oct', k: Buffer.alloc(32).toString('base64url'), kid: 'one' },
    { kty: 'RSA', kid: 'one' },
    { kid: 'one' },
    jwk(rsaPair().publicKey, { kid: 'one' }),
    jwk(ecPair('P-384').publicKey, { kid: 'one' }),
  ];
  for (const key of unfit) {
    issuer.keys = [key];
    await identifier.start();
    expect([key, await outcome(identifier, tokenBy(one, 'one'))]).toEqual([key, 'identity.bad-signature']);
  }
  issuer.keys = [...unfit, { ...good, use: 'sig', alg: 'ES256', key_ops: ['verify'], x5u: 'https://evil.example' }];
  await identifier.start();
  expect(await outcome(identifier, tokenBy(one, 'one'))).toBe('user alice');
});

test('an entry with a key id trusts that key of the set alone', async () => {
  const { issuer, identifier } = scene([{ ...ENTRY, kid: 'two' }]);
  issuer.keys = [jwk(one.publicKey, { kid: 'one' }), jwk(two.publicKey, { kid: 'two' })];
  expect(await outcome(identifier, tokenBy(two, 'two'))).toBe('user alice');
  expect(await outcome(identifier, tokenBy(one, 'one'))).toBe('identity.bad-signature');
});

test('an RS256 set verifies RS256 alone, and needs 2048 bits', async () => {
  const rsa = rsaPair();
  const small = rsaPair(1_024);
  const { issuer, identifier } = scene([{ ...ENTRY, alg: 'RS256' }]);
  issuer.keys = [jwk(rsa.publicKey, { kid: 'a' }), jwk(small.publicKey, { kid: 'b' })];
  const said = claims({ iss: ENTRY.issuer, aud: 'rt' });
  expect(await outcome(identifier, rs256(said, rsa.privateKey, { kid: 'a' }))).toBe('user alice');
  expect(await outcome(identifier, rs256(said, small.privateKey, { kid: 'b' }))).toBe('identity.bad-signature');
  expect(await outcome(identifier, tokenBy(one, 'a'))).toBe('identity.bad-signature');
});

test('issuer and audience are those of the entry', async () => {
  const { identifier } = scene();
  expect(await outcome(identifier, tokenBy(one, 'one', { aud: 'web' }))).toBe('identity.wrong-audience');
  expect(await outcome(identifier, tokenBy(one, 'one', { iss: 'https://evil.example' }))).toBe(
    'identity.wrong-audience',
  );
});

test('apps and entries with keys of one id know nothing of one another', async () => {
  const mine = scene();
  const theirs = scene();
  theirs.issuer.keys = [jwk(two.publicKey, { kid: 'one' })];
  expect(await outcome(mine.identifier, tokenBy(one, 'one'))).toBe('user alice');
  expect(await outcome(theirs.identifier, tokenBy(one, 'one'))).toBe('identity.bad-signature');
  expect(await outcome(theirs.identifier, tokenBy(two, 'one'))).toBe('user alice');
  expect(await outcome(mine.identifier, tokenBy(two, 'one', { sub: 'bob' }))).toBe('identity.bad-signature');
  theirs.issuer.keys = [];
  await theirs.clock.pass(5 * 60_000);
  expect(theirs.removed).toHaveLength(1);
  expect(mine.removed).toEqual([]);
});

test('a key at hand does not wait for a set that cannot be had', async () => {
  const issuer = new Issuer();
  issuer.hanging = true;
  const pem = { kind: 'pem', id: 'pem', alg: 'ES256', pem: pemOf(two.publicKey) } as const;
  const identifier = identifierWith([ENTRY, pem], { fetch: issuer.fetch });
  expect(await outcome(identifier, tokenBy(two, 'two'))).toBe('user alice');
  expect(issuer.asked).toBe(0);
});

test('a new configuration keeps what it does not change, and names what it takes away', async () => {
  const { issuer, identifier, removed, clock } = scene();
  const key = await keyOf(identifier, tokenBy(one, 'one'));
  identifier.reconfigure(identityOf([ENTRY, SHARED]));
  await settled();
  expect(removed).toEqual([]);
  expect(await keyOf(identifier, tokenBy(one, 'one'))).toBe(key);
  identifier.reconfigure(
    identityOf([
      { ...ENTRY, audience: ['rt', 'web'] },
      { ...SHARED, secret: 'x'.repeat(32) },
    ]),
  );
  expect(removed).toEqual(['main', key]);
  await settled();
  expect(await keyOf(identifier, tokenBy(one, 'one', { aud: 'web' }))).toBe(key);
  removed.length = 0;
  identifier.reconfigure(identityOf([]));
  expect(removed).toEqual(['main', key]);
  const { asked } = issuer;
  await clock.pass(3_600_000);
  expect(issuer.asked).toBe(asked);
});

test('a configuration that is refused changes nothing', async () => {
  const { identifier, removed } = scene();
  await identifier.start();
  expect(() => identifier.reconfigure(identityOf([{ ...SHARED, secret: 'short' }]))).toThrow(/"main" of app "demo"/);
  expect(removed).toEqual([]);
  expect(await outcome(identifier, tokenBy(one, 'one'))).toBe('user alice');
});

test('closed, it looks for keys no more', async () => {
  const { issuer, identifier, clock } = scene();
  await identifier.start();
  identifier.close();
  await clock.pass(24 * 3_600_000);
  expect(issuer.asked).toBe(1);
  expect(clock.timers).toBe(0);
});

test('what is logged names the app, the entry and the kind of failure', async () => {
  const lines: string[] = [];
  const note = (event: string, fields?: object) => lines.push(`${event} ${JSON.stringify(fields)}`);
  const { issuer, identifier } = scene([ENTRY], { debug: note, info: note, warn: note, error: note });
  issuer.failing = true;
  await outcome(identifier, tokenBy(one, 'zebra', { sub: 'zebra' }));
  expect(lines).toEqual(['identity.jwks-failed {"app":"demo","key":"idp","reason":"bad-status","failures":1}']);
});
