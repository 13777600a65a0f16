import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { APP_SECRET, ONE_APP, startServer, type TestServer } from './serve.fixture.ts';

const ROOM = `${ONE_APP}      - { target: room, anonymousClients: true, publicMessaging: true }
`;
type Said = Record<string, unknown>;

let server: TestServer;
let sockets: WebSocket[];
beforeEach(async () => {
  sockets = [];
  server = await startServer(ROOM);
});
afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  await server.stop();
});

class Client {
  readonly ws: WebSocket;
  readonly said: Said[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(query = 'key=sub-shop', options: ClientOptions = {}, protocols: string[] = ['portcullis.v1']) {
    this.ws = new WebSocket(`${server.url.replace('http', 'ws')}/v1/connect?${query}`, protocols, options);
    this.ws.on('error', () => {});
    this.ws.on('message', (data) => {
      const frame = JSON.parse(data.toString()) as Said | Said[];
      this.said.push(...(Array.isArray(frame) ? frame : [frame]));
      for (const wake of this.#waiting) wake();
    });
    sockets.push(this.ws);
  }

  async asks(...messages: Said[]): Promise<this> {
    if (this.ws.readyState === WebSocket.CONNECTING) await once(this.ws, 'open');
    this.ws.send(JSON.stringify(messages));
    return this;
  }

  async hears(type: string): Promise<Said> {
    for (;;) {
      const found = this.said.find((message) => message.type === type);
      if (found) return found;
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }
}

const refusedWith = async ({ ws }: Client): Promise<number> => {
  const [, response] = (await once(ws, 'unexpected-response')) as [unknown, { statusCode: number }];
  return response.statusCode;
};
const userToken = async (user: string, ttl = '10m'): Promise<string> => {
  const { body } = await server.admin('POST', '/apps/shop/tokens', { user, ttl });
  return String(body.token);
};
const post = async (path: string, body: unknown, token?: string) => {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Said };
};

describe('the WebSocket', () => {
  test('admits who shows a token of the app', async () => {
    const client = await new Client().asks(
      { type: 'connect', id: 1, token: await userToken('ada') },
      { type: 'join', id: 2, channel: 'room' },
      { type: 'publish', id: 3, channel: 'room', data: 'hi' },
    );
    expect(await client.hears('connected')).toMatchObject({
      self: { user: 'ada', proven: true },
      authenticated: true,
      expiresAt: expect.any(Number),
      maxMessage: 32 * 1024,
      maxFrame: 64 * 1024,
      maxCommands: 500,
    });
    expect(await client.hears('published')).toMatchObject({ id: 3 });
    expect(await client.hears('messages')).toMatchObject({ messages: [{ from: { user: 'ada' }, data: 'hi' }] });
    const { body } = await server.admin('GET', '/apps/shop/sessions');
    expect(body).toMatchObject({ sessions: [{ door: 'native', principal: { user: 'ada' }, channels: ['room'] }] });
  });

  test('admits a permission token for its user, and for no other that is stated beside it', async () => {
    const { body } = await server.admin('POST', '/apps/shop/grants', {
      ttl: 60,
      authorizedUser: 'bob',
      resources: { channels: { room: ['read'] } },
    });
    const client = await new Client().asks({ type: 'connect', id: 1, token: String(body.token), user: 'bob' });
    expect(await client.hears('connected')).toMatchObject({ self: { user: 'bob', proven: true } });
    const alone = await new Client().asks({ type: 'connect', id: 1, token: String(body.token) });
    expect(await alone.hears('connected')).toMatchObject({ self: { user: 'bob', proven: true } });
    const other = await new Client().asks({ type: 'connect', id: 1, token: String(body.token), user: 'eve' });
    expect(await other.hears('closing')).toMatchObject({ code: 'identity.user-mismatch', reconnect: false });
  });

  test('is refused before the upgrade without the sub-protocol, or from a foreign page', async () => {
    expect(await refusedWith(new Client('key=sub-shop', {}, []))).toBe(400);
    expect(await refusedWith(new Client('key=sub-shop', {}, ['portcullis.v2']))).toBe(400);
    expect(await refusedWith(new Client('key=sub-shop', { headers: { origin: 'https://evil.example' } }))).toBe(403);
  });

  test('asks its clients to come back when the server stops', async () => {
    const client = await new Client().asks({ type: 'connect', id: 1 }, { type: 'join', id: 2, channel: 'room' });
    await client.hears('joined');
    const closed = once(client.ws, 'close');
    await server.stop();
    expect(await client.hears('closing')).toMatchObject({ code: 'session.restarting', reconnect: true });
    expect((await closed)[0]).toBe(1012);
  });

  test('counts towards the connections of the app, and takes changed limits from the next connection on', async () => {
    server.write(ROOM.replace('access:', 'limits: { connections: 1, frame: 128KiB }\n    access:'));
    server.hangUp();
    const { hears } = await (async () => {
      for (;;) {
        const client = await new Client().asks({ type: 'connect', id: 1 });
        const connected = await client.hears('connected');
        if (connected.maxFrame === 128 * 1024) return { hears: client };
        client.ws.close();
        await once(client.ws, 'close');
      }
    })();
    expect(await refusedWith(new Client())).toBe(503);
    expect(hears.said).toHaveLength(1);
  });
});

describe('plain HTTP', () => {
  test('publishes for users, for the secret key and for API keys that may', async () => {
    const body = { channel: 'room', data: 1 };
    expect(await post('/v1/publish?key=sub-shop', body, await userToken('ada'))).toMatchObject({ status: 200 });
    const anywhere = { channel: 'nowhere', data: 1 };
    expect(await post('/v1/publish?key=sub-shop', anywhere)).toMatchObject({ body: { code: 'channel.no-rule' } });
    expect(await post('/v1/publish?key=sub-shop', anywhere, APP_SECRET)).toMatchObject({ status: 200 });
    const keyWith = async (scope: string) => {
      const made = await server.admin('POST', '/keys', { name: scope, app: 'shop', scopes: [scope] });
      return String(made.body.key ?? made.body.token ?? made.body.secret);
    };
    expect(await post('/v1/publish?key=sub-shop', anywhere, await keyWith('publish'))).toMatchObject({ status: 200 });
    expect(await post('/v1/publish?key=sub-shop', anywhere, await keyWith('read'))).toMatchObject({
      status: 403,
      body: { code: 'admin.forbidden' },
    });
  });

  test('streams to who has a ticket', async () => {
    const { body } = await post('/v1/ticket?key=sub-shop', {}, await userToken('ada'));
    const response = await fetch(`${server.url}/v1/stream?key=sub-shop&channel=room&ticket=${body.ticket}`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const reader = response.body?.getReader();
    let text = '';
    while (!text.includes('"joined"')) text += Buffer.from((await reader?.read())?.value ?? []).toString();
    expect(text).toContain('"user":"ada"');
    await server.stop();
    while (!text.includes('"closing"')) text += Buffer.from((await reader?.read())?.value ?? []).toString();
    expect(text).toContain('"reconnect":true');
  });

  test('is measured by route', async () => {
    await post('/v1/publish?key=sub-shop', { channel: 'room', data: 1 });
    const metrics = await (await fetch(`${server.adminUrl}/metrics`)).text();
    expect(metrics).toContain('portcullis_http_answers_total{route="/v1/publish",status="200"} 1');
  });

  test('says of the WebSocket’s address that it speaks WebSocket', async () => {
    const response = await fetch(`${server.url}/v1/connect?key=sub-shop`);
    expect(response.status).toBe(426);
  });
});
