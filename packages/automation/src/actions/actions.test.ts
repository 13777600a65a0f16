import { MemoryStore, type WaitingEntry } from '@portcullis/engine';
import { Webhook } from 'standardwebhooks';
import { afterEach, expect, test } from 'vitest';
import { Receiver } from './testing/receiver.fixture.ts';
import { actionTo, listener, SECRET, Stage, webhookTo } from './testing/stage.fixture.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function receiving(): Promise<[Receiver, URL]> {
  const receiver = new Receiver();
  const url = await receiver.open();
  open.push(receiver);
  return [receiver, url];
}

function staged(store?: MemoryStore): Stage {
  const stage = new Stage(store);
  open.push({ close: () => stage.actions.stop() });
  return stage;
}

const messages = (receiver: Receiver) => receiver.received.map(({ body }) => body.data.data.message);
const stateOf = (stage: Stage, action = 'hook/webhook') =>
  stage.actions.states('a').find((state) => state.action === action);
const waitingIn = (store: MemoryStore, action = 'hook/webhook'): Promise<readonly WaitingEntry[]> =>
  store.waiting({ app: 'a', action, after: 0, limit: 1_000 });

test('an event reaches its webhook signed as Standard Webhooks has it, and then waits no more', async () => {
  const [receiver, url] = await receiving();
  const store = new MemoryStore();
  const stage = staged(store);
  stage.define([listener('hook', ['message.*'], [webhookTo(url)])]);
  await stage.say('room', 'hello');
  await expect.poll(() => receiver.received.length).toBe(1);
  const [{ text, headers }] = receiver.received as [Receiver['received'][number]];
  const [id, at] = [String(headers['webhook-id']), Number(headers['webhook-timestamp']) * 1_000];
  expect(headers['webhook-signature']).toBe(new Webhook(SECRET).sign(id, new Date(at), text));
  expect([id, at]).toEqual(['evt-1', stage.clock.now()]);
  await expect.poll(() => waitingIn(store)).toEqual([]);
  expect(stateOf(stage)).toMatchObject({ waiting: 0, bytes: 0, done: 1, failing: false });
});

test('what nobody listens to is not put together, not written, not sent', async () => {
  const [receiver, url] = await receiving();
  const store = new MemoryStore();
  const stage = staged(store);
  stage.define([
    listener('hook', ['ban.*'], [webhookTo(url)]),
    listener('off', ['message.*'], [webhookTo(url)], { enabled: false }),
    listener('other', ['message.published'], [webhookTo(url)], { filter: { cel: 'event.channel == "elsewhere"' } }),
  ]);
  expect(stage.actions.of('a').hears('signal.sent')).toBe(false);
  expect(stage.actions.of('a').hears('message.published')).toBe(true);
  await stage.say('room', 'hello');
  expect(await store.outboxTotals()).toEqual([]);
  expect(receiver.received).toEqual([]);
});

test('a receiver that fails is tried again with a back-off that doubles, and gets the same id', async () => {
  const [receiver, url] = await receiving();
  const stage = staged();
  stage.define([listener('hook', ['message.*'], [webhookTo(url)])]);
  receiver.answer = (response, n) => response.writeHead(n < 4 ? 500 : 200).end();
  await stage.say('room', 'hello');
  for (const [n, wait] of [1_000, 2_000, 4_000].entries()) {
    await expect.poll(() => receiver.received.length).toBe(n + 1);
    await expect.poll(() => stage.clock.waits.includes(wait)).toBe(true);
    stage.clock.advance(wait - 1);
    expect(receiver.received.length).toBe(n + 1);
    stage.clock.advance(1);
  }
  await expect.poll(() => stateOf(stage)).toMatchObject({ waiting: 0, done: 1, failed: 3, failing: false });
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(stage.lines.map(({ event }) => event)).toEqual(['action.failing', 'action.works-again']);
});

test('the events of a channel keep their order behind one that fails, and other channels go past', async () => {
  const [receiver, url] = await receiving();
  const stage = staged();
  stage.define([listener('hook', ['message.*'], [webhookTo(url)])]);
  let down = true;
  receiver.answer = (response) => {
    const { body } = receiver.received.at(-1) as Receiver['received'][number];
    response.writeHead(down && body.channel === 'sick' ? 503 : 200).end();
  };
  for (let n = 1; n <= 100; n += 1) {
    await stage.say('sick', n);
    await stage.say('well', n);
  }
  const of = (channel: string) =>
    receiver.received.filter(({ body }) => body.channel === channel).map(({ body }) => body.data.data.message);
  await expect.poll(() => of('well').length).toBe(100);
  expect(of('well')).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
  expect(of('sick')).toEqual([1]);
  down = false;
  stage.clock.advance(1_000);
  await expect.poll(() => of('sick').length).toBe(101);
  expect(of('sick').slice(1)).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
  await expect.poll(() => stateOf(stage)).toMatchObject({ waiting: 0, bytes: 0 });
});

test('what is given up becomes a dead letter, the next goes on, and a letter can be played again', async () => {
  const [receiver, url] = await receiving();
  const store = new MemoryStore();
  const stage = staged(store);
  stage.define([listener('hook', ['message.*'], [webhookTo(url, { retry: { attempts: 2, base: 10, max: 10 } })])]);
  receiver.answer = (response) => response.writeHead(messages(receiver).at(-1) === 'poison' ? 400 : 200).end();
  await stage.say('room', 'poison');
  await stage.say('room', 'next');
  await expect.poll(() => stage.clock.waits.includes(10)).toBe(true);
  stage.clock.advance(10);
  await expect.poll(() => messages(receiver)).toEqual(['poison', 'poison', 'next']);
  await expect.poll(() => store.countDeadLetters('a')).toBe(1);
  const [letter] = await store.deadLetters({ app: 'a', limit: 10 });
  expect(letter).toMatchObject({ action: 'hook/webhook', channel: 'room', attempts: 2, reason: 'answered 400' });
  expect(stateOf(stage)).toMatchObject({ dead: 1, done: 1, waiting: 0 });
  receiver.answer = (response) => response.end();
  expect(await stage.actions.replay('a', [letter?.seq ?? 0, 12345])).toBe(1);
  await expect.poll(() => messages(receiver).at(-1)).toBe('poison');
  await expect.poll(() => stateOf(stage)).toMatchObject({ waiting: 0, done: 2 });
  expect(await store.countDeadLetters('a')).toBe(0);
});

test('a batch is sent when it is full or its time is over, as one attempt', async () => {
  const [receiver, url] = await receiving();
  const stage = staged();
  stage.define([listener('hook', ['message.*'], [webhookTo(url, { batch: { count: 3, time: 5_000 } })])]);
  receiver.answer = (response, n) => response.writeHead(n === 1 ? 500 : 200).end();
  const batches = () =>
    receiver.received.map(({ body }) =>
      body.map(({ data }: { data: { data: { message: unknown } } }) => data.data.message),
    );
  for (const n of [1, 2, 3, 4]) await stage.say(`room-${n}`, n);
  await expect.poll(batches).toEqual([[1, 2, 3]]);
  await expect.poll(() => stage.clock.waits.includes(1_000)).toBe(true);
  stage.clock.advance(1_000);
  await expect.poll(batches).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);
  await expect.poll(() => stateOf(stage)?.done).toBe(3);
  stage.clock.advance(5_000);
  await expect.poll(batches).toEqual([[1, 2, 3], [1, 2, 3], [4]]);
});

test('a receiver that stalls costs its own lane one timeout, and no other', async () => {
  const [stalling, slow] = await receiving();
  const [working, url] = await receiving();
  stalling.answer = () => {};
  const stage = staged();
  stage.define([
    listener('slow', ['message.*'], [webhookTo(slow, { timeout: 500 })]),
    listener('hook', ['message.*'], [webhookTo(url)]),
  ]);
  for (let n = 1; n <= 20; n += 1) await stage.say('room', n);
  await expect.poll(() => working.received.length).toBe(20);
  expect(stalling.received.length).toBe(1);
  await expect.poll(() => stateOf(stage, 'slow/webhook')?.failed).toBe(1);
  expect(stateOf(stage, 'slow/webhook')).toMatchObject({ waiting: 20, failing: true });
});

test('past its limit an action’s newer events are dropped and counted, the older ones delivered', async () => {
  const [receiver, url] = await receiving();
  receiver.answer = (response) => response.writeHead(500).end();
  const store = new MemoryStore();
  const stage = staged(store);
  stage.define([listener('hook', ['message.*'], [webhookTo(url)])], { outbox: 5 });
  for (let n = 1; n <= 9; n += 1) await stage.say('room', n);
  await expect.poll(() => stage.clock.waits.includes(1_000)).toBe(true);
  expect(stateOf(stage)).toMatchObject({ waiting: 5, dropped: 4 });
  expect(stage.lines.filter(({ event }) => event === 'action.event-dropped')).toEqual([
    { event: 'action.event-dropped', fields: { app: 'a', action: 'hook/webhook', code: 'limit.outbox' } },
  ]);
  receiver.answer = (response) => response.end();
  stage.clock.advance(1_000);
  await expect.poll(() => messages(receiver).slice(1)).toEqual([1, 2, 3, 4, 5]);
  await stage.say('room', 10);
  await expect.poll(() => messages(receiver).at(-1)).toBe(10);
});

test('a lane goes on where the process before stood, with its attempts', async () => {
  const [receiver, url] = await receiving();
  const store = new MemoryStore();
  const before = staged(store);
  const hook = [listener('hook', ['message.*'], [webhookTo(url, { retry: { attempts: 2, base: 10, max: 10 } })])];
  before.define(hook);
  receiver.answer = (response) => response.writeHead(500).end();
  for (let n = 1; n <= 500; n += 1) await before.say('room', n);
  await expect.poll(async () => (await waitingIn(store))[0]?.attempts).toBe(1);
  await before.actions.stop();
  receiver.answer = (response) => response.end();
  const after = staged(store);
  after.actions.resume(await store.outboxTotals());
  expect(after.actions.states('a')).toMatchObject([{ action: 'hook/webhook', waiting: 500 }]);
  after.define(hook);
  after.clock.advance(10_000);
  await after.say('room', 501);
  await expect.poll(() => messages(receiver).length, { timeout: 10_000 }).toBe(502);
  expect(messages(receiver).slice(1)).toEqual(Array.from({ length: 501 }, (_, at) => at + 1));
  await expect.poll(() => after.actions.states('a')[0]).toMatchObject({ waiting: 0, bytes: 0 });
});

test('an action that is changed takes over what waits, in order; what is defined as before runs on', async () => {
  const [first, one] = await receiving();
  const [second, two] = await receiving();
  first.answer = (response) => response.writeHead(500).end();
  const stage = staged();
  stage.define([listener('hook', ['message.*'], [webhookTo(one)])]);
  for (let n = 1; n <= 3; n += 1) await stage.say('room', n);
  await expect.poll(() => first.received.length).toBe(1);
  stage.define([listener('hook', ['message.*'], [webhookTo(one)], { description: 'the same' })]);
  stage.define([listener('hook', ['message.*'], [webhookTo(two)])]);
  await stage.say('room', 4);
  stage.clock.advance(5_000);
  await expect.poll(() => messages(second)).toEqual([1, 2, 3, 4]);
  expect(first.received.length).toBe(1);
});

test('a listener does not hear what it published itself, and a chain of them ends at the limit', async () => {
  const stage = staged();
  stage.define(
    [
      listener('echo', ['event.sent', 'message.published'], [actionTo({ kind: 'publish', to: { channel: 'out' } })]),
      listener(
        'other',
        ['event.sent'],
        [actionTo({ kind: 'publish', to: { channel: 'out', data: '{"id": event.id}' } })],
      ),
    ],
    { actionHops: 2 },
  );
  await stage.say('room', 'hello');
  await expect.poll(() => stage.published.length).toBe(1);
  expect(stage.published[0]).toMatchObject({
    channel: 'out',
    trail: ['echo'],
    principal: { kind: 'server', name: 'action:echo' },
  });
  await stage.say('out', 'x', { type: 'event.sent', trail: ['echo'] });
  await expect.poll(() => stage.published.length).toBe(2);
  expect(stage.published[1]).toMatchObject({
    trail: ['echo', 'other'],
    data: expect.stringMatching(/^\{"id":"evt-\d+"\}$/),
  });
  await stage.say('out', 'x', { type: 'event.sent', trail: ['echo', 'third'] });
  await expect.poll(() => stateOf(stage, 'other/publish')?.dead).toBe(1);
  expect(stage.published.length).toBe(2);
});

test('refusals beyond so many a second are counted, and the next one told says how many', async () => {
  const [receiver, url] = await receiving();
  const stage = staged();
  stage.define([listener('hook', ['access.denied'], [webhookTo(url)])], { deniedEvents: 3 });
  const refuse = () => stage.say('room', null, { type: 'access.denied', code: 'grant.none', data: {}, texts: {} });
  for (let n = 1; n <= 10; n += 1) await refuse();
  await expect.poll(() => receiver.received.length).toBe(3);
  stage.clock.advance(1_000);
  await refuse();
  await expect.poll(() => receiver.received.at(-1)?.body.data.data.missed).toBe(7);
});

test('what is dropped on an operator’s word waits no more', async () => {
  const [receiver, url] = await receiving();
  receiver.answer = (response) => response.writeHead(500).end();
  const store = new MemoryStore();
  const stage = staged(store);
  stage.define([listener('hook', ['message.*'], [webhookTo(url)])]);
  for (let n = 1; n <= 4; n += 1) await stage.say('room', n);
  expect(await stage.actions.dropWaiting('a', 'hook/webhook')).toBe(4);
  expect(await waitingIn(store)).toEqual([]);
  receiver.answer = (response) => response.end();
  await stage.say('room', 5);
  await expect.poll(() => messages(receiver).at(-1)).toBe(5);
});

test('the log of runs says what was tried, how it came out and how long it took', async () => {
  const [receiver, url] = await receiving();
  const stage = staged();
  stage.define([listener('hook', ['message.*'], [webhookTo(url)])]);
  receiver.answer = (response, n) => response.writeHead(n === 1 ? 500 : 200).end();
  await stage.say('room', 'hello');
  await expect.poll(() => stage.clock.waits.includes(1_000)).toBe(true);
  stage.clock.advance(1_000);
  await expect.poll(() => stage.actions.runs.of('a', { limit: 10 }).length).toBe(2);
  expect(stage.actions.runs.of('a', { action: 'hook', limit: 10 })).toMatchObject([
    { outcome: 'done', attempt: 2, events: [{ id: 'evt-1', type: 'message.published', channel: 'room' }] },
    { outcome: 'failed', attempt: 1, reason: 'answered 500', input: expect.stringContaining('hello') },
  ]);
});

test('a receiver that vanishes and comes back gets all of it, in order', async () => {
  const [receiver, url] = await receiving();
  const stage = staged();
  stage.define([listener('hook', ['message.*'], [webhookTo(url)])]);
  await stage.say('room', 1);
  await expect.poll(() => messages(receiver)).toEqual([1]);
  await receiver.close();
  for (const n of [2, 3]) await stage.say('room', n);
  await expect.poll(() => stateOf(stage)?.failed).toBe(1);
  expect(stage.actions.runs.of('a', { limit: 1 })).toMatchObject([
    { outcome: 'failed', reason: expect.stringContaining('unreachable') },
  ]);
  const back = new Receiver();
  await back.open(Number(url.port));
  open.push(back);
  stage.clock.advance(1_000);
  await expect.poll(() => messages(back)).toEqual([2, 3]);
});

test('a store that cannot be written to loses no result of an attempt', async () => {
  const [receiver, url] = await receiving();
  const store = new MemoryStore();
  const { settle } = store;
  let failures = 2;
  const hesitant: MemoryStore['settle'] = async (...what) => {
    if (failures-- > 0) throw new Error('the disk is away');
    return settle(...what);
  };
  Object.assign(store, { settle: hesitant });
  const stage = staged(store);
  stage.define([listener('hook', ['message.*'], [webhookTo(url)])]);
  await stage.say('room', 1);
  await expect.poll(() => receiver.received.length).toBe(1);
  for (let n = 1; n <= 2; n += 1) {
    await expect.poll(() => stage.clock.waits.includes(1_000)).toBe(true);
    stage.clock.advance(1_000);
  }
  await expect.poll(() => waitingIn(store)).toEqual([]);
  expect(receiver.received.length).toBe(1);
});
