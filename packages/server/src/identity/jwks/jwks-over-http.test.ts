import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SILENT_LOG } from '@portcullis/engine';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Identifier } from '../identifier.ts';
import type { JwksKeyConfig } from '../key-config.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import { claims, ecPair, es256, identityOf, OUTBOUND, outcome } from '../tokens.fixture.ts';

const pair = ecPair();
const answer = { status: 200, body: '', location: '' };
let asked = 0;
let server: Server;
let origin = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    asked++;
    if (request.url === '/moved') response.end(JSON.stringify({ keys: [jwk()] }));
    else response.writeHead(answer.status, answer.location ? { location: answer.location } : {}).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  Object.assign(answer, { status: 200, body: JSON.stringify({ keys: [jwk()] }), location: '' });
  asked = 0;
});

const jwk = (kid = 'one', key = pair.publicKey) => ({ ...key.export({ format: 'jwk' }), kid });
const said = claims({ iss: 'issuer', aud: 'rt' });
const token = es256(said, pair.privateKey, { kid: 'one' });
const entry = (jwks: string): JwksKeyConfig => ({
  kind: 'jwks',
  id: 'idp',
  alg: 'ES256',
  jwks,
  issuer: 'issuer',
  audience: ['rt'],
});

function identifierOf(jwks: string, policy: 'allow' | 'deny' = 'allow') {
  const outbound = { ...OUTBOUND, private: policy };
  return new Identifier(identityOf([entry(jwks)]), { clock: new ManualClock(), log: SILENT_LOG, outbound });
}

test('keys come over the network, and rotate', async () => {
  const identifier = identifierOf(`${origin}/keys`);
  await identifier.start();
  expect(await outcome(identifier, token)).toBe('user alice');
  const next = ecPair();
  answer.body = JSON.stringify({ keys: [jwk('two', next.publicKey)] });
  const removed: string[] = [];
  identifier.onKeysRemoved((keys) => removed.push(...keys));
  await identifier.start();
  expect(removed).toHaveLength(1);
  expect(await outcome(identifier, token)).toBe('identity.bad-signature');
  expect(await outcome(identifier, es256(said, next.privateKey, { kid: 'two' }))).toBe('user alice');
  identifier.close();
});

test.each([
  [
    'that is larger than 256 KiB',
    () => Object.assign(answer, { body: JSON.stringify({ keys: [jwk()], pad: 'x'.repeat(262_144) }) }),
  ],
  ['that moved', () => Object.assign(answer, { status: 302, location: `${origin}/moved` })],
  ['that fails', () => Object.assign(answer, { status: 500 })],
])('a key set %s cannot be had', async (_, arrange) => {
  arrange();
  const identifier = identifierOf(`${origin}/keys`);
  expect(await outcome(identifier, token)).toBe('identity.keys-unavailable');
  expect(asked).toBe(1);
  identifier.close();
});

test('a key set at a private address is not asked for', async () => {
  const identifier = identifierOf(`https://127.0.0.1:${new URL(origin).port}/keys`, 'deny');
  expect(await outcome(identifier, token)).toBe('identity.keys-unavailable');
  expect(asked).toBe(0);
  identifier.close();
  expect(() => identifierOf(`${origin}/keys`, 'deny')).toThrow(/https/);
});
