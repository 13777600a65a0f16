import { describe, expect, it } from 'vitest';
import { MemoryStore } from './memory/memory-store.ts';
import type { Store } from './ports/store.ts';
import { type Client, LIMITS, OPEN, ruleOf, Scene, userOf } from './testing/scene.fixture.ts';

const KEPT = { ...OPEN, history: 10 };
const EVERYONE = { to: 'everyone' } as const;
const SERVER = { kind: 'server', name: 'test', credentials: [] } as const;
const REFUSED = { ok: false, code: 'limit.historyChannels' };

function open(historyChannels: number, store?: Store): Promise<Scene> {
  const limits = { ...LIMITS, historyChannels };
  return Scene.open([ruleOf(1, 'kept/*', KEPT), ruleOf(2, 'passing/*', OPEN)], {
    definition: { limits },
    ...(store ? { store } : {}),
  });
}

async function joinAll(client: Client, channels: readonly string[]): Promise<void> {
  for (const channel of channels) await client.session.join(channel, { presence: false, history: false });
}

describe('limits.historyChannels', () => {
  it('refuses the message that would begin one channel too many; those that keep something go on', async () => {
    const scene = await open(2);
    const client = scene.connect();
    await joinAll(client, ['kept/1', 'kept/2', 'kept/3', 'passing/1']);
    const publish = (channel: string) => client.session.publish(channel, EVERYONE, '1');
    expect(await publish('kept/1')).toMatchObject({ ok: true });
    expect(await publish('kept/2')).toMatchObject({ ok: true });
    expect(await publish('kept/3')).toMatchObject(REFUSED);
    expect(await publish('kept/1')).toMatchObject({ ok: true });
    expect(await publish('passing/1')).toMatchObject({ ok: true });
    scene.clock.turn();
    expect(client.outlet.texts('kept/3')).toEqual([]);
    expect(await scene.store.keptChannels('a')).toBe(2);
  });

  it('counts those from before, once, and knows them again', async () => {
    const store = new MemoryStore();
    const before = await open(2, store);
    const writer = before.connect();
    await joinAll(writer, ['kept/1', 'kept/2']);
    for (const channel of ['kept/1', 'kept/2']) await writer.session.publish(channel, EVERYONE, '1');
    const [stored] = (await store.load()).apps;
    const counted: string[] = [];
    const count = store.keptChannels.bind(store);
    store.keptChannels = (app) => {
      counted.push(app);
      return count(app);
    };
    const scene = new Scene(store);
    const limits = { ...LIMITS, historyChannels: 2 };
    await scene.define('a', { limits }, stored);
    const client = scene.connect();
    await Promise.all(
      ['kept/2', 'kept/3', 'kept/4'].map((channel) =>
        client.session.join(channel, { presence: false, history: false }),
      ),
    );
    expect(await client.session.publish('kept/3', EVERYONE, '1')).toMatchObject(REFUSED);
    expect(await client.session.publish('kept/2', EVERYONE, '1')).toMatchObject({ ok: true });
    expect(counted).toEqual(['a']);
  });

  it('counts what is on its way: of many at once, only so many begin', async () => {
    const scene = await open(3);
    const client = scene.connect();
    const channels = Array.from({ length: 10 }, (_, n) => `kept/${n}`);
    await joinAll(client, channels);
    const outcomes = await Promise.all(
      [...channels, ...channels].map((channel) => client.session.publish(channel, EVERYONE, '1')),
    );
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(6);
    expect(await scene.store.keptChannels('a')).toBe(3);
  });

  it('does not count what the store refused', async () => {
    const scene = await open(1);
    const client = scene.connect();
    await joinAll(client, ['kept/1', 'kept/2']);
    const { append } = scene.store;
    scene.store.append = () => Promise.reject(new Error('no'));
    expect(await client.session.publish('kept/1', EVERYONE, '1')).toMatchObject({ code: 'store.unavailable' });
    scene.store.append = append;
    expect(await client.session.publish('kept/2', EVERYONE, '1')).toMatchObject({ ok: true });
    expect(await client.session.publish('kept/1', EVERYONE, '1')).toMatchObject(REFUSED);
  });

  it('holds for a channel that came to keep history while it was live, and for private messages', async () => {
    const scene = await open(1);
    const [ada, bo] = [scene.connect(userOf('ada')), scene.connect(userOf('bo'))];
    await joinAll(ada, ['kept/1', 'passing/1']);
    await joinAll(bo, ['kept/1', 'passing/1']);
    await ada.session.publish('passing/1', EVERYONE, '1');
    const privateMessaging = { enabled: true, authenticatedOnly: true };
    await scene.put(ruleOf(1, 'kept/*', { ...KEPT, privateMessaging }));
    const toBo = { to: 'session', session: bo.session.id } as const;
    expect(await ada.session.publish('kept/1', toBo, '1')).toMatchObject({ ok: true });
    await scene.put(ruleOf(2, 'passing/*', KEPT));
    expect(await ada.session.publish('passing/1', EVERYONE, '1')).toMatchObject(REFUSED);
  });

  it('does not hold for server events, which count', async () => {
    const scene = await open(1);
    const client = scene.connect();
    await joinAll(client, ['kept/1']);
    for (const channel of ['kept/2', 'kept/3']) {
      const event = { app: 'a', channel, data: '1', principal: SERVER };
      expect(await scene.engine.event(event)).toMatchObject({ ok: true });
    }
    expect(await client.session.publish('kept/1', EVERYONE, '1')).toMatchObject(REFUSED);
  });

  it('is each app’s own, and `Infinity` is off', async () => {
    const scene = await open(0);
    await scene.define('b', {
      fileRules: [ruleOf(1, 'kept/*', KEPT)],
      limits: { ...LIMITS, historyChannels: Infinity },
    });
    const [here, there] = [scene.connect(), scene.connect(undefined, undefined, 'b')];
    await joinAll(here, ['kept/1']);
    await joinAll(there, ['kept/1']);
    expect(await here.session.publish('kept/1', EVERYONE, '1')).toMatchObject(REFUSED);
    expect(await there.session.publish('kept/1', EVERYONE, '1')).toMatchObject({ ok: true });
  });
});

describe('logs that were opened for nothing', () => {
  it('are forgotten in time: refused joins leave nothing behind', async () => {
    const scene = await Scene.open([ruleOf(1, 'kept/*', KEPT)], {
      definition: { limits: { ...LIMITS, channelsPerConnection: 1 } },
    });
    const client = scene.connect();
    await joinAll(client, ['kept/0']);
    for (let n = 1; n <= 10_200; n += 1) await joinAll(client, [`kept/${n}`]);
    expect(scene.broker.has('a', 'kept/1')).toBe(false);
    const other = await Promise.all(
      Array.from({ length: 10_200 }, async (_, n) => {
        const leaving = scene.connect();
        await joinAll(leaving, [`kept/x${n}`]);
        leaving.session.leave(`kept/x${n}`);
        return `kept/x${n}`;
      }),
    );
    expect(other.filter((channel) => scene.broker.has('a', channel))).toHaveLength(10_000);
    expect(scene.broker.has('a', 'kept/0')).toBe(true);
  });
});

describe('a log that kept something and keeps nothing any more', () => {
  it('begins anew, so that no offset ever names two messages', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', { ...OPEN, history: 10 })]);
    const client = await scene.joined('room');
    const at = async () => {
      const outcome = await client.session.publish('room', { to: 'everyone' }, '1');
      return outcome.ok ? outcome.position : null;
    };
    const kept = [await at(), await at()];
    await scene.put(ruleOf(1, 'room', { ...OPEN, history: 0 }));
    const unkept = [await at(), await at()];
    await scene.put(ruleOf(1, 'room', { ...OPEN, history: 10 }));
    const again = await at();
    expect(kept.map((position) => position?.offset)).toEqual([1, 2]);
    expect(unkept.map((position) => position?.offset)).toEqual([1, 2]);
    expect(unkept[0]?.epoch).not.toBe(kept[0]?.epoch);
    expect(again).toEqual({ epoch: unkept[0]?.epoch, offset: 3 });
  });
});
