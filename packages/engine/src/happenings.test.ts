import { ANONYMOUS } from '@portcullis/policy';
import { expect, test } from 'vitest';
import type { EventType } from './event-types.ts';
import { MemoryStore } from './memory/memory-store.ts';
import type { Events, Happening } from './ports/events.ts';
import { StoreFullError } from './ports/store.ts';
import type { OutboxEntry } from './ports/store-outbox.ts';
import { OPEN, ruleOf, Scene, say, userOf } from './testing/scene.fixture.ts';

/** Hears some types, and remembers what it was told and how. */
function listening(...types: readonly EventType[]) {
  const noted: Happening[] = [];
  const told: Happening[] = [];
  const state = { seq: 0, release: () => {}, hold: false };
  const events: Events = {
    of: (app) => ({
      hears: (type) => types.includes(type),
      note: (happening) => {
        noted.push(happening);
        const { channel = '', type } = happening;
        const entry: OutboxEntry = { seq: ++state.seq, app, action: 'a', channel, event: `{"type":"${type}"}`, at: 0 };
        return [entry];
      },
      tell: (happening) => {
        told.push(happening);
        if (!state.hold) return undefined;
        return new Promise<void>((resolve) => {
          state.release = resolve;
        });
      },
    }),
  };
  return { events, noted, told, state };
}

const waiting = (scene: Scene) => scene.store.waiting({ app: 'a', action: 'a', after: 0, limit: 10 });

test('a kept message is written together with what is told of it, before it is acknowledged', async () => {
  const { events, noted, told } = listening('message.published');
  const scene = await Scene.open([ruleOf(1_000_000, 'room', { ...OPEN, history: 10 })], { events });
  const ann = await scene.joined('room', userOf('ann'));
  await say(ann, 'room', 'hello');
  expect((await waiting(scene)).map(({ channel }) => channel)).toEqual(['room']);
  expect(told).toEqual([]);
  expect(noted).toHaveLength(1);
  expect(noted[0]).toMatchObject({
    type: 'message.published',
    channel: 'room',
    principal: { kind: 'user', user: 'ann' },
    texts: { message: '"hello"', meta: 'null' },
    data: { timetoken: expect.stringMatching(/^\d{17}$/), audience: { to: 'everyone', anonymous: true } },
  });
});

test('a message that could not be kept is told to nobody', async () => {
  class Full extends MemoryStore {
    override append(): Promise<void> {
      return Promise.reject(new StoreFullError('full'));
    }
  }
  const { events } = listening('message.published');
  const scene = await Scene.open([ruleOf(1_000_000, 'room', { ...OPEN, history: 10 })], { events, store: new Full() });
  const ann = await scene.joined('room');
  expect(await ann.session.publish('room', { to: 'everyone' }, '1')).toMatchObject({ ok: false, code: 'store.full' });
  expect(await waiting(scene)).toEqual([]);
});

test('what is not kept is delivered at once, and acknowledged when what is told of it is durable', async () => {
  const { events, told, state } = listening('message.published');
  const scene = await Scene.open([ruleOf(1_000_000, 'room', OPEN)], { events });
  const ann = await scene.joined('room');
  state.hold = true;
  let acknowledged = false;
  const sent = Promise.resolve(ann.session.publish('room', { to: 'everyone' }, '1')).then((outcome) => {
    acknowledged = true;
    return outcome;
  });
  scene.clock.turn();
  await new Promise((resolve) => setImmediate(resolve));
  expect(ann.outlet.got.length).toBeGreaterThan(0);
  expect([told.length, acknowledged]).toEqual([1, false]);
  state.release();
  expect(await sent).toMatchObject({ ok: true });
});

test('where nobody listens to a type, nothing is put together for it', async () => {
  const { events, noted, told } = listening('ban.created');
  const scene = await Scene.open([ruleOf(1_000_000, 'room', { ...OPEN, history: 10 })], { events });
  const ann = await scene.joined('room', ANONYMOUS);
  await say(ann, 'room', 'hello');
  await ann.session.join('nowhere', { presence: false, history: false });
  expect([noted, told]).toEqual([[], []]);
});

test('a refused attempt is told with its code, what was asked, and the rule that decided', async () => {
  const { events, told } = listening('access.denied');
  const scene = await Scene.open([ruleOf(1_000_000, 'room', {})], { events });
  const mallory = scene.connect();
  await mallory.session.join('room', { presence: false, history: false });
  await mallory.session.join('nowhere', { presence: false, history: false });
  expect(told.map(({ code, channel, data }) => [code, channel, data.operation, data.rule])).toEqual([
    ['channel.anonymous-not-allowed', 'room', 'join', 1_000_000],
    ['channel.no-rule', 'nowhere', 'join', null],
  ]);
});

test('who comes and goes is told, with the first and the last of a channel', async () => {
  const { events, told } = listening('presence.joined', 'presence.left', 'channel.active', 'channel.inactive');
  const scene = await Scene.open([ruleOf(1_000_000, 'room', OPEN)], { events });
  const ann = await scene.joined('room', userOf('ann'));
  const again = await scene.joined('room', userOf('ann'));
  again.session.leave('room');
  ann.session.leave('room');
  expect(told.map(({ type, data }) => [type, data.occupancy, data.first])).toEqual([
    ['channel.active', undefined, undefined],
    ['presence.joined', 1, true],
    ['presence.joined', 1, false],
    ['presence.left', 1, false],
    ['presence.left', 0, true],
    ['channel.inactive', undefined, undefined],
  ]);
});

test('changes of authority are told by who made them, written in the same step', async () => {
  const { events, noted } = listening('rule.created', 'rule.changed', 'rule.deleted', 'ban.created', 'group.changed');
  const scene = await Scene.open([], { events });
  const by = { kind: 'server', name: 'key:k1', credentials: [] } as const;
  const rule = ruleOf(1_000_000, 'room', OPEN);
  await scene.engine.commit('a', [{ type: 'rule.put', rule }], by);
  await scene.engine.commit('a', [{ type: 'rule.put', rule: { ...rule, presence: false } }], by);
  const ban = { id: 1_000_001, user: 'mallory', channel: 'room', reason: 'rude', hold: false };
  await scene.engine.commit(
    'a',
    [
      { type: 'ban.put', ban },
      { type: 'rule.delete', id: rule.id },
    ],
    by,
  );
  await scene.engine.commit('a', [{ type: 'group.put', group: 'g', channels: ['room'] }]);
  expect(noted.map(({ type, principal }) => [type, principal.kind === 'server' && principal.name])).toEqual([
    ['rule.created', 'key:k1'],
    ['rule.changed', 'key:k1'],
    ['ban.created', 'key:k1'],
    ['rule.deleted', 'key:k1'],
    ['group.changed', 'server'],
  ]);
  expect(await waiting(scene)).toHaveLength(5);
});

test('a server event is told with the actions it came about through', async () => {
  const { events, told } = listening('event.sent');
  const scene = await Scene.open([ruleOf(1_000_000, 'room', OPEN)], { events });
  const principal = { kind: 'server', name: 'action:x', credentials: [] } as const;
  await scene.engine.event({ app: 'a', channel: 'room', data: '{"n":1}', principal, table: 7, trail: ['x'] });
  expect(told).toMatchObject([
    { type: 'event.sent', trail: ['x'], data: { table: 7, row: 0 }, texts: { message: '{"n":1}' } },
  ]);
});
