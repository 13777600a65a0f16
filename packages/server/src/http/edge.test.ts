import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ADMIN_TOKEN, ONE_APP, startServer, type TestServer } from '../serve.fixture.ts';
import { sendRaw } from './raw.fixture.ts';

const QUICK = ONE_APP.replace('log: info', 'log: info, headerTimeout: 300ms, requestTimeout: 600ms');

let server: TestServer;
beforeAll(async () => {
  server = await startServer(QUICK);
});
afterAll(() => server.stop());

const upgrade = (path: string, ...headers: string[]) =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
    '',
    '',
  ].join('\r\n');
const plain = (line: string, ...headers: string[]) => [line, ...headers, 'Connection: close', '', ''].join('\r\n');

const HOST = 'Host: 127.0.0.1';

describe('every refusal is problem details with a content type', () => {
  test.each([
    ['what is no HTTP', 'hello\r\n\r\n', 400, 'request.malformed'],
    ['a broken header', plain('GET / HTTP/1.1', HOST, 'a b: c'), 400, 'request.malformed'],
    ['no Host header', plain('GET /healthz HTTP/1.1'), 400, 'request.malformed'],
    ['a Host that is none', plain('GET /healthz HTTP/1.1', 'Host: a/b'), 400, 'request.malformed'],
    ['an address over 64 KiB', plain(`GET /${'x'.repeat(65_000)} HTTP/1.1`, HOST), 414, 'limit.maxHeader'],
    ['headers over 64 KiB', plain('GET / HTTP/1.1', HOST, `X: ${'x'.repeat(70_000)}`), 431, 'limit.maxHeader'],
    ['an unknown path', plain('GET /nowhere HTTP/1.1', HOST), 404, 'not-found'],
    ['another method', plain('DELETE /healthz HTTP/1.1', HOST), 405, 'request.method-not-allowed'],
    ['CONNECT', plain('CONNECT 10.0.0.1:25 HTTP/1.1', HOST), 405, 'request.method-not-allowed'],
    ['an expectation', plain('GET /healthz HTTP/1.1', HOST, 'Expect: the-unexpected'), 417, 'request.malformed'],
    [
      'a length and chunks',
      plain('POST / HTTP/1.1', HOST, 'Content-Length: 1', 'Transfer-Encoding: chunked'),
      400,
      'request.malformed',
    ],
    ['a plain request to a door', plain('GET /rt/shop-hash HTTP/1.1', HOST), 426, 'request.upgrade-required'],
    ['an upgrade to nowhere', upgrade('/elsewhere'), 404, 'not-found'],
    ['an upgrade by POST', upgrade('/rt/shop-hash').replace('GET', 'POST'), 400, 'request.malformed'],
    ['another version', upgrade('/rt/shop-hash').replace('Version: 13', 'Version: 12'), 400, 'request.malformed'],
    ['a short key', upgrade('/rt/shop-hash').replace('dGhl', ''), 400, 'request.malformed'],
    ['a broken sub-protocol', upgrade('/rt/shop-hash', 'Sec-WebSocket-Protocol: a b'), 400, 'request.malformed'],
    ['a foreign page', upgrade('/rt/shop-hash', 'Origin: https://evil.example'), 403, 'request.origin-not-allowed'],
    ['a sandboxed page', upgrade('/rt/shop-hash', 'Origin: null'), 403, 'request.origin-not-allowed'],
    [
      'a foreign page with a wrong hash',
      upgrade('/rt/x', 'Origin: https://evil.example'),
      403,
      'request.origin-not-allowed',
    ],
    ['headers that never end', 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n', 408, 'request.timeout'],
    [
      'another upgrade with a body',
      plain('POST /healthz HTTP/1.1', HOST, 'Upgrade: h2c', 'Content-Length: 2').replace(
        'Connection: close',
        'Connection: Upgrade',
      ),
      400,
      'request.malformed',
    ],
  ])('%s', async (_, bytes, status, code) => {
    const answer = await sendRaw(server.url, bytes);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(JSON.parse(answer.body)).toMatchObject({
      status,
      code,
      title: expect.any(String),
      detail: expect.any(String),
    });
  });

  test('a body that breaks off is nobody’s fault here', async () => {
    const head = [
      'POST /admin/v1/apps/shop/events HTTP/1.1',
      HOST,
      `Authorization: Bearer ${ADMIN_TOKEN}`,
      'Content-Type: application/json',
      'Content-Length: 1000',
      'Expect: 100-continue',
    ];
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.write(`${head.join('\r\n')}\r\n\r\n{`);
    // 100 Continue: the request has arrived, and its body is being waited for.
    await new Promise((resolve) => socket.once('data', resolve));
    socket.destroy();
    await expect
      .poll(async () => (await fetch(`${server.url}/metrics`)).text())
      .toContain('portcullis_http_answers_total{route="/admin/v1/apps/:app/events",status="400"} 1');
  });

  test('the server goes on as if nothing had been', async () => {
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect(server.log.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

test('an offer of HTTP/2 is passed over and the request answered', async () => {
  const answer = await sendRaw(
    server.url,
    plain('GET /healthz HTTP/1.1', HOST, 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__').replace(
      'Connection: close',
      'Connection: Upgrade, HTTP2-Settings',
    ),
  );
  expect(answer).toMatchObject({ status: 200 });
});

test('20 kB of token in a handshake are taken, and the sub-protocol is echoed', async () => {
  const token = 'a'.repeat(20_000);
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/rt/shop-hash`, token, { maxHeaderSize: 65_536 });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  expect(socket.protocol).toBe(token);
  expect(socket.extensions).toBe('');
  socket.terminate();
});

test('pages of this machine connect; a body past the limit is told so', async () => {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/rt/shop-hash`, { origin: 'http://localhost:3000' });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  socket.terminate();
  const large = await fetch(`${server.url}/admin/v1/apps/shop/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ channel: 'news', data: 'x'.repeat(2_000_000) }),
  });
  expect(large.status).toBe(413);
  expect(await large.json()).toMatchObject({ code: 'limit.maxBody' });
});

test('metrics are for this machine, or for who may read them', async () => {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  expect(text).toContain('portcullis_http_answers_total{route="/healthz",status="200"}');
  expect(text).toContain('portcullis_upgrades_refused_total{code="request.origin-not-allowed"}');
  expect(text).not.toContain('nowhere');
  const forwarded = { 'x-forwarded-for': '203.0.113.9' };
  expect((await fetch(`${server.url}/metrics`, { headers: forwarded })).status).toBe(401);
  const authorised = { ...forwarded, authorization: `Bearer ${ADMIN_TOKEN}` };
  expect((await fetch(`${server.url}/metrics`, { headers: authorised })).status).toBe(200);
});
