import { once } from 'node:events';
import type { Log } from '@portcullis/engine';
import { ANONYMOUS, type User } from '@portcullis/policy';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { textOf } from '../shared/client-frames.fixture.ts';
import type { Identified } from '../shared/identified.ts';
import { until } from '../shared/loopback.fixture.ts';
import { ManualClock } from '../shared/manual-clock.fixture.ts';
import { Caller, DoorServer, rawCaller } from './door-server.fixture.ts';
import { ScriptedEngine } from './scripted-engine.fixture.ts';

const HASH = 'HASH_123';
const ADA: User = { kind: 'user', user: 'ada', table: 1, row: 'ada', extras: {}, credentials: [] };
const LIMITS = { message: 1024, messageDepth: 8, pendingCommands: 4, beforeJoin: 8 * 1024, frameBeforeJoin: 700 };
const join = (channel: string) => ({
  action: 'join',
  options: { channel },
  payload: { history: false, presence: true },
});
const say = (channel: string, payload: unknown) => ({ action: 'message', options: { channel }, payload });

const errorLog = vi.fn();
const log: Log = { debug() {}, info() {}, warn() {}, error: errorLog };
let engine: ScriptedEngine;
let clock: ManualClock;
let server: DoorServer;
let identify: (token: string | undefined) => Identified | Promise<Identified>;
let callers: Caller[];
let limits: typeof LIMITS;

beforeEach(async () => {
  errorLog.mockClear();
  engine = new ScriptedEngine();
  clock = new ManualClock();
  callers = [];
  limits = LIMITS;
  identify = (token) => ({ ok: true, principal: token === undefined ? ANONYMOUS : ADA });
  server = await new DoorServer({
    engine,
    clock,
    log,
    identify: (_app, token) => identify(token),
    appByHash: (hash) => (hash === HASH ? 'demo' : undefined),
    limitsOf: () => limits,
  }).listen();
});
afterEach(async () => {
  for (const caller of callers) caller.ws.terminate();
  await server.close();
});

async function call(token?: string | string[], hash = HASH): Promise<Caller> {
  const caller = new Caller(server.port, hash, token);
  callers.push(caller);
  return caller.opened();
}
const closedOf = async (caller: Caller) => {
  await until(() => caller.closed !== undefined, 'it is closed');
  return caller.closed;
};

describe('the handshake', () => {
  it('echoes the token as the sub-protocol', async () => {
    const caller = await call('tok.en-1');
    expect(caller.ws.protocol).toBe('tok.en-1');
    expect(engine.last.principal).toEqual(ADA);
  });

  it('answers no sub-protocol when none is offered', async () => {
    const caller = await call();
    expect(caller.ws.protocol).toBe('');
    expect(engine.last.principal).toEqual(ANONYMOUS);
  });

  it('takes the first of several', async () => {
    const tokens: (string | undefined)[] = [];
    identify = (token) => {
      tokens.push(token);
      return { ok: true, principal: ANONYMOUS };
    };
    const caller = await call(['first', 'second']);
    expect(caller.ws.protocol).toBe('first');
    expect(tokens).toEqual(['first']);
  });

  it('never compresses, whatever is offered', async () => {
    const caller = await call();
    expect(caller.ws.extensions).toBe('');
  });

  it('takes tokens of 12 kB', async () => {
    const token = 'x'.repeat(12_000);
    expect((await call(token)).ws.protocol).toBe(token);
  });

  it('ignores a query', async () => {
    await call(undefined, `${HASH}?a=1`);
    expect(engine.sessions).toHaveLength(1);
  });

  it('tells the engine where the client comes from', async () => {
    await call();
    expect(engine.last.options).toMatchObject({ app: 'demo', door: 'xano', address: '127.0.0.1' });
  });

  it.each(['wrong', '', `${HASH}/more`, '%00', '__proto__'])(
    'accepts the unknown hash %j, says why, and asks for no retry',
    async (hash) => {
      const caller = await call(undefined, hash);
      expect(await closedOf(caller)).toEqual({ code: 4404, reason: 'app.unknown-key' });
      expect(caller.heard).toEqual([
        '{"action":"error","options":{},"client":null,"payload":{"message":"Unknown key or connection hash.","code":"app.unknown-key"}}',
      ]);
      expect(engine.sessions).toHaveLength(0);
    },
  );
});

describe('identity', () => {
  it('makes a client with a bad token anonymous, and tells it once', async () => {
    identify = () => ({ ok: false, code: 'identity.expired', reason: 'The token is expired.' });
    const caller = await call('expired');
    caller.send(join('a'));
    await until(() => caller.heard.length === 2, 'it joined');
    expect(engine.last.principal).toEqual(ANONYMOUS);
    expect(caller.heard[0]).toBe(
      '{"action":"error","options":{},"client":null,"payload":{"message":"The token is expired.","code":"identity.expired"}}',
    );
    expect(JSON.parse(caller.heard[1] ?? '')).toMatchObject({ action: 'join', options: { channel: 'a' } });
  });

  it('asks to come back when the keys cannot be had', async () => {
    identify = () => ({ ok: false, code: 'identity.keys-unavailable', reason: 'Later.', retry: true });
    const caller = await call('tok');
    expect(await closedOf(caller)).toEqual({ code: 1013, reason: 'identity.keys-unavailable' });
    expect(caller.heard).toEqual([]);
    expect(engine.sessions).toHaveLength(0);
  });

  it('reads nothing until it is known who has come, and loses nothing', async () => {
    let know: (identified: Identified) => void = () => {};
    identify = () => new Promise((resolve) => (know = resolve));
    const caller = await call('tok');
    caller.send(join('a'), say('a', 1));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(engine.sessions).toHaveLength(0);
    know({ ok: true, principal: ADA });
    await until(() => engine.sessions.length === 1 && engine.last.log.length === 2, 'both were handled');
    expect(engine.last.log).toEqual(['join a +presence', 'publish a everyone 1']);
  });

  it('opens no session for a client that has gone meanwhile', async () => {
    let know: (identified: Identified) => void = () => {};
    identify = () => new Promise((resolve) => (know = resolve));
    const caller = await call('tok');
    caller.ws.terminate();
    await until(() => caller.closed !== undefined, 'it is gone');
    know({ ok: true, principal: ADA });
    await until(() => engine.sessions.every(({ ended }) => ended), 'no session is left');
  });

  it.each<[string, () => Promise<Identified>]>([
    ['rejects', () => Promise.reject(new Error('broken'))],
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
  ])('that %s is a fault of ours: logged without the token, closed with 1011', async (_, fails) => {
    identify = fails;
    const caller = await call('secret-token');
    expect(await closedOf(caller)).toEqual({ code: 1011, reason: 'server.fault' });
    expect(errorLog).toHaveBeenCalledOnce();
    expect(JSON.stringify(errorLog.mock.calls)).not.toContain('secret-token');
  });

  it.each([
    ['app.disabled', 4403, true],
    ['identity.banned', 4403, true],
    ['session.restarting', 1012, false],
    ['limit.connections', 1013, false],
  ] as const)('an engine that refuses with %s closes with %i', async (code, close, told) => {
    engine.refusing = { ok: false, code, message: 'No.' };
    const caller = await call();
    expect(await closedOf(caller)).toEqual({ code: close, reason: code });
    expect(caller.heard).toHaveLength(told ? 1 : 0);
  });
});

describe('commands', () => {
  it('are carried in order', async () => {
    const caller = await call();
    caller.send(join('a'), say('a', { x: 1 }), {
      action: 'history',
      options: { channel: 'a', socketId: 'S' },
      payload: null,
    });
    caller.send({ action: 'leave', options: { channel: 'a' }, payload: null });
    await until(() => engine.last.log.length === 4, 'all came');
    expect(engine.last.log).toEqual(['join a +presence', 'publish a everyone {"x":1}', 'history a with S', 'leave a']);
  });

  it('wait behind one that takes time, and the socket is not read past the limit', async () => {
    const caller = await call();
    await until(() => engine.sessions.length === 1, 'it is connected');
    let go: () => void = () => {};
    engine.last.answers.push(() => new Promise((resolve) => (go = () => resolve({ ok: true }))));
    caller.send(join('a'));
    await until(() => engine.last.log.length === 1, 'the join is under way');
    const flood = 12_000;
    for (let count = 0; count < flood; count++) caller.send(say('a', `${count} ${'x'.repeat(900)}`));
    await until(() => caller.ws.bufferedAmount > 0, 'the way is full');
    expect(engine.last.log).toHaveLength(1);
    go();
    await until(() => engine.last.log.length === flood + 1, 'all came');
    const numbers = engine.last.log.slice(1).map((line) => Number(/"(\d+)/.exec(line)?.[1]));
    expect(numbers).toEqual(Array.from({ length: flood }, (_, count) => count));
  });

  it('that are refused are answered with the code and the exact channel', async () => {
    const caller = await call();
    await until(() => engine.sessions.length === 1, 'it is connected');
    engine.last.answers.push(() => ({ ok: false, code: 'channel.no-rule', message: 'There is no such channel.' }));
    caller.send(join('Räum/"1"'));
    await until(() => caller.heard.length === 1, 'the answer came');
    expect(caller.heard[0]).toBe(
      '{"action":"error","options":{"channel":"Räum/\\"1\\""},"client":null,"payload":{"message":"There is no such channel.","code":"channel.no-rule"}}',
    );
    expect(caller.closed).toBeUndefined();
  });

  it('tell an anonymous client that cannot join the one known sentence, whatever the reason', async () => {
    const caller = await call();
    await until(() => engine.sessions.length === 1, 'it is connected');
    engine.last.answers.push(() => ({ ok: false, code: 'channel.not-available', message: 'Not available.' }));
    caller.send(join('a'));
    await until(() => caller.heard.length === 1, 'the answer came');
    expect(JSON.parse(caller.heard[0] ?? '')).toMatchObject({
      payload: { message: 'Anonymous clients cannot join this channel.', code: 'channel.not-available' },
    });
  });

  it('that fail are a fault of ours: logged without the payload, told, and the connection goes on', async () => {
    const caller = await call();
    await until(() => engine.sessions.length === 1, 'it is connected');
    engine.last.answers.push(
      () => Promise.reject(new Error('store is gone')),
      () => {
        throw new Error('broken');
      },
    );
    caller.send(say('a', 'secret one'), say('a', 'secret two'), say('a', 'three'));
    await until(() => engine.last.log.length === 3, 'all came');
    await until(() => caller.heard.length === 2, 'both were answered');
    expect(JSON.parse(caller.heard[0] ?? '')).toMatchObject({
      options: { channel: 'a' },
      payload: { code: 'server.fault' },
    });
    expect(errorLog).toHaveBeenCalledTimes(2);
    expect(JSON.stringify(errorLog.mock.calls)).not.toContain('secret');
  });
});

describe('bad input', () => {
  it('gets a code and leaves the connection open', async () => {
    const caller = await call();
    caller.send(
      'hello',
      Buffer.from([1, 2, 3]),
      { action: 'dance', options: { channel: 'a' } },
      join('a'),
      say('a', 'x'.repeat(2_000)),
    );
    await until(() => caller.heard.length === 5, 'all were answered');
    expect(caller.heard.map((text) => JSON.parse(text).payload.code)).toEqual([
      'request.malformed',
      'request.binary',
      'request.unknown-action',
      undefined,
      'limit.message',
    ]);
    expect(caller.closed).toBeUndefined();
  });

  it('past the largest frame is told, then closed with 1009', async () => {
    const caller = await call();
    caller.send(join('a'));
    await until(() => caller.heard.length === 1, 'it joined');
    caller.send(say('a', 'x'.repeat(20_000)));
    expect(await closedOf(caller)).toEqual({ code: 1009, reason: 'limit.message' });
    expect(JSON.parse(caller.heard[1] ?? '')).toMatchObject({
      action: 'error',
      options: {},
      payload: { code: 'limit.message' },
    });
    expect(engine.last.ended).toBe(true);
  });

  it('before the first join is bounded', async () => {
    const caller = await call();
    for (let count = 0; count < 20; count++) caller.send(say('a', 'x'.repeat(500)));
    expect(await closedOf(caller)).toEqual({ code: 4429, reason: 'limit.beforeJoin' });
    expect(engine.last.log.filter((line) => line.startsWith('publish'))).toHaveLength(13);
    expect(engine.last.ended).toBe(true);
  });

  it('behind a first join that takes time is held, however much it is, and then handled', async () => {
    limits = { ...LIMITS, pendingCommands: 100_000 };
    const caller = await call();
    await until(() => engine.sessions.length === 1, 'it is connected');
    let go: () => void = () => {};
    engine.last.answers.push(() => new Promise((resolve) => (go = () => resolve({ ok: true }))));
    caller.send(join('a'));
    const flood = 12_000;
    for (let count = 0; count < flood; count++) caller.send(say('a', `${count} ${'x'.repeat(900)}`));
    await until(() => engine.last.log.length === 1, 'the join is under way');
    // Far fewer than may wait: it is the bytes that stop the reading.
    await until(() => caller.ws.bufferedAmount > 0, 'the way is full');
    expect([engine.last.log.length, caller.closed]).toEqual([1, undefined]);
    go();
    await until(() => engine.last.log.length === flood + 1, 'all came');
    expect(caller.closed).toBeUndefined();
  });

  it('behind a first join that is refused is answered, and the connection goes on', async () => {
    limits = { ...LIMITS, pendingCommands: 100 };
    const socket = await rawCaller(server.port, HASH);
    await until(() => engine.sessions.length === 1, 'it is connected');
    const refused = { ok: false, code: 'trigger.blocked', message: 'No.' } as const;
    engine.last.answers.push(() => new Promise((resolve) => setImmediate(resolve, refused)));
    const messages = Array.from({ length: 20 }, () => say('a', 'x'.repeat(600)));
    socket.write(Buffer.concat([join('a'), ...messages].map((frame) => textOf(JSON.stringify(frame)))));
    await until(() => engine.last.log.length === 21, 'all were handled');
    socket.write(textOf(JSON.stringify(join('b'))));
    await until(() => engine.last.log.at(-1) === 'join b +presence', 'it joined');
    socket.destroy();
  });

  it('in part of a large frame is not kept when the join before it is refused', async () => {
    const socket = await rawCaller(server.port, HASH);
    await until(() => engine.sessions.length === 1, 'it is connected');
    const refusals: string[] = [];
    vi.spyOn(engine.last, 'refuse').mockImplementation(({ code }) => void refusals.push(code));
    let go: () => void = () => {};
    const refused = { ok: false, code: 'trigger.blocked', message: 'No.' } as const;
    engine.last.answers.push(() => new Promise((resolve) => (go = () => resolve(refused))));
    const large = textOf(JSON.stringify(say('a', 'x'.repeat(900))));
    socket.write(Buffer.concat([textOf(JSON.stringify(join('a'))), large.subarray(0, 800)]));
    await until(() => engine.last.log.length === 1, 'the join is under way');
    go();
    await until(() => refusals.length === 2, 'both are refused');
    expect(refusals).toEqual(['trigger.blocked', 'limit.frameBeforeJoin']);
    socket.write(Buffer.concat([large.subarray(800), textOf(JSON.stringify(join('b')))]));
    await until(() => engine.last.log.at(-1) === 'join b +presence', 'it joined');
    socket.destroy();
  });

  it('in a large frame is refused unread before the first join, and taken after it', async () => {
    const caller = await call();
    caller.send(say('a', 'x'.repeat(900)), join('a'), say('a', 'x'.repeat(900)));
    await until(() => engine.last.log.length === 2 && caller.heard.length === 2, 'all was handled');
    expect(engine.last.log[0]).toBe('join a +presence');
    expect(JSON.parse(caller.heard[0] ?? '')).toMatchObject({
      options: {},
      payload: { code: 'limit.frameBeforeJoin' },
    });
  });

  it('in large frames before the first join is bounded as well', async () => {
    const caller = await call();
    for (let count = 0; count < 20; count++) caller.send(say('a', 'x'.repeat(900)));
    expect(await closedOf(caller)).toEqual({ code: 4429, reason: 'limit.beforeJoin' });
    expect(engine.last.log).toEqual(['close']);
  });

  it('before the first join counts empty frames too', async () => {
    const caller = await call();
    for (let count = 0; count < 200; count++) caller.send('');
    expect(await closedOf(caller)).toMatchObject({ code: 4429 });
    expect(caller.heard.length).toBeLessThan(130);
  });

  it('after it is not', async () => {
    const caller = await call();
    caller.send(join('a'));
    for (let count = 0; count < 40; count++) caller.send(say('a', 'x'.repeat(500)));
    await until(() => engine.last.log.length === 41, 'all came');
    expect(caller.closed).toBeUndefined();
  });

  it.each([
    ['an unmasked frame', [0x81, 0x01, 0x61], 1002],
    ['a reserved opcode', [0x83, 0x80, 0, 0, 0, 0], 1002],
    ['a compressed frame', [0xc1, 0x80, 0, 0, 0, 0], 1002],
    ['text that is no UTF-8', [0x81, 0x81, 0, 0, 0, 0, 0xff], 1007],
    ['a length of 2^40', [0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1009],
  ])('%s is told and closed', async (_, bytes, code) => {
    const socket = await rawCaller(server.port, HASH);
    const parts: Buffer[] = [];
    socket.on('data', (part: Buffer) => parts.push(part));
    socket.write(Buffer.from(bytes));
    await once(socket, 'end');
    const heard = Buffer.concat(parts);
    expect(heard.includes('"action":"error"')).toBe(true);
    const close = heard.indexOf(Buffer.from([0x88]));
    expect(heard.readUInt16BE(close + 2)).toBe(code);
    await until(() => engine.last.ended, 'the session is closed');
    socket.destroy();
  });

  it('of random bytes, whole or masked as frames, harms no one else', async () => {
    const bystander = await call();
    const samples = fc.sample(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.tuple(fc.nat(255), fc.uint8Array({ maxLength: 120 })).map(([first, payload]) => {
          return Uint8Array.of(first, 0x80 | payload.length, 0, 0, 0, 0, ...payload);
        }),
      ),
      { numRuns: 300, seed: 7 },
    );
    const sockets = await Promise.all(samples.map(() => rawCaller(server.port, HASH)));
    for (const [index, socket] of sockets.entries()) socket.end(samples[index] ?? Buffer.alloc(0));
    await until(() => engine.sessions.slice(1).every(({ ended }) => ended), 'all are gone');
    bystander.send(join('a'));
    await until(() => bystander.heard.length === 1, 'the bystander joined');
    expect(errorLog).not.toHaveBeenCalled();
  });

  it('in many tiny pieces holds no memory', async () => {
    const socket = await rawCaller(server.port, HASH);
    const piece = Buffer.from([0x00, 0x80, 0, 0, 0, 0]);
    socket.write(Buffer.concat([Buffer.from([0x01, 0x80, 0, 0, 0, 0]), ...Array.from({ length: 2_000 }, () => piece)]));
    await until(() => engine.sessions[0]?.ended === true, 'it is cut');
    socket.destroy();
  });
});

describe('the end', () => {
  it.each([1000, 1001, 3000, 4000, 4999])('a close with %i is answered with the same', async (code) => {
    const caller = await call();
    caller.ws.close(code);
    expect((await closedOf(caller))?.code).toBe(code);
    await until(() => engine.last.ended, 'the session is closed');
  });

  it('a close without a code is answered without one', async () => {
    const caller = await call();
    caller.ws.close();
    expect((await closedOf(caller))?.code).toBe(1005);
  });

  it('a lost connection closes its session', async () => {
    const caller = await call();
    await until(() => engine.sessions.length === 1, 'it is connected');
    caller.ws.terminate();
    await until(() => engine.last.ended, 'the session is closed');
    expect(engine.last.log).toEqual(['close']);
  });

  it.each([
    ['identity.expired', 4401, true],
    ['identity.revoked', 4401, true],
    ['session.kicked', 4403, true],
    ['limit.joinTimeout', 4408, true],
    ['limit.sendBuffer', 1013, true],
    ['session.restarting', 1012, false],
    ['grant.none', 4403, true],
  ] as const)('%s closes with %i', async (code, close, told) => {
    const caller = await call();
    await until(() => engine.sessions.length === 1, 'it is connected');
    engine.last.options.outlet.end({ code, message: 'Why.' });
    expect(await closedOf(caller)).toEqual({ code: close, reason: code });
    const words = `{"action":"error","options":{},"client":null,"payload":{"message":"Why.","code":"${code}"}}`;
    expect(caller.heard).toEqual(told ? [words] : []);
  });

  it('after a cut nothing is handled, also not what was read with it', async () => {
    const caller = await call();
    await until(() => engine.sessions.length === 1, 'it is connected');
    const { last } = engine;
    last.answers.push(() => {
      last.options.outlet.end({ code: 'session.kicked', message: 'Out.' });
      return { ok: true };
    });
    for (let count = 0; count < 50; count++) caller.send(say('a', count));
    await closedOf(caller);
    expect(last.log.filter((line) => line.startsWith('publish'))).toEqual(['publish a everyone 0']);
  });

  it('a door that is closed asks whoever comes to come back', async () => {
    server.door.close();
    const caller = await call();
    expect(await closedOf(caller)).toEqual({ code: 1012, reason: 'session.restarting' });
  });
});

describe('keepalive', () => {
  it('pings, and keeps who answers', async () => {
    const caller = await call();
    let pings = 0;
    caller.ws.on('ping', () => pings++);
    for (let round = 1; round <= 4; round++) {
      clock.advance(25_000);
      await until(() => pings === round, 'the ping came');
      // The answer has to arrive before time goes on.
      caller.send(say('a', round));
      await until(() => engine.last.log.length === round, 'the connection is alive');
    }
    expect(caller.closed).toBeUndefined();
  });

  it('drops a peer that gives no sign of life', async () => {
    const socket = await rawCaller(server.port, HASH);
    clock.advance(25_000);
    expect(engine.last.ended).toBe(false);
    clock.advance(25_000);
    expect(engine.last.ended).toBe(true);
    await once(socket, 'close');
  });

  it('does not hold our own pause against the peer', async () => {
    let know: (identified: Identified) => void = () => {};
    identify = () => new Promise((resolve) => (know = resolve));
    const caller = await call('tok');
    clock.advance(100_000);
    know({ ok: true, principal: ADA });
    await until(() => engine.sessions.length === 1, 'it is connected');
    expect(caller.closed).toBeUndefined();
  });

  it('answers pings', async () => {
    const caller = await call();
    const pong = once(caller.ws, 'pong');
    caller.ws.ping('are you there');
    expect((await pong)[0].toString()).toBe('are you there');
  });
});
