import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Frame, RawClient, type RawOptions } from '../support/raw-client.ts';
import { HASH } from '../support/server.ts';
import { Target } from './unharmed.fixture.ts';
import { type FrameSpec, wireFrame } from './wire-frames.fixture.ts';

/** What a client can do to a connection: each attack is answered with a code, and costs nobody else anything. */
const MESSAGE_MAX = 32 * 1024;
const ENVELOPE_MAX = 8 * 1024;
/** Stands in every payload sent here, and may stand in no line of the log. */
const MARK = 'zebra-payload';

let target: Target;
const opened: RawClient[] = [];

beforeAll(async () => {
  target = await Target.start(`    channels:
      - { target: room, anonymousClients: true, presence: true, publicMessaging: true, privateMessaging: true }
      - { target: kept, anonymousClients: true, publicMessaging: true, history: 100 }
      - { target: long/*, nested: true, anonymousClients: true, publicMessaging: true }
`);
  target.neverSay(MARK);
});
afterAll(async () => {
  for (const client of opened) client.destroy();
  await target?.server.stop();
});

async function open(options: Partial<RawOptions> = {}): Promise<RawClient> {
  const client = await RawClient.open({ port: target.server.port, hash: HASH, ...options });
  opened.push(client);
  return client;
}

async function inRoom(): Promise<RawClient> {
  const client = await open();
  await client.join('room');
  return client;
}

/** Sends it and waits for the error that answers it. */
async function codeOf(client: RawClient, text: string): Promise<string> {
  const from = client.frames.length;
  client.sendText(text);
  return codeIn(await client.until(({ action }) => action === 'error', from));
}

const codeIn = ({ payload }: Frame) => (payload as { code: string }).code;

async function expectAlive(client: RawClient): Promise<void> {
  const from = client.frames.length;
  client.message('room', `${MARK} alive`);
  const echo = await client.until(({ action, options }) => action === 'message' && options?.channel === 'room', from);
  expect(echo.payload).toBe(`${MARK} alive`);
}

const message = (payload: string, options = '"channel":"room"') =>
  `{"action":"message","options":{${options}},"payload":${payload}}`;
const join = (channel: string) => JSON.stringify({ action: 'join', options: { channel }, payload: {} });
const deep = (levels: number, inner = '') => '['.repeat(levels) + inner + ']'.repeat(levels);

describe('a frame that is no command is refused with a code, and the connection goes on', () => {
  it.each([
    ['nothing', '', 'request.malformed'],
    ['no JSON', `${MARK} {`, 'request.malformed'],
    ['JSON cut short', `{"action":"message","options":{"channel":"room"},"payload":"${MARK}`, 'request.malformed'],
    ['an array', `["message","room","${MARK}"]`, 'request.malformed'],
    ['null', 'null', 'request.malformed'],
    ['a number', '42', 'request.malformed'],
    ['a text', `"${MARK}"`, 'request.malformed'],
    ['two objects', `${message('1')}${message('2')}`, 'request.malformed'],
    ['an empty object', '{}', 'request.malformed'],
    ['an action that is a number', '{"action":1,"options":{"channel":"room"}}', 'request.malformed'],
    ['no options', '{"action":"message","payload":1}', 'request.malformed'],
    ['options that are an array', '{"action":"message","options":["room"],"payload":1}', 'request.malformed'],
    ['options that are null', '{"action":"message","options":null,"payload":1}', 'request.malformed'],
    ['a channel that is a number', message('1', '"channel":5'), 'request.malformed'],
    ['a channel that is an object', message('1', '"channel":{"room":1}'), 'request.malformed'],
    ['a channel of the prototype', message('1', '"__proto__":{"channel":"room"}'), 'request.malformed'],
    ['`authenticated` that is a text', message('1', '"channel":"room","authenticated":"yes"'), 'request.malformed'],
    ['`socketId` that is a number', message('1', '"channel":"room","socketId":7'), 'request.malformed'],
    ['`socketId` that is an object', message('1', '"channel":"room","socketId":{}'), 'request.malformed'],
    [
      'a join whose payload is a text',
      '{"action":"join","options":{"channel":"room"},"payload":"x"}',
      'request.malformed',
    ],
    ['an unknown action', '{"action":"shout","options":{"channel":"room"}}', 'request.unknown-action'],
    ['an action of the server', '{"action":"presence_full","options":{"channel":"room"}}', 'request.unknown-action'],
    ['the action `constructor`', '{"action":"constructor","options":{"channel":"room"}}', 'request.unknown-action'],
    ['the action `__proto__`', '{"action":"__proto__","options":{"channel":"room"}}', 'request.unknown-action'],
    ['10 000 levels of arrays', message(deep(10_000)), 'limit.messageDepth'],
    ['10 000 levels that never close', '['.repeat(10_000), 'limit.messageDepth'],
    ['5 000 levels of objects', message(`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`), 'limit.messageDepth'],
    ['one level too many', message(deep(33)), 'limit.messageDepth'],
    [
      'levels beside the payload',
      `{"action":"join","options":{"channel":"room","x":${deep(40)}}}`,
      'limit.messageDepth',
    ],
    ['a number past every double', message('1e999'), 'request.malformed'],
    ['a number below every double', message('[-1e999]'), 'request.malformed'],
    ['400 digits', message(`{"n":${'9'.repeat(400)}}`), 'request.malformed'],
    ['NUL in the JSON', message('"\u0000"'), 'request.malformed'],
    ['a byte order mark', `\ufeff${message('1')}`, 'request.malformed'],
    ['a payload over the limit', message(JSON.stringify('x'.repeat(MESSAGE_MAX - 1))), 'limit.message'],
    [
      'a recipient that is nobody',
      message('1', `"channel":"room","socketId":"${'x'.repeat(5_000)}"`),
      'channel.peer-not-present',
    ],
    [
      'a history of nobody',
      '{"action":"history","options":{"channel":"kept","socketId":"x"}}',
      'channel.peer-not-present',
    ],
  ])('%s', async (_, text, code) => {
    const client = await inRoom();
    expect(await codeOf(client, text)).toBe(code);
    await expectAlive(client);
  });

  it('a binary frame', async () => {
    const client = await inRoom();
    const from = client.frames.length;
    client.sendBytes(wireFrame({ opcode: 2, payload: Buffer.from(message('1')) }));
    expect(codeIn(await client.until(({ action }) => action === 'error', from))).toBe('request.binary');
    await expectAlive(client);
  });
});

describe('names and payloads at their limits', () => {
  it.each([
    ['255 letters', `long/${'x'.repeat(250)}`],
    ['255 bytes of two-byte letters', `long/${'é'.repeat(125)}`],
    ['255 bytes with an emoji', `long/${'x'.repeat(246)}😀`],
  ])('a name of %s is taken', async (_, name) => {
    expect(Buffer.byteLength(name)).toBe(255);
    expect(await (await open()).join(name)).toMatchObject({ action: 'join', options: { channel: name } });
  });

  it.each([
    ['256 letters', `long/${'x'.repeat(251)}`],
    ['256 bytes in fewer letters', `long/x${'é'.repeat(125)}`],
    ['7 000 letters', `long/${'x'.repeat(7_000)}`],
    ['nothing', ''],
    ['NUL', 'long/a\u0000b'],
    ['a line break', 'long/a\r\nb'],
    ['a lone surrogate', 'long/\ud800'],
    ['a right-to-left override', 'long/\u202egpj'],
    ['what is not composed', 'long/e\u0301'],
    ['a comma', 'long/a,b'],
    ['an asterisk', 'long/*'],
    ['a presence channel', 'long/x-pnpres'],
  ])('a name of %s is refused', async (_, name) => {
    const client = await inRoom();
    expect(await codeOf(client, join(name))).toMatch(/^(channel\.bad-name|limit\.channelName)$/);
    await expectAlive(client);
  });

  it.each([
    ['ASCII', 'x'.repeat(MESSAGE_MAX - 2)],
    ['two-byte letters', 'é'.repeat(MESSAGE_MAX / 2 - 1)],
    ['emoji', `${'😀'.repeat(MESSAGE_MAX / 4 - 1)}xx`],
  ])('a payload of exactly the limit in %s is taken, one byte more is not', async (_, text) => {
    expect(Buffer.byteLength(JSON.stringify(text))).toBe(MESSAGE_MAX);
    const client = await inRoom();
    client.message('room', text);
    expect((await client.until(({ action }) => action === 'message')).payload).toBe(text);
    expect(await codeOf(client, message(JSON.stringify(`${text}x`)))).toBe('limit.message');
    await expectAlive(client);
  });

  it('what JSON allows passes as it is: NUL, lone surrogates, keys of the prototype', async () => {
    const client = await inRoom();
    const text = String.raw`{"nul":"\u0000","lone":"\ud800","__proto__":{"admin":true},"constructor":1}`;
    const from = client.frames.length;
    client.sendText(message(text));
    const { payload } = await client.until(({ action }) => action === 'message', from);
    expect(JSON.stringify(payload)).toBe(text);
  });
});

describe('what is no WebSocket ends the connection with the code of the standard, and ours', () => {
  const text = message(`"${MARK}"`);
  const violations: [string, FrameSpec[], number, string][] = [
    ['an unmasked frame', [{ payload: text, masked: false }], 1002, 'request.malformed'],
    ['an unmasked ping', [{ opcode: 9, masked: false }], 1002, 'request.malformed'],
    ['the first reserved bit', [{ payload: text, reserved: 4 }], 1002, 'request.malformed'],
    ['the second reserved bit', [{ payload: text, reserved: 2 }], 1002, 'request.malformed'],
    ['the third reserved bit', [{ payload: text, reserved: 1 }], 1002, 'request.malformed'],
    ['a reserved opcode', [{ payload: text, opcode: 3 }], 1002, 'request.malformed'],
    ['a reserved control opcode', [{ opcode: 11 }], 1002, 'request.malformed'],
    ['a fragmented ping', [{ opcode: 9, fin: false }], 1002, 'request.malformed'],
    ['a ping of 126 bytes', [{ opcode: 9, payload: 'x'.repeat(126) }], 1002, 'request.malformed'],
    ['a continuation of nothing', [{ opcode: 0, payload: text }], 1002, 'request.malformed'],
    ['a text within a text', [{ payload: '{', fin: false }, { payload: text }], 1002, 'request.malformed'],
    ['a close frame of one byte', [{ opcode: 8, payload: 'x' }], 1002, 'request.malformed'],
    ['a close code that nobody may send', [{ opcode: 8, payload: Buffer.from([3, 0xee]) }], 1002, 'request.malformed'],
    ['a close code out of range', [{ opcode: 8, payload: Buffer.from([0, 7]) }], 1002, 'request.malformed'],
    ['text that is not UTF-8', [{ payload: Buffer.from([0x22, 0xff, 0xfe, 0x22]) }], 1007, 'request.malformed'],
    ['a surrogate in UTF-8', [{ payload: Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]) }], 1007, 'request.malformed'],
    [
      'a frame over message and envelope',
      [{ payload: 'x'.repeat(MESSAGE_MAX + ENVELOPE_MAX + 1) }],
      1009,
      'limit.message',
    ],
    ['a frame that claims 4 GiB', [{ payload: text, claimedLength: 1n << 32n }], 1009, 'limit.message'],
    ['a frame that claims 8 EiB', [{ payload: text, claimedLength: (1n << 63n) - 1n }], 1009, 'limit.message'],
    ['a message over the limit in fragments', fragments(6, 8_192), 1009, 'limit.message'],
    ['2 000 fragments of one byte', fragments(2_000, 1), 1008, 'request.malformed'],
    ['2 000 empty fragments', fragments(2_000, 0), 1008, 'request.malformed'],
  ];

  it.each(violations)('%s', async (_, specs, closeCode, code) => {
    const witness = await inRoom();
    const client = await inRoom();
    const from = client.frames.length;
    client.sendBytes(Buffer.concat(specs.map(wireFrame)));
    await client.untilGone();
    expect([client.closeCode, client.closeReason]).toEqual([closeCode, code]);
    expect(
      client.frames.slice(from).map(({ action, payload }) => [action, (payload as { code?: string }).code]),
    ).toEqual([['error', code]]);
    await expectAlive(witness);
  });

  it('a message in lawful fragments, with a ping between, is one message', async () => {
    const client = await inRoom();
    const from = client.frames.length;
    const whole = Buffer.from(message(`"${MARK} é"`));
    client.sendBytes(
      Buffer.concat([
        wireFrame({ payload: whole.subarray(0, 10), fin: false }),
        wireFrame({ opcode: 9, payload: 'between' }),
        // Cut within a letter of two bytes.
        wireFrame({ opcode: 0, payload: whole.subarray(10, whole.length - 3), fin: false }),
        wireFrame({ opcode: 0, payload: whole.subarray(whole.length - 3) }),
      ]),
    );
    expect((await client.until(({ action }) => action === 'message', from)).payload).toBe(`${MARK} é`);
  });
});

function fragments(count: number, bytes: number): FrameSpec[] {
  return Array.from({ length: count }, (_, at) => ({
    opcode: at === 0 ? 1 : 0,
    fin: false,
    payload: 'x'.repeat(bytes),
  }));
}

describe('floods', () => {
  it.each([
    ['large frames', 'x'.repeat(20_000), 5],
    ['empty frames', '', 2_000],
    ['messages into a channel that was not joined', message('1'), 1_000],
    ['joins that are refused', join('nowhere'), 1_000],
  ])('of %s before the first join end the connection, told why', async (_, text, count) => {
    const client = await open();
    client.sendBytes(Buffer.concat(Array.from({ length: count }, () => wireFrame({ payload: text }))));
    await client.untilGone();
    expect([client.closeCode, client.closeReason]).toEqual([4429, 'limit.beforeJoin']);
    expect(client.frames.at(-1)).toMatchObject({ action: 'error', options: {}, payload: { code: 'limit.beforeJoin' } });
  });

  it('of pings and empty pongs are borne', async () => {
    const client = await inRoom();
    for (let round = 0; round < 10; round += 1) {
      client.sendBytes(Buffer.concat(Array.from({ length: 1_000 }, () => wireFrame({ opcode: 9, payload: 'ping' }))));
      client.sendBytes(Buffer.concat(Array.from({ length: 1_000 }, () => wireFrame({ opcode: 10 }))));
    }
    await expectAlive(client);
  });

  it('of messages are all handled, in order', async () => {
    const client = await open();
    await client.join('kept');
    const from = client.frames.length;
    client.sendBytes(
      Buffer.concat(
        Array.from({ length: 3_000 }, (_, n) => wireFrame({ payload: message(`${n}`, '"channel":"kept"') })),
      ),
    );
    await client.until(({ payload }) => payload === 2_999, from);
    expect(client.frames.slice(from).map(({ payload }) => payload)).toEqual(Array.from({ length: 3_000 }, (_, n) => n));
  });

  it('of the same join make one member', async () => {
    const [client, other] = [await inRoom(), await inRoom()];
    other.send({ action: 'join', options: { channel: 'room' }, payload: { presence: true } });
    const from = other.frames.length;
    client.sendBytes(Buffer.concat(Array.from({ length: 1_000 }, () => wireFrame({ payload: join('room') }))));
    await expectAlive(client);
    client.message('room', `${MARK} last`);
    await other.until(({ payload }) => payload === `${MARK} last`, from);
    expect(other.frames.slice(from).filter(({ action }) => action === 'presence_update')).toEqual([]);
  });

  it('of joins stop at the limit of channels', async () => {
    const client = await open();
    await client.join('long/0');
    client.sendBytes(Buffer.concat(Array.from({ length: 2_100 }, (_, n) => wireFrame({ payload: join(`long/${n}`) }))));
    const refused = await client.until(({ options }) => options?.channel === 'long/2099');
    expect(codeIn(refused)).toBe('limit.channelsPerConnection');
    expect(client.frames.filter(({ action }) => action === 'error')).toHaveLength(100);
    expect(await codeOf(client, message('1', '"channel":"long/2050"'))).toBe('channel.not-joined');
  });

  it.each([
    ['requests for history', '{"action":"history","options":{"channel":"kept"}}'],
    ['joins that ask for history', '{"action":"join","options":{"channel":"kept"},"payload":{"history":true}}'],
    ['frames that are refused', '{}'],
  ])('of %s by clients that read nothing cost little memory, and nobody else waits', async (_, text) => {
    const writer = await open();
    await writer.join('kept');
    for (let n = 0; n < 20; n += 1) writer.message('kept', MARK.repeat(2_000));
    await writer.until(({ action, payload }) => action === 'message' && String(payload).length > 20_000);
    writer.destroy();
    const witness = await inRoom();
    const stalled = await Promise.all(Array.from({ length: 5 }, () => open()));
    for (const client of stalled) {
      await client.join('kept');
      client.stopReading();
      const flood = wireFrame({ payload: text });
      client.sendBytes(Buffer.concat(Array.from({ length: 100_000 / flood.length }, () => flood)));
    }
    await expectAlive(witness);
    await target.expectUnharmed();
    for (const client of stalled) client.destroy();
  });

  it('of connections that say nothing, or half a frame, leave the others alone', async () => {
    const silent = await Promise.all(Array.from({ length: 200 }, () => open()));
    for (const client of silent) client.sendBytes(Buffer.from([0x81, 0xfe, 0x7f]));
    await expectAlive(await inRoom());
    for (const client of silent) client.destroy();
  });
});

it('afterwards the server answers, holds no more memory than stated, and its log gives nothing away', async () => {
  await target.expectUnharmed();
});
