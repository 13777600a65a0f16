import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NativeClient, type NativeOptions, type Said } from '../support/native-client.ts';
import { ask, request } from './raw-http.fixture.ts';
import { Target } from './unharmed.fixture.ts';
import { type FrameSpec, wireFrame } from './wire-frames.fixture.ts';

/** What a client can do to the native door: each attack is answered with a code, and costs nobody else anything. */
const KEY = 'sub-hostile';
const FRAME_MAX = 64 * 1024;
/** Stands in every payload and token sent here, and may stand in no line of the log. */
const MARK = 'zebra-payload';

let target: Target;
const opened: NativeClient[] = [];

beforeAll(async () => {
  target = await Target.start(
    `    keys: { subscribe: ${KEY} }
    channels:
      - { target: room, anonymousClients: true, presence: true, publicMessaging: true, privateMessaging: true }
      - { target: kept, anonymousClients: true, publicMessaging: true, history: 100 }
      - { target: long/*, nested: true, anonymousClients: true, publicMessaging: true }
`,
    '{ rules: on, grants: off, explainToClients: full }',
  );
  target.neverSay(MARK);
});
afterAll(async () => {
  for (const client of opened) client.destroy();
  await target?.server.stop();
});

async function dial(options: Partial<NativeOptions> = {}): Promise<NativeClient> {
  const client = await NativeClient.dial({ port: target.server.port, key: KEY, ...options });
  opened.push(client);
  return client;
}
async function connected(): Promise<NativeClient> {
  const client = await dial();
  const answer = await client.asked({ type: 'connect' });
  client.session = String(answer.session);
  return client;
}
async function inRoom(): Promise<NativeClient> {
  const client = await connected();
  await client.join('room');
  return client;
}
async function expectAlive(client: NativeClient): Promise<void> {
  expect((await client.publish('room', `${MARK} alive`)).type).toBe('published');
  await client.hears(`${MARK} alive`);
}
const closing = async (client: NativeClient) => {
  await client.untilGone();
  const last: Partial<Said> = client.frames.at(-1) ?? {};
  return [client.closeCode, client.closeReason, last.type, last.code, last.reconnect];
};
const ended = (code: string, closeCode = 4500) => [closeCode, code, 'closing', code, false];
const text = (message: object) => JSON.stringify(message);
const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

describe('a message that is none is refused with a code, and the connection goes on', () => {
  it.each([
    ['nothing', '', 'request.malformed'],
    ['no JSON', `${MARK} {`, 'request.malformed'],
    ['two objects', '{"type":"ping","id":1}{"type":"ping","id":2}', 'request.malformed'],
    ['a number', '7', 'request.malformed'],
    ['an empty array', '[]', 'request.malformed'],
    ['arrays in arrays', '[[{"type":"ping","id":1}]]', 'request.malformed'],
    ['no type', '{"id":1}', 'request.malformed'],
    ['a type of the server', '{"type":"messages","id":1}', 'request.unknown-action'],
    ['the type `constructor`', '{"type":"constructor","id":1}', 'request.unknown-action'],
    ['the type `__proto__`', '{"type":"__proto__","id":1}', 'request.unknown-action'],
    ['an id past 2^53', '{"type":"ping","id":9007199254740993}', 'request.malformed'],
    ['an id of 400 digits', `{"type":"ping","id":${'9'.repeat(400)}}`, 'request.malformed'],
    ['a negative id', '{"type":"ping","id":-1}', 'request.malformed'],
    ['an id that is a text', '{"type":"ping","id":"1"}', 'request.malformed'],
    ['an unknown field', '{"type":"ping","id":1,"x":1}', 'request.malformed'],
    ['a field of the prototype', '{"type":"ping","id":1,"__proto__":{"x":1}}', 'request.malformed'],
    ['10 000 levels', `{"type":"publish","id":1,"channel":"room","data":${nested(10_000)}}`, 'limit.messageDepth'],
    ['10 000 levels that never close', '['.repeat(10_000), 'limit.messageDepth'],
    [
      'levels beside the payload',
      `{"type":"join","id":1,"channel":"room","state":${nested(40)}}`,
      'limit.messageDepth',
    ],
    ['a number past every double', '{"type":"publish","id":1,"channel":"room","data":1e999}', 'request.malformed'],
    ['a byte order mark', '\ufeff{"type":"ping","id":1}', 'request.malformed'],
    [
      'a payload over the limit',
      text({ type: 'publish', id: 1, channel: 'room', data: 'x'.repeat(32 * 1024) }),
      'limit.message',
    ],
    [
      'a meta over the limit',
      text({ type: 'publish', id: 1, channel: 'room', data: 1, meta: { x: 'x'.repeat(2048) } }),
      'limit.meta',
    ],
    [
      'a state over the limit',
      text({ type: 'state', id: 1, channel: 'room', state: { x: 'x'.repeat(2048) } }),
      'limit.state',
    ],
    [
      'a key of 65 characters',
      text({ type: 'publish', id: 1, channel: 'room', data: 1, key: 'x'.repeat(65) }),
      'request.malformed',
    ],
    [
      'a recipient that is nobody',
      text({ type: 'publish', id: 1, channel: 'room', data: 1, to: { session: 'x'.repeat(5_000) } }),
      'channel.peer-not-present',
    ],
    [
      '501 messages',
      text(Array.from({ length: 501 }, (_, id) => ({ type: 'ping', id: id + 1 }))),
      'limit.commandsPerFrame',
    ],
    ['a second connect', text({ type: 'connect', id: 1 }), 'request.malformed'],
    ['a token that is none', text({ type: 'token', id: 1, token: `${MARK}.${MARK}` }), 'identity.malformed'],
    ['a bad name', text({ type: 'join', id: 1, channel: 'a,b' }), 'channel.bad-name'],
    ['a name of 256 bytes', text({ type: 'join', id: 1, channel: `long/${'x'.repeat(251)}` }), 'channel.bad-name'],
    ['a lone surrogate', '{"type":"join","id":1,"channel":"long/\\ud800"}', 'channel.bad-name'],
  ])('%s', async (_, frame, code) => {
    const client = await inRoom();
    const from = client.frames.length;
    client.sendText(frame);
    expect((await client.until(({ type }) => type === 'error', from)).code).toMatch(
      code === 'channel.bad-name' ? /^(channel\.bad-name|limit\.channelName)$/ : code,
    );
    await expectAlive(client);
  });

  it('a binary frame', async () => {
    const client = await inRoom();
    const from = client.frames.length;
    client.sendBytes(wireFrame({ opcode: 2, payload: Buffer.from('{}') }));
    expect((await client.until(({ type }) => type === 'error', from)).code).toBe('request.binary');
    await expectAlive(client);
  });

  it('what JSON allows passes as it is: NUL, lone surrogates, keys of the prototype', async () => {
    const client = await inRoom();
    const from = client.frames.length;
    const data = String.raw`{"nul":"\u0000","lone":"\ud800","__proto__":{"admin":true},"constructor":1}`;
    client.sendText(`{"type":"publish","id":77,"channel":"room","data":${data}}`);
    const said = await client.until(({ type }) => type === 'messages', from);
    expect(JSON.stringify((said.messages as { data: unknown }[])[0]?.data)).toBe(data);
  });
});

describe('before `connect` is answered', () => {
  it.each([
    ['anything else', text({ type: 'join', id: 1, channel: 'room' }), 'request.malformed'],
    ['no JSON', 'x', 'request.malformed'],
    ['an unknown type', text({ type: 'hello', id: 1 }), 'request.unknown-action'],
    ['too deep', '['.repeat(1_000), 'limit.messageDepth'],
    ['a connect with a field too much', text({ type: 'connect', id: 1, admin: true }), 'request.malformed'],
  ])('%s ends the connection, for good', async (_, frame, code) => {
    const client = await dial();
    client.sendText(frame);
    expect(await closing(client)).toEqual(ended(code));
  });

  it('a forged token is refused, for good', async () => {
    const client = await dial();
    client.sendText(text({ type: 'connect', id: 1, token: `eyJhbGciOiJub25lIn0.${MARK}.` }));
    expect((await closing(client))[0]).toBe(4501);
  });
});

describe('what is no WebSocket ends the connection', () => {
  const ping = text({ type: 'ping', id: 1 });
  const fragments = (count: number, bytes: number): FrameSpec[] =>
    Array.from({ length: count }, (_, at) => ({ opcode: at === 0 ? 1 : 0, fin: false, payload: 'x'.repeat(bytes) }));
  it.each<[string, FrameSpec[], string]>([
    ['an unmasked frame', [{ payload: ping, masked: false }], 'request.malformed'],
    ['a reserved bit', [{ payload: ping, reserved: 4 }], 'request.malformed'],
    ['a reserved opcode', [{ payload: ping, opcode: 3 }], 'request.malformed'],
    ['a fragmented ping', [{ opcode: 9, fin: false }], 'request.malformed'],
    ['a continuation of nothing', [{ opcode: 0, payload: ping }], 'request.malformed'],
    ['a text within a text', [{ payload: '{', fin: false }, { payload: ping }], 'request.malformed'],
    ['text that is not UTF-8', [{ payload: Buffer.from([0x22, 0xff, 0xfe, 0x22]) }], 'request.malformed'],
    ['a frame over the limit', [{ payload: 'x'.repeat(FRAME_MAX + 1) }], 'limit.frame'],
    ['a frame that claims 8 EiB', [{ payload: ping, claimedLength: (1n << 63n) - 1n }], 'limit.frame'],
    ['fragments over the limit', fragments(9, 8_192), 'limit.frame'],
    ['2 000 empty fragments', fragments(2_000, 0), 'request.malformed'],
  ])('%s', async (_, specs, code) => {
    const [witness, client] = [await inRoom(), await inRoom()];
    client.sendBytes(Buffer.concat(specs.map(wireFrame)));
    expect(await closing(client)).toEqual(ended(code));
    await expectAlive(witness);
  });
});

describe('floods', () => {
  it.each([
    ['large frames', text({ type: 'publish', id: 1, channel: 'room', data: 'x'.repeat(20_000) }), 5],
    ['pings', text({ type: 'ping', id: 1 }), 1_000],
    ['joins that are refused', text({ type: 'join', id: 1, channel: 'nowhere' }), 1_000],
  ])('of %s before the first channel end the connection, told why', async (_, frame, count) => {
    const client = await connected();
    client.sendBytes(Buffer.concat(Array.from({ length: count }, () => wireFrame({ payload: frame }))));
    expect(await closing(client)).toEqual(ended('limit.beforeJoin'));
  });

  it('of frames before `connect` end the connection, and connect nobody', async () => {
    const client = await dial();
    client.sendBytes(Buffer.concat(Array.from({ length: 2_000 }, () => wireFrame({ payload: '' }))));
    const [code, reason] = await closing(client);
    expect([code, reason === 'request.malformed' || reason === 'limit.beforeJoin']).toEqual([4500, true]);
  });

  it('of thousands of pipelined commands are all carried out, in order', async () => {
    const client = await connected();
    await client.join('kept');
    const from = client.frames.length;
    const frames = Array.from({ length: 30 }, (_, batch) =>
      wireFrame({
        payload: text(
          Array.from({ length: 100 }, (_, n) => ({
            type: 'publish',
            id: 1_000 + batch * 100 + n,
            channel: 'kept',
            data: batch * 100 + n,
          })),
        ),
      }),
    );
    client.sendBytes(Buffer.concat(frames));
    await client.until(({ type, id }) => type === 'published' && id === 3_999, from);
    await client.hears(2_999);
    expect(client.heard.map(({ data }) => data)).toEqual(Array.from({ length: 3_000 }, (_, n) => n));
    const offsets = client.heard.map(({ offset }) => offset ?? 0);
    expect(offsets).toEqual(offsets.map((_, at) => (offsets[0] ?? 0) + at));
  });

  it('of the same join make one member, and of joins stop at the limit', async () => {
    const [client, other] = [await inRoom(), await inRoom()];
    await other.join('room', { presence: true });
    const from = other.frames.length;
    client.sendBytes(
      Buffer.concat(
        Array.from({ length: 500 }, (_, id) =>
          wireFrame({ payload: text({ type: 'join', id: id + 100, channel: 'room' }) }),
        ),
      ),
    );
    await client.quiet();
    await expectAlive(client);
    await other.hears(`${MARK} alive`);
    expect(other.frames.slice(from).filter(({ type }) => type === 'presence')).toEqual([]);
    const many = Array.from({ length: 2_100 }, (_, n) =>
      wireFrame({ payload: text({ type: 'join', id: 10_000 + n, channel: `long/${n}` }) }),
    );
    client.sendBytes(Buffer.concat(many));
    expect((await client.until(({ id }) => id === 12_099)).code).toBe('limit.channelsPerConnection');
  });

  it.each([
    ['requests for history', { type: 'history', channel: 'kept' }],
    ['joins that ask for history', { type: 'join', channel: 'kept', history: 100 }],
    ['rosters', { type: 'roster', channel: 'room' }],
    ['messages that are refused', { type: 'nothing' }],
  ])('of %s by clients that read nothing cost little memory, and nobody else waits', async (_, message) => {
    const writer = await connected();
    await writer.join('kept');
    for (let n = 0; n < 20; n += 1) await writer.publish('kept', MARK.repeat(2_000));
    writer.destroy();
    const witness = await inRoom();
    const stalled = await Promise.all(Array.from({ length: 5 }, () => inRoom()));
    for (const client of stalled) {
      await client.join('kept');
      client.stopReading();
      const flood = Array.from({ length: 1_500 }, (_, id) =>
        wireFrame({ payload: text({ id: id + 100, ...message }) }),
      );
      client.sendBytes(Buffer.concat(flood));
    }
    await expectAlive(witness);
    await target.expectUnharmed();
    for (const client of stalled) client.destroy();
  });
});

describe('plain HTTP', () => {
  const call = (line: string, headers: readonly string[], body = '') =>
    `${request(`${line} HTTP/1.1`, 'Connection: close', ...headers)}${body}`;
  const json = (body: string) => [`Content-Type: application/json`, `Content-Length: ${Buffer.byteLength(body)}`];
  const publish = (body: string, more: readonly string[] = []) =>
    call(`POST /v1/publish?key=${KEY}`, [...json(body), ...more], body);

  it.each([
    ['an unknown key', call('GET /v1/stream?key=x&channel=room', []), 400, 'app.unknown-key'],
    ['no channel', call(`GET /v1/stream?key=${KEY}`, []), 400, 'request.malformed'],
    [
      'a token in the address',
      call(`GET /v1/stream?key=${KEY}&channel=room&token=${MARK}`, []),
      400,
      'request.malformed',
    ],
    ['a used-up ticket', call(`GET /v1/stream?key=${KEY}&channel=room&ticket=${MARK}`, []), 403, 'identity.expired'],
    [
      'another scheme',
      call(`GET /v1/stream?key=${KEY}&channel=room`, [`Authorization: Basic ${MARK}`]),
      400,
      'identity.malformed',
    ],
    [
      '101 channels',
      call(`GET /v1/stream?key=${KEY}${Array.from({ length: 101 }, (_, n) => `&channel=c${n}`).join('')}`, []),
      400,
      'limit.channelsPerStream',
    ],
    [
      'a foreign page',
      call(`GET /v1/stream?key=${KEY}&channel=room`, ['Origin: https://evil.example']),
      403,
      'request.origin-not-allowed',
    ],
    [
      'a broken id',
      call(`GET /v1/stream?key=${KEY}&channel=room`, ['Last-Event-ID: e:1,e:2']),
      400,
      'request.malformed',
    ],
    ['a name that is none', call(`GET /v1/stream?key=${KEY}&channel=a,b`, []), 400, 'channel.bad-name'],
    ['another method', call(`DELETE /v1/publish?key=${KEY}`, []), 405, 'request.method-not-allowed'],
    ['a body that is no JSON', publish(`${MARK} {`), 400, 'request.malformed'],
    ['a body that is too long', publish(text({ channel: 'room', data: 'x'.repeat(70_000) })), 413, 'limit.frame'],
    ['a payload that is too long', publish(text({ channel: 'room', data: 'x'.repeat(40_000) })), 413, 'limit.message'],
    ['a body that is too deep', publish(`{"channel":"room","data":${nested(5_000)}}`), 400, 'limit.messageDepth'],
    ['an encoded body', publish('{}', ['Content-Encoding: gzip']), 415, 'request.malformed'],
    [
      'a form',
      call(`POST /v1/publish?key=${KEY}`, ['Content-Type: text/plain', 'Content-Length: 2'], '{}'),
      415,
      'request.malformed',
    ],
    ['a field too much', publish(text({ channel: 'room', data: 1, admin: true })), 400, 'request.malformed'],
    [
      'a forged token',
      publish(text({ channel: 'room', data: 1 }), [`Authorization: Bearer eyJhbGciOiJub25lIn0.${MARK}.`]),
      400,
      'identity.malformed',
    ],
    ['a ticket for nobody', call(`POST /v1/ticket?key=${KEY}`, ['Content-Length: 0']), 401, 'request.malformed'],
  ])('%s is answered with problem details', async (_, bytes, status, code) => {
    const answer = await ask(target.server.port, bytes);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    expect(JSON.parse(answer.body)).toMatchObject({
      status,
      code,
      title: expect.any(String),
      detail: expect.any(String),
    });
  });

  it('streams that nobody reads are cut, and hold little memory', async () => {
    const writer = await inRoom();
    const sockets = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const socket = connect(target.server.port, '127.0.0.1');
        socket.on('error', () => {});
        await once(socket, 'connect');
        socket.pause();
        socket.write(`GET /v1/stream?key=${KEY}&channel=room HTTP/1.1\r\nHost: localhost\r\n\r\n`);
        return socket;
      }),
    );
    for (let n = 0; n < 400; n += 1) await writer.publish('room', MARK.repeat(2_000));
    await expectAlive(writer);
    await target.expectUnharmed();
    const { body } = await target.server.admin('GET', '/apps/test/sessions');
    expect(JSON.stringify(body)).not.toContain('native-stream');
    for (const socket of sockets) socket.destroy();
  });
});

it('afterwards the server answers, holds no more memory than stated, and its log gives nothing away', async () => {
  await target.expectUnharmed();
});
