import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Frame, RawClient } from '../support/raw-client.ts';
import { HASH, JWT_SECRET } from '../support/server.ts';
import { forge, hmac, rsa, rsaPair, unsigned } from './forge.fixture.ts';
import { Target } from './unharmed.fixture.ts';

/**
 * Tokens that prove nothing. On this door each leaves its bearer connected, without a name, and told once why; the
 * management API gives the same code. None of them may be found in the log.
 */
const OTHER_SECRET = 'other-app-jwt-secret-0123456789abcdef';
const RSA_HASH = 'rsa-app-hash-0123456789abcdef';
const pair = rsaPair();
const NOW = Math.floor(Date.now() / 1_000);
const CLAIMS = { sub: 'mallory', exp: NOW + 3_600, iat: NOW - 1 };
const HS256 = { alg: 'HS256', typ: 'JWT' };
const good = forge(HS256, CLAIMS, hmac(JWT_SECRET));
const [head = '', body = '', signature = ''] = good.split('.');

let target: Target;

beforeAll(async () => {
  target = await Target.start('    channels: [ { target: room, anonymousClients: true, publicMessaging: true } ]\n');
  target.neverSay(OTHER_SECRET, signature);
  await target.server.must('POST', '/apps', {
    id: 'other',
    identity: { jwt: [{ alg: 'HS256', secret: OTHER_SECRET }] },
  });
  await target.server.must('POST', '/apps', {
    id: 'rsa',
    connectionHash: RSA_HASH,
    identity: { jwt: [{ alg: 'RS256', pem: pair.pem }] },
  });
  await target.server.must('POST', '/apps/rsa/rules', { target: 'room', anonymousClients: true });
});
afterAll(() => target?.server.stop());

const codeIn = ({ payload }: Frame) => (payload as { code: string }).code;

/** Connects with the token and joins: who it was taken for, and what it was told before. */
async function bring(token: string, hash = HASH): Promise<{ row: unknown; told: string[] }> {
  target.neverSay(token);
  const client = await RawClient.open({ port: target.server.port, hash, token });
  const { client: self } = await client.join('room');
  client.destroy();
  const told = client.frames.filter(({ action }) => action === 'error');
  for (const { options } of told) expect(options).toEqual({});
  return { row: self?.permissions.row_id, told: told.map(codeIn) };
}

async function verdict(app: string, token: string): Promise<unknown> {
  const { code } = await target.server.must('POST', `/apps/${app}/explain`, {
    operation: 'join',
    channel: 'room',
    token,
  });
  return code;
}

it('a good token is taken, or none of this proves anything', async () => {
  expect(await bring(good)).toEqual({ row: 'mallory', told: [] });
  expect(await bring(forge({ alg: 'RS256' }, CLAIMS, rsa(pair.privateKey)), RSA_HASH)).toEqual({
    row: 'mallory',
    told: [],
  });
});

describe('is refused, with a code, and leaves its bearer without a name:', () => {
  it.each<[string, string, string]>([
    ['a token of another app', forge(HS256, CLAIMS, hmac(OTHER_SECRET)), 'identity.bad-signature'],
    ['one signed with a guess', forge(HS256, CLAIMS, hmac('secret')), 'identity.bad-signature'],
    ['one signed with nothing', forge(HS256, CLAIMS, hmac('')), 'identity.bad-signature'],
    ['alg none', forge({ alg: 'none' }, CLAIMS, unsigned), 'identity'],
    ['alg None', forge({ alg: 'None' }, CLAIMS, unsigned), 'identity'],
    ['alg NONE with a signature', forge({ alg: 'NONE' }, CLAIMS, hmac(JWT_SECRET)), 'identity'],
    ['no alg', forge({ typ: 'JWT' }, CLAIMS, hmac(JWT_SECRET)), 'identity'],
    ['alg in a list', forge({ alg: ['HS256'] }, CLAIMS, hmac(JWT_SECRET)), 'identity'],
    ['a good header without its signature', `${head}.${body}.`, 'identity'],
    [
      'the right secret with another algorithm',
      forge({ alg: 'HS512' }, CLAIMS, hmac(JWT_SECRET, 'sha512')),
      'identity',
    ],
    [
      'a key of its own',
      forge({ ...HS256, jwk: { kty: 'oct', k: 'AAAA' } }, CLAIMS, hmac(Buffer.alloc(3))),
      'identity',
    ],
    [
      'a key fetched from elsewhere',
      forge({ ...HS256, jku: 'http://127.0.0.1:9/keys' }, CLAIMS, hmac('x')),
      'identity',
    ],
    ['a key that is a file', forge({ ...HS256, kid: '../../../../dev/null' }, CLAIMS, hmac('')), 'identity'],
    [
      'something critical nobody knows',
      forge({ ...HS256, crit: ['admin'], admin: 1 }, CLAIMS, hmac(JWT_SECRET)),
      'identity',
    ],
    ['an expired token', forge(HS256, { ...CLAIMS, exp: NOW - 60 }, hmac(JWT_SECRET)), 'identity.expired'],
    ['one that expired in 1970', forge(HS256, { ...CLAIMS, exp: 1 }, hmac(JWT_SECRET)), 'identity.expired'],
    ['one not yet valid', forge(HS256, { ...CLAIMS, nbf: NOW + 600 }, hmac(JWT_SECRET)), 'identity.not-yet-valid'],
    [
      'one issued tomorrow',
      forge(HS256, { ...CLAIMS, iat: NOW + 86_400, exp: NOW + 90_000 }, hmac(JWT_SECRET)),
      'identity.not-yet-valid',
    ],
    ['one that never expires', forge(HS256, { sub: 'mallory' }, hmac(JWT_SECRET)), 'identity.malformed'],
    [
      'an expiry that is a text',
      forge(HS256, { ...CLAIMS, exp: '9999999999' }, hmac(JWT_SECRET)),
      'identity.malformed',
    ],
    ['a user that is a number', forge(HS256, { ...CLAIMS, sub: 7 }, hmac(JWT_SECRET)), 'identity.malformed'],
    ['a user that is nobody', forge(HS256, { ...CLAIMS, sub: '' }, hmac(JWT_SECRET)), 'identity.malformed'],
    ['a user with NUL', forge(HS256, { ...CLAIMS, sub: 'a\u0000b' }, hmac(JWT_SECRET)), 'identity.malformed'],
    [
      'a user of 300 letters',
      forge(HS256, { ...CLAIMS, sub: 'x'.repeat(300) }, hmac(JWT_SECRET)),
      'identity.malformed',
    ],
    [
      'extras of 40 000 letters',
      forge(HS256, { ...CLAIMS, extras: { a: 'x'.repeat(40_000) } }, hmac(JWT_SECRET)),
      'limit.extras',
    ],
    [
      'extras 5 000 deep',
      `${head}.${Buffer.from(`{"sub":"m","exp":${NOW + 600},"extras":{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`).toString('base64url')}.x`,
      'identity',
    ],
    ['claims that are an array', forge(HS256, [CLAIMS], hmac(JWT_SECRET)), 'identity.malformed'],
    [
      'a signature with a letter changed',
      `${head}.${body}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
      'identity.bad-signature',
    ],
    [
      'claims changed behind the signature',
      `${head}.${Buffer.from(JSON.stringify({ ...CLAIMS, sub: 'admin' })).toString('base64url')}.${signature}`,
      'identity.bad-signature',
    ],
    ['a part more', `${good}.${signature}`, 'identity.malformed'],
    ['a word', 'hello', 'identity.malformed'],
    ['points', '....', 'identity.malformed'],
    [
      'a permission token cut from thin air',
      'qEF2AkF0GmFLd-NDdHRsGQWgQ3Jlc6VEY2hhbqFmY2gxGP9DZ3JwoENzcGOgQ3VzcqBE',
      'identity',
    ],
  ])('%s', async (_, token, code) => {
    const { row, told } = await bring(token);
    expect(row).toBe(0);
    expect(told).toEqual([expect.stringContaining(code)]);
    expect(await verdict('test', token)).toBe(told[0]);
  });

  it('the public key as a shared secret', async () => {
    for (const secret of [pair.pem, pair.pem.trim(), pair.pem.replaceAll('\n', '')]) {
      for (const header of [HS256, { ...HS256, kid: 'any' }]) {
        const { row, told } = await bring(forge(header, CLAIMS, hmac(secret)), RSA_HASH);
        expect([row, told]).toEqual([0, [expect.stringMatching(/^identity\./)]]);
      }
    }
  });

  it('a good token cut after every tenth byte, at either end', async () => {
    for (let at = 10; at < good.length; at += 10) {
      for (const part of [good.slice(0, at), good.slice(at)]) {
        const { row, told } = await bring(part);
        expect([row, told]).toEqual([0, [expect.stringMatching(/^identity\.(malformed|bad-signature)$/)]]);
      }
    }
  });

  it('40 000 letters', async () => {
    expect(await bring('x'.repeat(40_000))).toEqual({ row: 0, told: ['identity.malformed'] });
  });
});

it('a token that is taken back ends its connection, and proves nothing any more', async () => {
  const token = await target.server.tokenFor('gone');
  target.neverSay(token);
  const client = await RawClient.open({ port: target.server.port, hash: HASH, token });
  await client.join('room');
  await target.server.must('POST', '/apps/test/revocations', { token, reason: 'to see it' });
  await client.untilGone();
  expect([client.closeCode, client.closeReason]).toEqual([4401, 'identity.revoked']);
  expect(await bring(token)).toEqual({ row: 0, told: ['identity.revoked'] });
});

it('afterwards the server answers, holds no more memory than stated, and its log gives nothing away', async () => {
  await target.expectUnharmed();
});
