import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawClient } from '../support/raw-client.ts';
import { ADMIN_TOKEN, HASH } from '../support/server.ts';
import { ask, exchange, handshake, type RawAnswer, request } from './raw-http.fixture.ts';
import { Target } from './unharmed.fixture.ts';

/** What comes in before anything is joined or called: request lines, headers, handshakes. */
let target: Target;
let port: number;

beforeAll(async () => {
  target = await Target.start('    channels: [ { target: room, anonymousClients: true, publicMessaging: true } ]\n');
  port = target.server.port;
});
afterAll(() => target?.server.stop());

function expectProblem(answer: RawAnswer, status: number, code: string): void {
  expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
  const problem = JSON.parse(answer.body);
  expect(problem).toMatchObject({ status, code, title: expect.any(String), detail: expect.any(String) });
}

const door = `/rt/${HASH}`;
/** Would be answered 200 if it were taken for a request of its own. */
const SMUGGLED = request('GET /healthz HTTP/1.1', 'Connection: close');

describe('a handshake that may not be is refused as problem details', () => {
  it.each([
    ['a foreign page', handshake(door, 'Origin: https://evil.example'), 403, 'request.origin-not-allowed'],
    ['a page without an origin', handshake(door, 'Origin: null'), 403, 'request.origin-not-allowed'],
    ['an empty origin', handshake(door, 'Origin:'), 403, 'request.origin-not-allowed'],
    [
      'an origin that begins like ours',
      handshake(door, 'Origin: http://localhost.evil.example'),
      403,
      'request.origin-not-allowed',
    ],
    [
      'an origin that ends like ours',
      handshake(door, 'Origin: http://evil-localhost'),
      403,
      'request.origin-not-allowed',
    ],
    [
      'an origin with our name as its user',
      handshake(door, 'Origin: http://localhost:1@evil.example'),
      403,
      'request.origin-not-allowed',
    ],
    [
      'two origins in one header',
      handshake(door, 'Origin: http://localhost:1 https://evil.example'),
      403,
      'request.origin-not-allowed',
    ],
    [
      'an origin with a path',
      handshake(door, 'Origin: http://localhost:1/https://evil.example'),
      403,
      'request.origin-not-allowed',
    ],
    ['an origin of `*`', handshake(door, 'Origin: *'), 403, 'request.origin-not-allowed'],
    ['a local file', handshake(door, 'Origin: file://'), 403, 'request.origin-not-allowed'],
    [
      'a page whose name was pointed here',
      handshake(door, 'Host: evil.example', 'Origin: http://evil.example'),
      403,
      'request.origin-not-allowed',
    ],
    ['another door', handshake('/rtx/hash'), 404, 'not-found'],
    ['a door climbed to', handshake(`/x/../rt/${HASH}`), 404, 'not-found'],
    ['no key', handshake(door).replace(/Sec-WebSocket-Key.*\r\n/, ''), 400, 'request.malformed'],
    ['a key that is none', handshake(door).replace('dGhl', '!!!!'), 400, 'request.malformed'],
    ['another version', handshake(door).replace('Version: 13', 'Version: 8'), 400, 'request.malformed'],
    ['POST', handshake(door).replace('GET', 'POST'), 400, 'request.malformed'],
    ['an empty sub-protocol', handshake(door, 'Sec-WebSocket-Protocol: ,'), 400, 'request.malformed'],
    ['a sub-protocol that comes twice', handshake(door, 'Sec-WebSocket-Protocol: a, a'), 400, 'request.malformed'],
    [
      'a plain request to the door',
      request(`GET ${door} HTTP/1.1`, 'Connection: close'),
      426,
      'request.upgrade-required',
    ],
  ])('%s', async (_, bytes, status, code) => {
    expectProblem(await ask(port, bytes), status, code);
  });

  it.each([
    ['no Origin', []],
    ['a page of this machine', ['Origin: http://localhost:5173']],
    ['a page by address', ['Origin: https://127.0.0.1']],
    ['a page by address, version 6', ['Origin: http://[::1]:9']],
  ])('where %s is taken', async (_, headers) => {
    const client = await RawClient.open({ port, hash: HASH, headers });
    expect((await client.join('room')).action).toBe('join');
    client.destroy();
  });

  it.each([
    ['a wrong hash', 'nobody-has-this-hash'],
    ['no hash', ''],
    ['a hash in another case', HASH.toUpperCase()],
    ['a hash with more behind it', `${HASH}/more`],
    ['a hash in escapes', `%63${HASH.slice(1)}`],
    ['a hash of the prototype', '__proto__'],
    ['a hash of 8 000 letters', 'x'.repeat(8_000)],
  ])('%s is accepted, told, and closed for good', async (_, hash) => {
    const client = await RawClient.open({ port, hash });
    await client.untilGone();
    expect([client.closeCode, client.closeReason]).toEqual([4404, 'app.unknown-key']);
    expect(client.frames).toMatchObject([{ action: 'error', options: {}, payload: { code: 'app.unknown-key' } }]);
  });

  it('a hash that is followed by a query is the hash', async () => {
    const client = await RawClient.open({ port, hash: `${HASH}?x=/rt/other` });
    expect((await client.join('room')).action).toBe('join');
    client.destroy();
  });
});

describe('two readings of one request: one refusal, and nothing behind it is served', () => {
  it.each([
    ['a length and chunks', ['Content-Length: 5', 'Transfer-Encoding: chunked'], '0\r\n\r\n'],
    ['chunks and a length', ['Transfer-Encoding: chunked', 'Content-Length: 5'], '0\r\n\r\n'],
    ['two lengths', ['Content-Length: 5', 'Content-Length: 6'], 'hello'],
    ['two lengths in one', ['Content-Length: 5, 6'], 'hello'],
    ['a length with a sign', ['Content-Length: +5'], 'hello'],
    ['a negative length', ['Content-Length: -1'], ''],
    ['a length in hexadecimal', ['Content-Length: 0x5'], 'hello'],
    ['a length past every number', ['Content-Length: 99999999999999999999999'], ''],
    ['chunks that are not the last encoding', ['Transfer-Encoding: chunked, identity'], '0\r\n\r\n'],
    ['an encoding nobody knows', ['Transfer-Encoding: xchunked'], '0\r\n\r\n'],
    ['a blank before the colon', ['Transfer-Encoding : chunked'], '0\r\n\r\n'],
    ['a folded header', ['X-A: 1\r\n Transfer-Encoding: chunked'], ''],
    ['a header with a bare line feed', ['X-A: 1\nTransfer-Encoding: chunked'], ''],
    ['a header with a bare carriage return', ['X-A: 1\rTransfer-Encoding: chunked'], ''],
    ['NUL in a header', ['X-A: 1\u00002'], ''],
    ['a header without a colon', ['nonsense'], ''],
    ['a header without a name', [': nothing'], ''],
    ['a chunk size that is none', ['Transfer-Encoding: chunked'], 'zz\r\nhello\r\n0\r\n\r\n'],
    ['a chunk size past every number', ['Transfer-Encoding: chunked'], 'ffffffffffffffffff\r\nhello\r\n0\r\n\r\n'],
    ['a chunk longer than it says', ['Transfer-Encoding: chunked'], '3\r\nhello\r\n0\r\n\r\n'],
  ])('%s', async (_, headers, body) => {
    const head = request(
      'POST /admin/v1/apps/test/events HTTP/1.1',
      `Authorization: Bearer ${ADMIN_TOKEN}`,
      'Content-Type: application/json',
      ...headers,
    );
    expectProblem(await ask(port, head + body + SMUGGLED), 400, 'request.malformed');
  });

  it.each([
    ['what is no HTTP', 'hello\r\n\r\n'],
    ['bytes of TLS', Buffer.from('160301020001000001fc0303', 'hex')],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['HTTP/0.9', 'GET /\r\n\r\n'],
    ['a version that is none', request('GET / HTTP/9.9')],
    ['a method that is none', request('G\u0000T / HTTP/1.1')],
    ['a blank in the target', request('GET /a b HTTP/1.1')],
    ['no Host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['two hosts', request('GET /readyz HTTP/1.1', 'Host: 127.0.0.1', 'Host: evil.example', 'Connection: close')],
    ['a Host that is none', request('GET /readyz HTTP/1.1', 'Host: a b', 'Connection: close')],
  ])('%s', async (_, bytes) => {
    expectProblem(await ask(port, bytes), 400, 'request.malformed');
  });

  it('requests one behind the other are answered one behind the other', async () => {
    const answers = await exchange(
      port,
      request('GET /healthz HTTP/1.1') + request('GET /nowhere HTTP/1.1') + request('GET /x HTTP/1.1') + SMUGGLED,
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 404, 200]);
  });

  it('nothing is answered behind a request that is none', async () => {
    const answers = await exchange(
      port,
      request('GET /nowhere HTTP/1.1') + request('GET / HTTP/1.1', 'Content-Length: x') + SMUGGLED,
    );
    expect(answers.at(-1)?.status).toBe(400);
    expect(answers.map(({ status }) => status)).not.toContain(200);
  });
});

describe('an address over 64 KiB', () => {
  it('is 414 where its end is in sight, with a content type', async () => {
    expectProblem(await ask(port, request(`GET /${'x'.repeat(65_000)} HTTP/1.1`)), 414, 'limit.maxHeader');
  });

  // Pieces of an address and of a header look alike; it is in which read one comes that decides.
  it.each([70_000, 1_000_000])('is refused for its length, with a content type, at %i bytes', async (length) => {
    const answer = await ask(port, request(`GET /${'x'.repeat(length)} HTTP/1.1`));
    expectProblem(answer, answer.status === 414 ? 414 : 431, 'limit.maxHeader');
  });
});

describe('headers over 64 KiB are 431, with a content type', () => {
  it.each([
    ['one header', request('GET / HTTP/1.1', `X-Large: ${'x'.repeat(70_000)}`)],
    [
      'many headers',
      request('GET / HTTP/1.1', ...Array.from({ length: 3_000 }, (_, n) => `X-Header-${n}: ${'x'.repeat(20)}`)),
    ],
    ['a megabyte', request('GET / HTTP/1.1', `X-Large: ${'x'.repeat(1_000_000)}`)],
    ['a token', handshake(door, `Sec-WebSocket-Protocol: ${'x'.repeat(70_000)}`)],
    ['a header that never ends', `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Large: ${'x'.repeat(200_000)}`],
  ])('%s', async (_, bytes) => {
    expectProblem(await ask(port, bytes), 431, 'limit.maxHeader');
  });

  it('just below, they are taken', async () => {
    const answer = await ask(
      port,
      request('GET /healthz HTTP/1.1', `X-Large: ${'x'.repeat(64_000)}`, 'Connection: close'),
    );
    expect(answer.status).toBe(200);
  });
});

describe('a name that was pointed at this machine opens nothing', () => {
  it.each([
    ['/admin/v1/apps', 'evil.example'],
    ['/admin/v1/apps', 'localhost.evil.example'],
    ['/admin/v1/apps', '127.0.0.1.evil.example:80'],
    ['/metrics', 'evil.example'],
  ])('%s as %s', async (path, host) => {
    const bytes = request(
      `GET ${path} HTTP/1.1`,
      `Host: ${host}`,
      `Authorization: Bearer ${ADMIN_TOKEN}`,
      'Connection: close',
    );
    expectProblem(await ask(port, bytes), 421, 'request.host-not-allowed');
  });

  it('nor does a request target with another host in it', async () => {
    const bytes = request(
      'GET http://evil.example/admin/v1/apps HTTP/1.1',
      `Authorization: Bearer ${ADMIN_TOKEN}`,
      'Connection: close',
    );
    expectProblem(await ask(port, bytes), 400, 'request.malformed');
  });
});

it('afterwards the server answers, holds no more memory than stated, and its log gives nothing away', async () => {
  await target.expectUnharmed();
});
