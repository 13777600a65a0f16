import { ruleFromSpec } from '@portcullis/policy';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { APP, BACKEND } from '../../shared/engine-stage.fixture.ts';
import { until } from '../../shared/loopback.fixture.ts';
import { ManualClock } from '../../shared/manual-clock.fixture.ts';
import { NATIVE_LIMITS } from '../limits.fixture.ts';
import { createStage, KEY, SECRET, type Stage } from '../stage.fixture.ts';
import { Listener } from './listener.fixture.ts';

let stage: Stage;
let listeners: Listener[];
const rules = new Map<string, number>();

beforeEach(async () => {
  listeners = [];
  rules.clear();
  stage = await createStage(new ManualClock());
  const open = { anonymousClients: true, publicMessaging: { enabled: true, authenticatedOnly: false } };
  await putRule({ target: 'room', ...open, presence: true, history: 10 });
  await putRule({ target: 'plain', ...open });
  await putRule({ target: 'members', publicMessaging: { enabled: true, authenticatedOnly: false } });
});
afterEach(async () => {
  for (const { socket } of listeners) socket.destroy();
  await stage.server.close();
});

async function putRule(spec: Parameters<typeof ruleFromSpec>[0]): Promise<void> {
  const id = rules.get(spec.target) ?? stage.engine.nextId();
  rules.set(spec.target, id);
  await stage.engine.commit(APP, [{ type: 'rule.put', rule: ruleFromSpec(spec, { id, version: 0, origin: 'store' }) }]);
}
function listen(query: string, headers: Record<string, string> = {}): Listener {
  const listener = new Listener(stage.server.port, `/v1/stream?key=${KEY}&${query}`, headers);
  listeners.push(listener);
  return listener;
}
const say = (channel: string, data: unknown) =>
  stage.engine.event({ app: APP, channel, data: JSON.stringify(data), principal: BACKEND });
const items = (message: Record<string, unknown>) => (message.messages as { data: unknown }[]).map(({ data }) => data);
const as = (token: string) => ({ authorization: `Bearer ${token}` });

async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${stage.server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text) as Record<string, unknown> };
}
const publish = (body: unknown, headers?: Record<string, string>, more = '') =>
  post(`/v1/publish?key=${KEY}${more}`, body, headers);

describe('a stream', () => {
  it('greets as a connection would, and carries what comes', async () => {
    const listener = listen('channel=room&presence=true&history=5', as('ada'));
    await listener.hears('roster');
    expect(listener.status).toBe(200);
    expect(listener.head.toLowerCase()).toContain('content-type: text/event-stream');
    expect(listener.head.toLowerCase()).not.toContain('transfer-encoding');
    expect(listener.said.map(({ type, id }) => [type, id])).toEqual([
      ['connected', 1],
      ['joined', 2],
      ['history', 2],
      ['roster', undefined],
    ]);
    await say('room', { text: 'hi' });
    expect(items(await listener.hears('messages'))).toEqual([{ text: 'hi' }]);
    expect(listener.lastEventId).toBe('e1:1');
    expect(listener.body).toMatch(/^retry: 2000\n\n/);
  });

  it('carries several channels, and says which', async () => {
    const listener = listen('channel=room&channel=plain');
    await listener.hears('joined', 2);
    await say('plain', 1);
    await say('room', 2);
    await listener.hears('messages', 2);
    expect(listener.said.filter(({ type }) => type === 'messages').map(({ channel }) => channel)).toEqual([
      'plain',
      'room',
    ]);
    expect(listener.lastEventId).toMatch(/^e\d:1,e\d:1$/);
  });

  it('that comes back gets what it missed, once and in order, and nothing else', async () => {
    const first = listen('channel=room&channel=plain');
    await first.hears('joined', 2);
    await say('room', 'heard');
    await first.hears('messages');
    first.socket.destroy();
    await until(() => stage.engine.sessions(APP).length === 0, 'it is gone');
    for (let n = 0; n < 5; n++) await say(n % 2 ? 'plain' : 'room', `missed ${n}`);
    const again = listen('channel=room&channel=plain', { 'last-event-id': first.lastEventId });
    await again.hears('history', 2);
    await say('room', 'live');
    await again.hears('messages');
    const got = again.said
      .filter(({ type }) => type === 'history' || type === 'messages')
      .flatMap((message) => items(message).map((data) => [message.channel, data]));
    expect(got.filter(([channel]) => channel === 'room').map(([, data]) => data)).toEqual([
      'missed 0',
      'missed 2',
      'missed 4',
      'live',
    ]);
    expect(got.filter(([channel]) => channel === 'plain').map(([, data]) => data)).toEqual(['missed 1', 'missed 3']);
    expect((await again.hears('joined')).recovery).toBe('complete');
  });

  it('hears of a gap where the log is another', async () => {
    const listener = listen('channel=room&lastEventId=e9:5');
    expect(await listener.hears('joined')).toMatchObject({ recovery: 'gap' });
  });

  it('keeps to one line an event, whatever white space a payload has', async () => {
    const listener = listen('channel=room');
    await listener.hears('joined');
    await stage.engine.event({ app: APP, channel: 'room', data: '{\n"a":\r1}', principal: BACKEND });
    expect(items(await listener.hears('messages'))).toEqual([{ a: 1 }]);
  });

  it('is refused by its status where it would be none', async () => {
    expect(await listen('channel=members').problem()).toMatchObject({
      status: 403,
      code: 'channel.anonymous-not-allowed',
      fix: expect.any(String),
    });
    expect(await listen('channel=members', as('nobody')).problem()).toMatchObject({ code: 'identity.expired' });
    expect(stage.engine.sessions(APP)).toEqual([]);
  });

  it('goes on with the channels that are not refused', async () => {
    const listener = listen('channel=members&channel=room');
    expect(await listener.hears('error')).toMatchObject({
      id: 2,
      channel: 'members',
      code: 'channel.anonymous-not-allowed',
    });
    await listener.hears('joined');
    await say('room', 1);
    await listener.hears('messages');
    expect(listener.lastEventId).toBe('-,e1:1');
  });

  it.each([
    ['no channel', '', 'Name at least one `channel`.'],
    ['a channel twice', 'channel=room&channel=room', 'A channel is named twice.'],
    ['an unknown parameter', 'channel=room&token=ada', 'There is no parameter "token".'],
    ['presence that is neither', 'channel=room&presence=1', '`presence` has to be true or false.'],
    ['a history that is none', 'channel=room&history=-1', '`history` has to be a whole number up to 1000000.'],
    ['an id of another stream', 'channel=room&lastEventId=a:1,b:2', 'The last event’s id is none of this stream.'],
    ['an id that is none', 'channel=room&lastEventId=%00', 'The last event’s id is none of this stream.'],
    [
      'a ticket and a user',
      'channel=room&ticket=x&user=y',
      'A ticket stands alone: without a token and without `user`.',
    ],
  ])('with %s is refused', async (_, query, detail) => {
    expect(await listen(query).problem()).toMatchObject({ status: 400, code: 'request.malformed', detail });
  });

  it('has so many channels', async () => {
    const channels = Array.from({ length: NATIVE_LIMITS.channelsPerStream + 1 }, (_, n) => `channel=c${n}`);
    expect(await listen(channels.join('&')).problem()).toMatchObject({ code: 'limit.channelsPerStream' });
  });

  it('ends with its token, and says to come back with another', async () => {
    const listener = listen('channel=members', as('ada:5000'));
    await listener.hears('joined');
    stage.clock.advance(5_000);
    expect(await listener.hears('closing')).toMatchObject({ code: 'identity.expired', reconnect: true });
    await until(() => listener.ended, 'it ends');
  });

  it('loses a channel when the rule goes, hears nothing of it after, and keeps the others', async () => {
    const listener = listen('channel=room&channel=plain');
    await listener.hears('joined', 2);
    await putRule({ target: 'room', enabled: false });
    await listener.hears('lost');
    await putRule({ target: 'room', anonymousClients: true });
    await say('room', 'not for it');
    await say('plain', 'for it');
    await listener.hears('messages');
    expect(listener.said.at(-1)).toMatchObject({ channel: 'plain' });
    expect(listener.body).not.toContain('not for it');
  });

  it('is cut by a ban, and not let in again', async () => {
    const listener = listen('channel=room', as('ada'));
    await listener.hears('joined');
    const [{ id } = { id: '' }] = stage.engine.sessions(APP);
    await stage.engine.kick(APP, id, 60_000, 'out');
    expect(await listener.hears('closing')).toMatchObject({ code: 'session.kicked', reconnect: false });
    await until(() => listener.ended, 'it ends');
    expect(await listen('channel=room', as('ada')).problem()).toMatchObject({ status: 403, code: 'identity.held-off' });
  });

  it('is cut when its reader is too slow, and owes no more than it may', async () => {
    const listener = listen('channel=room');
    await listener.hears('joined');
    listener.socket.pause();
    const big = 'x'.repeat(900);
    for (let turns = 0; turns < 20_000 && stage.engine.sessions(APP).length > 0; turns++) {
      for (let n = 0; n < 20; n++) await say('room', big);
      await new Promise((resolve) => setImmediate(resolve));
      const [session] = stage.engine.sessions(APP);
      expect(session?.queued ?? 0).toBeLessThan(2 * 1024 * 1024);
    }
    expect(stage.engine.sessions(APP)).toEqual([]);
  });

  it('gives signs of life, and is dropped when nothing of it is taken', async () => {
    const listener = listen('channel=room');
    await listener.hears('joined');
    stage.clock.advance(26_000);
    await until(() => listener.body.includes('\n:\n\n'), 'a sign of life came');
    listener.socket.destroy();
    await until(() => stage.engine.sessions(APP).length === 0, 'it is gone');
  });

  it('is not written into by another request on its connection', async () => {
    const listener = listen('channel=room');
    await listener.hears('joined');
    listener.socket.write(`GET /v1/stream?key=${KEY}&channel=plain HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    await until(() => listener.ended, 'the connection is dropped');
    expect(listener.said.filter(({ type }) => type === 'joined')).toHaveLength(1);
  });
});

describe('a ticket', () => {
  it('opens one stream as its user, once', async () => {
    const { status, body } = await post(`/v1/ticket?key=${KEY}`, {}, as('ada'));
    expect([status, body]).toEqual([201, { ticket: 'ticket-1', expiresAt: stage.clock.now() + 30_000 }]);
    const listener = listen('channel=members&ticket=ticket-1');
    expect(await listener.hears('connected')).toMatchObject({ self: { user: 'ada', proven: true } });
    expect(await listen('channel=members&ticket=ticket-1').problem()).toMatchObject({ code: 'identity.expired' });
  });

  it('is good for half a minute, at its app, for whoever may connect when it is used', async () => {
    await post(`/v1/ticket?key=${KEY}`, {}, as('ada'));
    stage.clock.advance(30_000);
    expect(await listen('channel=members&ticket=ticket-1').problem()).toMatchObject({ code: 'identity.expired' });
    await post(`/v1/ticket?key=${KEY}`, {}, as('ada'));
    await stage.engine.commit(APP, [
      { type: 'ban.put', ban: { id: stage.engine.nextId(), user: 'ada', reason: 'out', createdAt: 0 } as never },
    ]);
    expect(await listen('channel=members&ticket=ticket-2').problem()).toMatchObject({ code: 'identity.banned' });
  });

  it('is given to who shows a token', async () => {
    expect(await post(`/v1/ticket?key=${KEY}`, {})).toMatchObject({ status: 401 });
    expect(await post(`/v1/ticket?key=${KEY}`, {}, as('nobody'))).toMatchObject({ body: { code: 'identity.expired' } });
  });
});

describe('publishing by HTTP', () => {
  it('is decided and heard as from a connection', async () => {
    const listener = listen('channel=room&channel=members', as('bob'));
    await listener.hears('joined', 2);
    const answer = await publish({ channel: 'room', data: { a: 1 }, meta: { b: 2 } }, as('ada'));
    expect(answer).toMatchObject({ status: 200, body: { position: { offset: 1 }, timetoken: expect.any(String) } });
    const { messages } = await listener.hears('messages');
    expect(messages).toMatchObject([{ from: { user: 'ada' }, data: { a: 1 }, meta: { b: 2 } }]);
    expect(await publish({ channel: 'members', data: 1 })).toMatchObject({
      status: 403,
      body: { code: 'channel.anonymous-not-allowed' },
    });
    expect(await publish({ channel: 'nowhere', data: 1 }, as('ada'))).toMatchObject({
      body: { code: 'channel.no-rule' },
    });
  });

  it('is once under a key', async () => {
    const first = await publish({ channel: 'room', data: 1, key: 'k' }, as('ada'));
    const again = await publish({ channel: 'room', data: 1, key: 'k' }, as('ada'));
    expect(again.body).toEqual({ ...first.body, repeated: true });
    expect((await publish({ channel: 'room', data: 1, key: 'k' }, as('bob'))).body).not.toHaveProperty('repeated');
  });

  it('with the secret is a server’s: no rule is asked', async () => {
    expect(await publish({ channel: 'nowhere', data: 1 }, as(SECRET))).toMatchObject({ status: 200 });
  });

  it.each([
    ['no JSON', '{', 400, 'request.malformed'],
    ['a list', '[]', 400, 'request.malformed'],
    ['an unknown field', { channel: 'room', data: 1, id: 1 }, 400, 'request.malformed'],
    ['no data', { channel: 'room' }, 400, 'request.malformed'],
    ['too much', { channel: 'room', data: 'x'.repeat(NATIVE_LIMITS.message) }, 413, 'limit.message'],
    ['far too much', 'x'.repeat(100_000), 413, 'limit.frame'],
    ['too deep', `{"channel":"room","data":${'['.repeat(50)}${']'.repeat(50)}}`, 400, 'limit.messageDepth'],
    ['a bad name', { channel: 'a,b', data: 1 }, 400, 'channel.bad-name'],
  ])('with %s is refused', async (_, body, status, code) => {
    const answer = await publish(body, as('ada'));
    expect(answer).toMatchObject({ status, body: { code, detail: expect.any(String) } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.headers.get('x-portcullis-code')).toBe(code);
  });

  it('takes JSON alone, so that no page of elsewhere can send it unasked', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', '']) {
      expect(await publish({ channel: 'room', data: 1 }, { 'content-type': type })).toMatchObject({ status: 415 });
    }
  });
});

describe('every call', () => {
  it('names an app', async () => {
    expect(await post('/v1/publish?key=other', {})).toMatchObject({ status: 400, body: { code: 'app.unknown-key' } });
    expect(await post(`/v1/publish?key=${KEY}&key=${KEY}`, {})).toMatchObject({ body: { code: 'app.unknown-key' } });
  });

  it('has its method', async () => {
    const response = await fetch(`${stage.server.url}/v1/publish?key=${KEY}`);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
  });

  it('is for pages of allowed origins, which may read the answer', async () => {
    const foreign = await publish({ channel: 'room', data: 1 }, { origin: 'https://evil.example' });
    expect(foreign).toMatchObject({ status: 403, body: { code: 'request.origin-not-allowed' } });
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
    const own = await publish({ channel: 'room', data: 1 }, { origin: 'http://localhost:1234' });
    expect([own.status, own.headers.get('access-control-allow-origin')]).toEqual([200, 'http://localhost:1234']);
    expect(own.headers.get('access-control-allow-credentials')).toBeNull();
    const asked = await fetch(`${stage.server.url}/v1/publish?key=${KEY}`, {
      method: 'OPTIONS',
      headers: { origin: 'http://localhost:1234', 'access-control-request-method': 'POST' },
    });
    expect([asked.status, asked.headers.get('access-control-allow-headers')]).toEqual([
      204,
      'authorization, content-type, last-event-id',
    ]);
    expect(await listen('channel=room', { origin: 'null' }).problem()).toMatchObject({ status: 403 });
  });

  it('is counted by its route and status', async () => {
    await publish({ channel: 'room', data: 1 });
    await publish({ channel: 'nowhere', data: 1 });
    await until(() => stage.server.answered.length === 2, 'both are counted');
    expect(stage.server.answered).toEqual(['/v1/publish 200', '/v1/publish 403']);
  });

  it('is asked to come back once the door is closed', async () => {
    stage.server.http.close();
    const answer = await publish({ channel: 'room', data: 1 });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  });
});
