import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startServer, type TestServer } from './serve.fixture.ts';

let server: TestServer;
afterEach(() => server.stop());

interface Frame {
  readonly action: string;
  readonly options: { readonly channel?: string };
  readonly payload: unknown;
}

async function client(token?: string) {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/rt/shop-hash`, token === undefined ? [] : [token]);
  const frames: Frame[] = [];
  const waiting: (() => void)[] = [];
  socket.on('message', (data) => {
    frames.push(JSON.parse(String(data)));
    for (const wake of waiting.splice(0)) wake();
  });
  const closed = new Promise<number>((resolve) => socket.on('close', (code) => resolve(code)));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const next = async (action: string): Promise<Frame> => {
    for (;;) {
      const at = frames.findIndex((frame) => frame.action === action);
      const [found] = at < 0 ? [] : frames.splice(at, 1);
      if (found) return found;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  const say = (action: string, channel: string, payload: unknown = null) =>
    socket.send(JSON.stringify({ action, options: { channel }, payload }));
  return { socket, say, next, closed };
}

test('from start to a server event in a client’s hands, and away', async () => {
  server = await startServer();
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  const anonymous = await client();
  anonymous.say('join', 'news', { history: false, presence: false });
  await anonymous.next('join');
  const sent = await server.admin('POST', '/apps/shop/events', { channel: 'news', data: { hello: 1 } });
  expect(sent).toMatchObject({ status: 200, body: { delivered: 1 } });
  expect((await anonymous.next('event')).payload).toMatchObject({ data: { hello: 1 } });
  await server.stop();
  expect(await anonymous.closed).toBe(1012);
});
