import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RunningServer } from '../support/server.ts';

/** Revoking with polls hanging: from the acknowledgement on nothing published later reaches the tokens' holders. */
const HOLDERS = process.env.LONG_TESTS === '1' ? 1_000 : 200;
const KEYS = {
  publish: 'pub-conformance-0123456789abcdef0123',
  subscribe: 'sub-conformance-0123456789abcdef0123',
  secret: 'sec-conformance-0123456789abcdef0123',
};

let server: RunningServer;

beforeAll(async () => {
  server = await RunningServer.start({
    app: `    keys: { publish: ${KEYS.publish}, subscribe: ${KEYS.subscribe}, secret: ${KEYS.secret} }\n`,
    access: '{ rules: off, grants: on, explainToClients: full }',
  });
});

afterAll(() => server?.stop());

it(`${HOLDERS} hanging polls are cut by one revocation, and hear nothing that was published after it`, async () => {
  const resources = { channels: { room: ['read', 'write'] } };
  const { token } = await server.must('POST', '/apps/test/grants', { ttl: 10, authorizedUser: 'holder', resources });
  const writer = await server.must('POST', '/apps/test/grants', { ttl: 10, authorizedUser: 'writer', resources });
  const holders = await Promise.all(Array.from({ length: HOLDERS }, () => Holder.open(server.port, String(token))));
  let sent = 0;
  let talking = true;
  // One after the other: the server is never asked for more than it answers.
  const talked = (async () => {
    while (talking) {
      sent += 1;
      await publish(String(writer.token), sent);
    }
  })();
  await until(() => holders.every(({ newest }) => newest > 0));
  await server.must('POST', '/apps/test/revocations', { user: 'holder' });
  const atAck = sent;
  await until(() => holders.every(({ refused }) => refused !== null));
  await new Promise((resolve) => setTimeout(resolve, 200));
  talking = false;
  await talked;
  for (const { newest, refused } of holders) {
    expect(newest).toBeLessThanOrEqual(atAck);
    expect(refused).toMatchObject({ status: 403, service: 'Access Manager', code: 'identity.revoked' });
  }
  expect(sent).toBeGreaterThan(atAck);
}, 120_000);

async function publish(token: string, n: number): Promise<void> {
  const path = `/publish/${KEYS.publish}/${KEYS.subscribe}/0/room/0/${n}?uuid=writer&auth=${encodeURIComponent(token)}`;
  const response = await fetch(`${server.url}${path}`);
  if (response.status !== 200) throw new Error(await response.text());
}

/** One subscriber, by hand: asks again as soon as it is answered, until it is refused. */
class Holder {
  newest = 0;
  refused: { readonly status: number } | null = null;
  readonly #socket: Socket;
  readonly #target: string;
  #buffer = '';

  private constructor(socket: Socket, token: string) {
    this.#socket = socket;
    this.#target = `/v2/subscribe/${KEYS.subscribe}/room/0?uuid=holder&auth=${encodeURIComponent(token)}`;
    socket.setEncoding('utf8');
    socket.on('data', (text) => this.#read(String(text)));
    socket.on('error', () => {});
  }

  static async open(port: number, token: string): Promise<Holder> {
    const socket = connect(port, '127.0.0.1');
    const holder = new Holder(socket, token);
    holder.#ask('&tt=0');
    await until(() => holder.#asked > 1 || holder.refused !== null);
    return holder;
  }

  #asked = 0;

  #ask(cursor: string): void {
    this.#asked += 1;
    this.#socket.write(`GET ${this.#target}${cursor} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  }

  #read(text: string): void {
    this.#buffer += text;
    const head = this.#buffer.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(this.#buffer.slice(0, head))?.[1] ?? 0);
    if (this.#buffer.length < head + 4 + length) return;
    const body = JSON.parse(this.#buffer.slice(head + 4, head + 4 + length));
    this.#buffer = this.#buffer.slice(head + 4 + length);
    if (body.t === undefined) {
      this.refused = body;
      this.#socket.destroy();
      return;
    }
    for (const { d } of body.m) this.newest = Math.max(this.newest, d);
    this.#ask(`&tt=${body.t.t}&tr=${body.t.r}`);
  }
}

async function until(fits: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 30_000; !fits(); ) {
    if (Date.now() > deadline) throw new Error('it did not come about');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
