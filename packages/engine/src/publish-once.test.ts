import { ANONYMOUS, type Principal } from '@portcullis/policy';
import { describe, expect, it } from 'vitest';
import { MemoryStore } from './memory/memory-store.ts';
import { type Client, OPEN, ruleOf, Scene, userOf } from './testing/scene.fixture.ts';

const ROOM = 'room/1';
const EVERYONE = { to: 'everyone' } as const;
const REPLAY = { messages: 10, age: 60_000, keys: 3 };

async function house(history = 0) {
  return Scene.open([ruleOf(1, 'room/*', { ...OPEN, history })], { definition: { replay: REPLAY } });
}

function send(client: Client, key: string, text: string) {
  return client.session.publish(ROOM, EVERYONE, JSON.stringify(text), { key });
}

describe('a publish under a key', () => {
  it.each([0, 10])('is published once, and answered again as the first was (history %i)', async (history) => {
    const scene = await house(history);
    const listener = await scene.joined(ROOM);
    const ada = await scene.joined(ROOM, userOf('ada'));
    const first = await send(ada, 'k', 'a');
    const again = await send(ada, 'k', 'a');
    scene.clock.turn();
    expect(first).toMatchObject({ ok: true });
    expect(again).toEqual({ ...first, repeated: true });
    expect(listener.outlet.texts()).toEqual(['a']);
  });

  it('is one with a repetition that comes before it is answered', async () => {
    const scene = await house(10);
    const listener = await scene.joined(ROOM);
    const ada = await scene.joined(ROOM, userOf('ada'));
    const [first, again] = await Promise.all([send(ada, 'k', 'a'), send(ada, 'k', 'a')]);
    scene.clock.turn();
    expect(again).toEqual({ ...first, repeated: true });
    expect(listener.outlet.texts()).toEqual(['a']);
  });

  it('is the same by another connection of the same user, and by a call without one', async () => {
    const scene = await house();
    const ada = await scene.joined(ROOM, userOf('ada'));
    const first = await send(ada, 'k', 'a');
    ada.session.close();
    expect(await send(await scene.joined(ROOM, userOf('ada')), 'k', 'a')).toEqual({ ...first, repeated: true });
    const call = { app: 'a', channel: ROOM, target: EVERYONE, kind: 'message', data: '"a"', store: true } as const;
    const stateless = await scene.engine.stateless.publishAs({ ...call, principal: userOf('ada'), key: 'k' });
    expect(stateless).toEqual({ ...first, repeated: true });
  });

  it.each<[string, Principal]>([
    ['another user', userOf('bob')],
    ['one who only states the id', { kind: 'stated', user: 'ada', credentials: [] }],
    ['an anonymous client', ANONYMOUS],
    ['a server of that name', { kind: 'server', name: 'ada', credentials: [] }],
  ])('is another one by %s', async (_, principal) => {
    const scene = await house();
    const first = await send(await scene.joined(ROOM, userOf('ada')), 'k', 'a');
    const other = await send(await scene.joined(ROOM, principal), 'k', 'a');
    expect(other).toMatchObject({ ok: true });
    expect(other).not.toHaveProperty('repeated');
    expect(other).not.toEqual(first);
  });

  it('of an anonymous client counts for its connection alone', async () => {
    const scene = await house();
    const one = await scene.joined(ROOM);
    const other = await scene.joined(ROOM);
    await send(one, 'k', 'a');
    expect(await send(one, 'k', 'a')).toMatchObject({ repeated: true });
    expect(await send(other, 'k', 'a')).not.toHaveProperty('repeated');
  });

  it('counts for its channel alone', async () => {
    const scene = await house();
    const ada = await scene.joined(ROOM, userOf('ada'));
    await ada.session.join('room/2', { presence: false, history: false });
    await send(ada, 'k', 'a');
    expect(await ada.session.publish('room/2', EVERYONE, '"a"', { key: 'k' })).not.toHaveProperty('repeated');
  });

  it('that was refused is no first one', async () => {
    const scene = await house();
    const ada = await scene.joined(ROOM, userOf('ada'));
    await scene.put(ruleOf(1, 'room/*', {}));
    expect(await send(ada, 'k', 'a')).toMatchObject({ ok: false });
    await scene.put(ruleOf(1, 'room/*', OPEN));
    const first = await send(ada, 'k', 'a');
    expect(first).toMatchObject({ ok: true });
    expect(first).not.toHaveProperty('repeated');
  });

  it('is refused when it is repeated by one who may no longer', async () => {
    const scene = await house();
    const ada = await scene.joined(ROOM, userOf('ada'));
    await send(ada, 'k', 'a');
    await scene.put(ruleOf(1, 'room/*', {}));
    expect(await send(ada, 'k', 'a')).toMatchObject({ ok: false, code: 'channel.public-messaging-off' });
  });

  it('is remembered as long as messages are, and so many of them', async () => {
    const scene = await house();
    const ada = await scene.joined(ROOM, userOf('ada'));
    for (const key of ['1', '2', '3', '4']) await send(ada, key, key);
    expect(await send(ada, '2', '2')).toMatchObject({ repeated: true });
    expect(await send(ada, '1', '1')).not.toHaveProperty('repeated');
    scene.clock.advance(REPLAY.age + 1);
    expect(await send(ada, '4', '4')).not.toHaveProperty('repeated');
  });

  it('is known to the next process as well, where the channel keeps it: on a connection, and by a call without one', async () => {
    const store = new MemoryStore();
    const rules = [ruleOf(1, 'room/*', { ...OPEN, history: 10 })];
    const before = await Scene.open(rules, { store, definition: { replay: REPLAY } });
    const first = await send(await before.joined(ROOM, userOf('ada')), 'k', 'a');
    const next = async () => {
      const [stored] = (await store.load()).apps;
      if (!stored) throw new Error('the app is gone');
      return Scene.open([], { store, stored, definition: { replay: REPLAY }, later: 10 });
    };
    const call = { app: 'a', channel: ROOM, target: EVERYONE, kind: 'message', data: '"a"', store: true } as const;
    const called = await (await next()).engine.stateless.publishAs({
      ...call,
      principal: userOf('ada'),
      key: 'k',
    });
    expect(called).toEqual({ ...first, repeated: true });
    const scene = await next();
    const ada = await scene.joined(ROOM, userOf('ada'));
    expect(await send(ada, 'k', 'a')).toEqual({ ...first, repeated: true });
    expect(await send(await scene.joined(ROOM, userOf('bob')), 'k', 'a')).not.toHaveProperty('repeated');
    scene.clock.advance(REPLAY.age + 1);
    expect(await send(ada, 'k', 'a')).not.toHaveProperty('repeated');
  });
});
