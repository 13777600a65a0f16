import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startServer, type TestServer } from '../serve.fixture.ts';

const DEMO = `
server: { host: 127.0.0.1, port: 0, log: info, drainTimeout: 0, origins: ["https://app.example"] }
data: ":memory:"
apps:
  - id: demo
    connectionHash: demo-hash
    keys: { subscribe: sub-demo }
    access: { rules: on, grants: off }
    identity: { jwt: [ { alg: HS256, secret: demo-jwt-secret-of-the-tests-0123456789 } ] }
`;

let server: TestServer;
afterEach(() => server.stop());

const token = async (origin: string) => {
  const headers = { 'content-type': 'application/json', origin };
  return (await fetch(`${server.url}/playground/token`, { method: 'POST', headers, body: '{"user":"ada"}' })).status;
};
const socket = (path: string, origin: string) =>
  new Promise<number>((resolve) => {
    const client = new WebSocket(`${server.url.replace('http', 'ws')}${path}`, { origin });
    client.once('open', () => {
      client.close();
      resolve(101);
    });
    client.once('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    client.once('error', () => {});
  });

test('the playground reaches its own server from the addresses it has here, whatever pages are listed', async () => {
  server = await startServer(DEMO);
  const local = server.url.replace('127.0.0.1', 'localhost');
  for (const [origin, http, upgrade] of [
    [server.url, 200, 101],
    [local, 200, 101],
    ['https://app.example', 200, 101],
    ['http://127.0.0.1:1', 403, 403],
    ['https://elsewhere.example', 403, 403],
  ] as const) {
    expect(await token(origin), origin).toBe(http);
    expect(await socket('/rt/demo-hash', origin), origin).toBe(upgrade);
  }
});

test('its address is let in no longer than it is there', async () => {
  server = await startServer(DEMO);
  server.write(DEMO.replace('log: info', 'log: info, playground: off'));
  expect(await server.reload()).toEqual([]);
  expect(await socket('/rt/demo-hash', server.url)).toBe(403);
});
