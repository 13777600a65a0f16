import { afterEach, expect, test } from 'vitest';
import { startServer, type TestServer } from './serve.fixture.ts';
import { connectXano } from './xano-client.fixture.ts';

let server: TestServer;
afterEach(() => server.stop());

test('from start to a server event in a client’s hands, and away', async () => {
  server = await startServer();
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  const anonymous = await connectXano(server.url, 'shop-hash');
  anonymous.say('join', 'news');
  await anonymous.next('join');
  const sent = await server.admin('POST', '/apps/shop/events', { channel: 'news', data: { hello: 1 } });
  expect(sent).toMatchObject({ status: 200, body: { delivered: 1 } });
  expect((await anonymous.next('event')).payload).toMatchObject({ data: { hello: 1 } });
  await server.stop();
  expect(await anonymous.closed).toBe(1012);
});
