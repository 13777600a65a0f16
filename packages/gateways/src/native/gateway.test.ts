import { type Log, MemoryStore } from '@portcullis/engine';
import { ANONYMOUS, ruleFromSpec } from '@portcullis/policy';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { APP } from '../shared/engine-stage.fixture.ts';
import type { Identified } from '../shared/identified.ts';
import { until } from '../shared/loopback.fixture.ts';
import { ManualClock } from '../shared/manual-clock.fixture.ts';
import type { NativeDoorDeps } from './gateway.ts';
import { NATIVE_LIMITS as LIMITS } from './limits.fixture.ts';
import { largestJoin } from './limits.ts';
import { Caller, createStage, KEY, type Stage } from './stage.fixture.ts';

const errorLog = vi.fn();
const log: Log = { debug() {}, info() {}, warn() {}, error: errorLog };
let stage: Stage;
let callers: Caller[];

async function open(deps: Partial<NativeDoorDeps> = {}): Promise<void> {
  stage = await createStage(new ManualClock(), { log, ...deps });
  await putRule({
    target: 'room',
    anonymousClients: true,
    publicMessaging: { enabled: true, authenticatedOnly: false },
  });
}
async function putRule(spec: Parameters<typeof ruleFromSpec>[0]): Promise<void> {
  const rule = ruleFromSpec(spec, { id: stage.engine.nextId(), version: 0, origin: 'store' });
  await stage.engine.commit(APP, [{ type: 'rule.put', rule }]);
}
beforeEach(() => {
  errorLog.mockClear();
  callers = [];
});
afterEach(async () => {
  for (const caller of callers) caller.ws.terminate();
  await stage.server.close();
});

async function call(headers: Record<string, string> = {}, key = KEY): Promise<Caller> {
  const caller = new Caller(stage.server.port, { headers }, key);
  callers.push(caller);
  return caller.opened();
}
async function connected(token?: string): Promise<Caller> {
  const caller = await call();
  caller.send({ type: 'connect', id: 1, ...(token !== undefined && { token }) });
  await heard(caller, 'connected');
  return caller;
}
async function joined(token?: string): Promise<Caller> {
  const caller = await connected(token);
  caller.send({ type: 'join', id: 2, channel: 'room' });
  await heard(caller, 'joined');
  return caller;
}
async function heard(caller: Caller, type: string, count = 1): Promise<Record<string, unknown>> {
  const found = () => caller.said.filter((message) => message.type === type);
  await until(() => found().length >= count || caller.closed !== undefined, `it hears ${count} ${type}`);
  return found()[count - 1] ?? {};
}
const ending = async (caller: Caller) => {
  await until(() => caller.closed !== undefined, 'it is closed');
  return [caller.closed?.code, caller.closed?.reason, caller.said.at(-1)?.reconnect];
};

describe('who connects', () => {
  beforeEach(() => open());

  it('is anonymous without a token', async () => {
    const caller = await connected();
    expect(caller.ws.protocol).toBe('portcullis.v1');
    expect(caller.said[0]).toMatchObject({ self: { session: 's1' }, authenticated: false });
  });

  it('is a user with a token, in the message or in the header', async () => {
    expect((await connected('ada')).said[0]).toMatchObject({
      self: { user: 'ada', proven: true },
      authenticated: true,
    });
    const caller = await call({ authorization: 'Bearer bob' });
    caller.send({ type: 'connect', id: 1 });
    expect(await heard(caller, 'connected')).toMatchObject({ self: { user: 'bob', proven: true } });
  });

  it('is a label with a stated id', async () => {
    const caller = await call();
    caller.send({ type: 'connect', id: 1, user: 'zoe' });
    expect(await heard(caller, 'connected')).toMatchObject({
      self: { user: 'zoe', proven: false },
      authenticated: false,
    });
  });

  it('shows one token, not two', async () => {
    const caller = await call({ authorization: 'Bearer bob' });
    caller.send({ type: 'connect', id: 1, token: 'ada' });
    expect(await ending(caller)).toEqual([4500, 'request.malformed', false]);
  });

  it.each([
    [{ type: 'ping', id: 1 }],
    ['no JSON'],
    [
      [
        { type: 'join', id: 1, channel: 'room' },
        { type: 'connect', id: 2 },
      ],
    ],
    [Buffer.from([1, 2, 3])],
    [{ type: 'connect', id: 1, who: 'ada' }],
  ])('says connect first: %j ends the connection', async (first) => {
    const caller = await call();
    caller.send(first);
    const [code, , again] = await ending(caller);
    expect([code, again]).toEqual([4500, false]);
    expect(stage.engine.sessions(APP)).toEqual([]);
  });

  it('connects once', async () => {
    const caller = await joined('ada');
    caller.send({ type: 'connect', id: 3, token: 'bob' });
    expect(await heard(caller, 'error')).toMatchObject({ id: 3, code: 'request.malformed' });
    expect(stage.engine.sessions(APP)).toHaveLength(1);
  });

  it('is told that the key is unknown, and not to come back', async () => {
    expect(await ending(await call({}, 'other'))).toEqual([4501, 'app.unknown-key', false]);
    expect(await ending(await call({}, `${KEY}&key=${KEY}`))).toEqual([4501, 'app.unknown-key', false]);
  });

  it('is asked to come back when the door is closed', async () => {
    stage.server.door.close();
    expect(await ending(await call())).toEqual([1012, 'session.restarting', true]);
  });

  it('has so long to say who it is', async () => {
    const caller = await call();
    stage.clock.advance(LIMITS.joinTimeout - 1);
    expect(caller.closed).toBeUndefined();
    stage.clock.advance(1);
    expect(await ending(caller)).toEqual([4408, 'limit.joinTimeout', true]);
  });
});

describe('proofs that take their time', () => {
  it('nothing is carried out before connect is answered, and nothing is lost', async () => {
    let know: (known: Identified) => void = () => {};
    await open({ identify: () => new Promise((resolve) => (know = resolve)) });
    const caller = await call();
    caller.send([
      { type: 'connect', id: 1, token: 'ada' },
      { type: 'join', id: 2, channel: 'room' },
    ]);
    caller.send({ type: 'ping', id: 3 });
    await until(() => stage.clock.alarms > 0, 'the connection is there');
    for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect(caller.heard).toEqual([]);
    know({ ok: true, principal: { kind: 'anonymous', credentials: [] } });
    await heard(caller, 'pong');
    expect(caller.said.map(({ type }) => type)).toEqual(['connected', 'joined', 'pong']);
  });

  it('asks to come back when keys cannot be had', async () => {
    await open({ identify: () => ({ ok: false, code: 'identity.keys-unavailable', reason: 'later', retry: true }) });
    const caller = await call();
    caller.send({ type: 'connect', id: 1, token: 'ada' });
    expect(await ending(caller)).toEqual([1013, 'identity.keys-unavailable', true]);
  });

  it('a fault of ours is logged without the token, and ends the connection so that it comes back', async () => {
    await open({
      identify: () => {
        throw new Error('broken');
      },
    });
    const caller = await call();
    caller.send({ type: 'connect', id: 1, token: 'secret-token' });
    expect(await ending(caller)).toEqual([1011, 'server.fault', true]);
    expect(errorLog).toHaveBeenCalledTimes(1);
    expect(JSON.stringify(errorLog.mock.calls)).not.toContain('secret-token');
  });
});

describe('what is sent', () => {
  beforeEach(() => open());

  it('in pipelines of thousands is answered, all of it, in few frames', async () => {
    const caller = await joined();
    const before = caller.heard.length;
    for (let id = 10; id < 5_010; id++) caller.send({ type: 'ping', id });
    await heard(caller, 'pong', 5_000);
    const ids = caller.said.filter(({ type }) => type === 'pong').map(({ id }) => id);
    expect(ids).toEqual(Array.from({ length: 5_000 }, (_, at) => at + 10));
    expect(caller.heard.length - before).toBeLessThan(2_500);
  });

  it('of one turn reaches others in one frame', async () => {
    const [ada, bob] = [await joined('ada'), await joined('bob')];
    const before = bob.heard.length;
    ada.send(Array.from({ length: 50 }, (_, at) => ({ type: 'publish', id: at + 10, channel: 'room', data: at })));
    await heard(bob, 'messages');
    expect(bob.heard.length - before).toBe(1);
    const { messages } = await heard(bob, 'messages');
    expect((messages as { data: number }[]).map(({ data }) => data)).toEqual(Array.from({ length: 50 }, (_, at) => at));
    await heard(ada, 'published', 50);
  });

  it('is placed in order, and several wait for the disk at once', async () => {
    await putRule({
      target: 'kept',
      anonymousClients: true,
      publicMessaging: { enabled: true, authenticatedOnly: false },
      history: 10,
    });
    const caller = await connected();
    caller.send({ type: 'join', id: 2, channel: 'kept' });
    await heard(caller, 'joined');
    const written: (() => void)[] = [];
    const append = vi
      .spyOn(MemoryStore.prototype, 'append')
      .mockImplementation(() => new Promise((resolve) => written.push(resolve)));
    caller.send([
      ...[10, 11, 12].map((id) => ({ type: 'publish', id, channel: 'kept', data: id })),
      { type: 'ping', id: 13 },
    ]);
    await heard(caller, 'pong');
    expect(written).toHaveLength(3);
    expect(caller.said.some(({ type }) => type === 'published')).toBe(false);
    for (const done of written) done();
    await heard(caller, 'published', 3);
    const offsets = caller.said
      .filter(({ type }) => type === 'published')
      .map(({ id, position }) => [id, (position as { offset: number }).offset]);
    expect(offsets).toEqual([
      [10, 1],
      [11, 2],
      [12, 3],
    ]);
    append.mockRestore();
  });

  it('before the first channel is bounded, and afterwards not so', async () => {
    const caller = await connected();
    const noise = { type: 'publish', id: 5, channel: 'room', data: 'x'.repeat(900) };
    for (let times = 0; times < 20; times++) caller.send(noise);
    expect(await ending(caller)).toEqual([4500, 'limit.beforeJoin', false]);
    const member = await joined();
    for (let times = 0; times < 20; times++) member.send({ ...noise, id: 100 + times });
    await heard(member, 'published', 20);
    expect(member.closed).toBeUndefined();
  });

  it('behind a `connect` that takes time is held, however much it is, and then carried out', async () => {
    await stage.server.close();
    let know: ((identified: Identified) => void) | undefined;
    await open({ identify: () => new Promise((resolve) => (know = resolve)) });
    const caller = await call();
    caller.send({ type: 'connect', id: 1 });
    caller.send({ type: 'join', id: 2, channel: 'room' });
    for (let times = 0; times < 20; times++)
      caller.send({ type: 'publish', id: 3 + times, channel: 'room', data: 'x'.repeat(900) });
    await until(() => know !== undefined, 'it is asked who came');
    know?.({ ok: true, principal: ANONYMOUS });
    await heard(caller, 'published', 20);
    expect(caller.closed).toBeUndefined();
  });

  it('in a large frame is refused unread before the first channel, and taken after it', async () => {
    const caller = await connected();
    const noise = Array.from({ length: 6 }, (_, n) => ({
      type: 'publish',
      id: 10 + n,
      channel: 'room',
      data: 'x'.repeat(900),
    }));
    caller.send(noise);
    expect(await heard(caller, 'error')).toMatchObject({ code: 'limit.frameBeforeJoin' });
    caller.send({ type: 'join', id: 2, channel: 'room' });
    caller.send(noise);
    await heard(caller, 'published', 6);
    expect(caller.said.filter(({ type }) => type === 'error')).toHaveLength(1);
  });

  it('may be a `connect` as large as its token, and a join as large as its state', async () => {
    const caller = await call();
    caller.send({ type: 'connect', id: 1, token: 'x'.repeat(LIMITS.token) });
    expect(await ending(caller)).toEqual([4401, 'identity.expired', true]);
    expect(largestJoin({ ...LIMITS, state: 8_000 })).toBeGreaterThan(8_000);
  });

  it('as a frame that is too large ends the connection', async () => {
    const caller = await joined();
    caller.send(`"${'x'.repeat(LIMITS.frame)}"`);
    expect(await ending(caller)).toEqual([4500, 'limit.frame', false]);
  });

  it('as bytes is refused, and the connection goes on', async () => {
    const caller = await joined();
    caller.send(Buffer.from('{}'));
    expect(await heard(caller, 'error')).toEqual(
      expect.objectContaining({ code: 'request.binary', fix: expect.any(String) }),
    );
    caller.send({ type: 'ping', id: 9 });
    expect(await heard(caller, 'pong')).toMatchObject({ id: 9 });
  });

  it('as text that is no UTF-8 ends the connection', async () => {
    const caller = await joined();
    caller.ws.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false });
    expect(await ending(caller)).toEqual([4500, 'request.malformed', false]);
  });

  it('while a command waits is not read without bound', async () => {
    const caller = await joined();
    const roster = { type: 'roster', channel: 'room' };
    await putRule({ target: 'full', anonymousClients: true, presence: true });
    caller.send({ type: 'join', id: 3, channel: 'full', presence: true });
    await heard(caller, 'joined', 2);
    for (let id = 10; id < 10 + LIMITS.pendingCommands * 3; id++) caller.send({ ...roster, channel: 'full', id });
    caller.send({ type: 'ping', id: 99 });
    for (let turns = 0; turns < 40; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect(caller.said.some(({ type }) => type === 'pong')).toBe(false);
    for (let seconds = 0; seconds < LIMITS.pendingCommands * 3 + 1; seconds++) {
      stage.clock.advance(1_000);
      for (let turns = 0; turns < 10; turns++) await new Promise((resolve) => setImmediate(resolve));
    }
    await heard(caller, 'pong');
  });
});

describe('in a crowded channel', () => {
  it('who comes and goes is told together, and a small one as it happens', async () => {
    await open();
    await putRule({ target: 'full', anonymousClients: true, presence: true });
    const watcher = await connected();
    watcher.send({ type: 'join', id: 2, channel: 'full', presence: true });
    await heard(watcher, 'roster');
    const others: Caller[] = [];
    for (let n = 0; n < 8; n++) {
      const other = await connected();
      other.send({ type: 'join', id: 2, channel: 'full' });
      await heard(other, 'joined');
      others.push(other);
    }
    await heard(watcher, 'presence', 4);
    const before = watcher.heard.length;
    others[7]?.ws.terminate();
    await until(() => stage.engine.sessions(APP).length === 8, 'one is gone');
    for (let turns = 0; turns < 10; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect(watcher.said.filter(({ type }) => type === 'presence')).toHaveLength(4);
    stage.clock.advance(1_000);
    await heard(watcher, 'presence', 7);
    expect(watcher.heard.length - before).toBe(1);
    const told = watcher.said.filter(({ type }) => type === 'presence');
    expect(told.map(({ action, member }) => [action, (member as { session: string }).session])).toEqual(
      ['s2', 's3', 's4', 's5', 's6', 's7', 's8'].map((session) => ['join', session]),
    );
    expect(told.at(-1)?.occupancy).toBe(8);
  });
});

describe('the connection', () => {
  beforeEach(() => open());

  it('answers a close frame with its own code, and is then in no channel', async () => {
    const caller = await joined('ada');
    caller.ws.close(4321);
    expect((await ending(caller))[0]).toBe(4321);
    expect(stage.engine.sessions(APP)).toEqual([]);
  });

  it('is dropped when its peer gives no sign of life', async () => {
    const caller = await joined('ada');
    const pings = vi.fn();
    caller.ws.on('ping', pings);
    caller.ws.pong = () => {};
    stage.clock.advance(25_000);
    caller.ws.pause();
    stage.clock.advance(25_000);
    stage.clock.advance(25_000);
    expect(stage.engine.sessions(APP)).toEqual([]);
  });

  it('never names a fix where clients are not told', async () => {
    await stage.server.close();
    await open({
      appOf: () => ({ limits: LIMITS, tokenGrace: 0, crowd: { announceMax: 20, interval: 1_000 }, explains: false }),
    });
    const caller = await joined();
    caller.send({ type: 'join', id: 5, channel: 'nowhere' });
    const error = await heard(caller, 'error');
    expect(error).toMatchObject({ id: 5, channel: 'nowhere', code: 'channel.no-rule' });
    expect(error).not.toHaveProperty('fix');
  });
});
