import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, APP_SECRET, startServer, type TestServer } from './serve.fixture.ts';

const APP = `
server: { host: 127.0.0.1, port: 0, adminToken: ${ADMIN_TOKEN}, log: info, drainTimeout: 500ms }
data: ":memory:"
apps:
  - id: pn
    keys: { publish: pub-pn, subscribe: sub-pn, secret: ${APP_SECRET} }
    access: open
    pubnub: { pollTimeout: 60s }
`;

let server: TestServer;
afterEach(() => server.stop());

/** All that comes back for these bytes until the server ends the connection, or `until` was seen. */
function exchange(bytes: string, until?: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let seen = '';
    const done = () => {
      socket.destroy();
      resolve(seen);
    };
    socket.on('data', (data) => {
      seen += data.toString();
      if (until !== undefined && seen.split(until).length > 2) done();
    });
    socket.on('error', (error) => (seen === '' ? reject(error) : done()));
    socket.on('close', done);
    socket.write(bytes);
  });
}

const request = (target: string, more = '') => `GET ${target} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;

describe('the PubNub door on the clients’ port', () => {
  it('answers one request after the other on a connection, and problem details elsewhere', async () => {
    server = await startServer(APP);
    const answer = await exchange(request('/time/0') + request('/time/0', 'Connection: close\r\n'));
    expect(answer.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
    expect(answer).toMatch(/\[\d{17}\]HTTP\/1\.1 200/);
    const elsewhere = await fetch(`${server.url}/v1/nothing`);
    expect([elsewhere.status, elsewhere.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
  });

  it.each([
    ['a long one', 40_000, 'limit.maxUrl'],
    ['one over all limits', 65_000, 'limit.maxHeader'],
  ])('says of %s that the address is too long', async (_, length, code) => {
    server = await startServer(APP);
    const answer = await exchange(
      request(`/v2/history/sub-key/sub-pn/channel/${'x'.repeat(length)}`, 'Connection: close\r\n'),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 414 URI Too Long\r\n/);
    expect(answer).toMatch(/content-type: [^\r]*(?:javascript|json)/i);
    expect(answer).toMatch(/access-control-allow-origin: \*/i);
    const body = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
    expect(body).toMatchObject({ status: 414, error: true, message: 'Request URI Too Long', code });
  });

  it('says of headers that are too long that they are', async () => {
    server = await startServer(APP);
    const answer = await exchange(request('/time/0', `A: b\r\nX: ${'y'.repeat(30_000)}\r\n`.repeat(3)));
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('refuses requests that name two hosts before anything reads them', async () => {
    server = await startServer(APP);
    expect(await exchange(request('/time/0', 'Host: y\r\n'))).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('answers who polls when the server stops', async () => {
    server = await startServer(APP);
    const handshake = await fetch(`${server.url}/v2/subscribe/sub-pn/a/0?uuid=u`);
    const { t } = (await handshake.json()) as { t: { t: string; r: number } };
    const poll = fetch(`${server.url}/v2/subscribe/sub-pn/a/0?uuid=u&tt=${t.t}&tr=${t.r}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const [answer] = await Promise.all([poll, server.stop()]);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('connection')).toBe('close');
    expect(await answer.json()).toMatchObject({ t: { r: t.r }, m: [] });
  });

  it('takes on keys and limits with a reload', async () => {
    server = await startServer(APP);
    const history = (key: string) => fetch(`${server.url}/v2/history/sub-key/${key}/channel/a`);
    expect((await history('sub-new')).status).toBe(400);
    server.write(APP.replace('subscribe: sub-pn', 'subscribe: sub-new').replace('pollTimeout: 60s', 'maxUrl: 1KiB'));
    await server.reload();
    expect((await history('sub-pn')).status).toBe(400);
    expect((await history('sub-new')).status).toBe(200);
    expect((await history(`sub-new/channel/${'x'.repeat(1_000)}`)).status).toBe(404);
    expect((await fetch(`${server.url}/v2/history/sub-key/sub-new/channel/a?x=${'x'.repeat(1_024)}`)).status).toBe(414);
  });

  it('counts answers by route', async () => {
    server = await startServer(APP);
    await fetch(`${server.url}/v2/history/sub-key/sub-pn/channel/secret-room`);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain('route="/v2/history/sub-key/{sub}/channel/{channel}",status="200"');
    expect(metrics).not.toContain('secret-room');
  });
});
