import { ANONYMOUS, type Principal } from '@portcullis/policy';
import { describe, expect, it } from 'vitest';
import { MemoryStore } from './memory/memory-store.ts';
import type { Store } from './ports/store.ts';
import type { Position } from './publication.ts';
import { type Client, LIMITS, OPEN, ruleOf, Scene, say, userOf } from './testing/scene.fixture.ts';

const REPLAY = { messages: 10, age: 60_000 };
const ROOM = 'room/1';

async function house(history = 0, more: { readonly store?: Store; readonly limits?: Partial<typeof LIMITS> } = {}) {
  const definition = { replay: REPLAY, limits: { ...LIMITS, ...more.limits } };
  return Scene.open(
    [
      ruleOf(1, 'room/*', {
        ...OPEN,
        history,
        authenticatedMessaging: true,
        privateMessaging: { enabled: true, authenticatedOnly: false },
      }),
    ],
    {
      definition,
      ...(more.store ? { store: more.store } : {}),
    },
  );
}

function positionOf(client: Client): Position {
  for (const item of client.outlet.got.toReversed()) {
    if (item.type === 'publication' && item.publication.position) return item.publication.position;
    if (item.type === 'joined' && item.position) return item.position;
  }
  throw new Error('It never joined.');
}

/** Comes back by another connection, with the position it saw last. */
async function back(scene: Scene, recover: Position, principal: Principal = ANONYMOUS, stalled = false) {
  const client = scene.connect(principal);
  client.outlet.stalled = stalled;
  const outcome = await client.session.join(ROOM, { presence: false, history: false, recover, ref: 7 });
  expect(outcome.ok).toBe(true);
  scene.clock.turn();
  return client;
}

function recoveryOf({ outlet }: Client) {
  const joined = outlet.got.find((item) => item.type === 'joined');
  return joined?.type === 'joined' ? joined.recovery : undefined;
}

/** What came as missed, then what came live. */
function textsOf({ outlet }: Client): { readonly missed: string[]; readonly live: string[] } {
  const missed = outlet.got.flatMap((item) =>
    item.type === 'history' && item.join ? item.items.map(({ data }) => JSON.parse(data) as string) : [],
  );
  return { missed, live: outlet.texts() };
}

async function talk(scene: Scene, client: Client, ...texts: readonly string[]) {
  for (const text of texts) await say(client, ROOM, text);
  scene.clock.turn();
}

describe('coming back with a position', () => {
  it('brings exactly what was missed, then what is live', async () => {
    const scene = await house();
    const speaker = await scene.joined(ROOM);
    const reader = await scene.joined(ROOM);
    await talk(scene, speaker, 'a', 'b');
    const seen = positionOf(reader);
    reader.session.close();
    await talk(scene, speaker, 'c', 'd');
    const again = await back(scene, seen);
    await talk(scene, speaker, 'e');
    expect(recoveryOf(again)).toBe('complete');
    expect(textsOf(again)).toEqual({ missed: ['c', 'd'], live: ['e'] });
  });

  it('answers a join with the position from which nothing is missed', async () => {
    const scene = await house();
    const speaker = await scene.joined(ROOM);
    await talk(scene, speaker, 'a');
    const reader = scene.connect();
    await reader.session.join(ROOM, { presence: false, history: false });
    const seen = positionOf(reader);
    reader.session.close();
    await talk(scene, speaker, 'b');
    expect(textsOf(await back(scene, seen)).missed).toEqual(['b']);
  });

  it('ends what was missed with a page that says so, also where nothing was', async () => {
    const scene = await house();
    const speaker = await scene.joined(ROOM);
    await talk(scene, speaker, 'a');
    const again = await back(scene, positionOf(speaker));
    expect(again.outlet.got).toMatchObject([
      { type: 'joined', recovery: 'complete', ref: 7 },
      { type: 'history', join: true, items: [], more: false, ref: 7 },
    ]);
  });

  it('brings it however many other channels came and went meanwhile', async () => {
    const scene = await house();
    const speaker = await scene.joined(ROOM);
    await talk(scene, speaker, 'a');
    const seen = positionOf(speaker);
    await talk(scene, speaker, 'b');
    speaker.session.close();
    const passer = scene.connect();
    for (let n = 0; n <= 10_100; n += 1) {
      await passer.session.join(`room/of/${n}`, { presence: false, history: false });
      passer.session.leave(`room/of/${n}`);
    }
    expect(textsOf(await back(scene, seen)).missed).toEqual(['b']);
  });

  it('is told of a gap where more was missed than is remembered', async () => {
    const scene = await house();
    const speaker = await scene.joined(ROOM);
    await talk(scene, speaker, 'a');
    const seen = positionOf(speaker);
    await talk(scene, speaker, ...Array.from({ length: 11 }, (_, n) => `${n}`));
    const again = await back(scene, seen);
    expect(recoveryOf(again)).toBe('gap');
    expect(textsOf(again)).toEqual({ missed: [], live: [] });
  });

  it('is told of a gap where it was away for longer than is remembered', async () => {
    const scene = await house();
    const speaker = await scene.joined(ROOM);
    await talk(scene, speaker, 'a');
    const seen = positionOf(speaker);
    await talk(scene, speaker, 'b');
    scene.clock.advance(REPLAY.age + 1);
    expect(recoveryOf(await back(scene, seen))).toBe('gap');
  });

  it.each([
    ['of another log', { epoch: 'elsewhere', offset: 1 }],
    ['that was never given', { epoch: '', offset: 99 }],
  ])('is told of a gap with a position %s', async (_, { epoch, offset }) => {
    const scene = await house();
    const speaker = await scene.joined(ROOM);
    await talk(scene, speaker, 'a');
    const again = await back(scene, { epoch: epoch || positionOf(speaker).epoch, offset });
    expect(recoveryOf(again)).toBe('gap');
  });

  it('is told of a gap after a restart where nothing is kept', async () => {
    const before = await house();
    const speaker = await before.joined(ROOM);
    await talk(before, speaker, 'a');
    const after = await house();
    expect(recoveryOf(await back(after, { ...positionOf(speaker), epoch: 'of-before' }))).toBe('gap');
  });

  it('decides each item for who comes back', async () => {
    const scene = await house();
    const speaker = await scene.joined(ROOM, userOf('ada'));
    await talk(scene, speaker, 'a');
    const seen = positionOf(speaker);
    for (const target of [{ to: 'authenticated' }, { to: 'user', user: 'bob' }, { to: 'everyone' }] as const) {
      await scene.joined(ROOM, userOf('bob'));
      await speaker.session.publish(ROOM, target, JSON.stringify(target.to));
    }
    scene.clock.turn();
    expect(textsOf(await back(scene, seen)).missed).toEqual(['everyone']);
    expect(textsOf(await back(scene, seen, userOf('bob'))).missed).toEqual(['authenticated', 'user', 'everyone']);
    expect(textsOf(await back(scene, seen, userOf('eve'))).missed).toEqual(['authenticated', 'everyone']);
  });

  it('brings nothing that was said to one connection: that ends with it', async () => {
    const scene = await house();
    const speaker = await scene.joined(ROOM, userOf('ada'));
    const reader = await scene.joined(ROOM, userOf('bob'));
    await talk(scene, speaker, 'a');
    const seen = positionOf(reader);
    await speaker.session.publish(ROOM, { to: 'session', session: reader.session.id }, '"psst"');
    reader.session.close();
    expect(textsOf(await back(scene, seen, userOf('bob')))).toEqual({ missed: [], live: [] });
  });

  it('is refused like any other join', async () => {
    const scene = await house();
    const speaker = await scene.joined(ROOM);
    await talk(scene, speaker, 'a', 'b');
    await scene.put(ruleOf(1, 'room/*', { ...OPEN, anonymousClients: false }));
    const client = scene.connect();
    const recover = { ...positionOf(speaker), offset: 1 };
    const outcome = await client.session.join(ROOM, { presence: false, history: false, recover });
    expect(outcome).toMatchObject({ ok: false });
    expect(client.outlet.got).toEqual([]);
  });

  it('is sent in pages as fast as it reads; what is live waits behind them', async () => {
    const scene = await house(0, { limits: { inSocket: 100, sendBuffer: 4_000 } });
    const speaker = await scene.joined(ROOM);
    await talk(scene, speaker, 'first');
    const seen = positionOf(speaker);
    const long = (n: number) => `${n}`.padEnd(60, '.');
    await talk(scene, speaker, long(1), long(2), long(3));
    const again = await back(scene, seen, ANONYMOUS, true);
    await talk(scene, speaker, 'live');
    expect(textsOf(again).live).toEqual([]);
    for (let n = 0; n < 8; n += 1) {
      again.outlet.drain();
      again.session.drained();
    }
    expect(textsOf(again)).toEqual({ missed: [long(1), long(2), long(3)], live: ['live'] });
    const pages = again.outlet.got.flatMap((item) => (item.type === 'history' ? [item.more] : []));
    expect(pages).toEqual([true, true, false]);
  });

  it('gets nothing of what is deleted meanwhile, not in a later page either', async () => {
    const scene = await house(0, { limits: { inSocket: 80 } });
    const speaker = await scene.joined(ROOM);
    await talk(scene, speaker, 'first');
    const seen = positionOf(speaker);
    const long = (n: number) => `${n}`.padEnd(90, '.');
    await talk(scene, speaker, long(1), long(2), long(3));
    const again = await back(scene, seen, ANONYMOUS, true);
    const said = speaker.outlet.got.flatMap((item) =>
      item.type === 'publication' ? [item.publication.timetoken] : [],
    );
    scene.engine.stateless.forget('a', ROOM, said.slice(2, 3));
    for (let n = 0; n < 8; n += 1) {
      again.outlet.drain();
      again.session.drained();
    }
    expect(textsOf(again).missed).toEqual([long(1), long(3)]);
    const later = await back(scene, seen);
    for (let n = 0; n < 8; n += 1) {
      later.outlet.drain();
      later.session.drained();
    }
    expect(recoveryOf(later)).toBe('complete');
    expect(textsOf(later).missed).toEqual([long(1), long(3)]);
  });

  it('gets no page more once it may not', async () => {
    const scene = await house(0, { limits: { inSocket: 80 } });
    const speaker = await scene.joined(ROOM, userOf('ada'));
    await talk(scene, speaker, 'first');
    const seen = positionOf(speaker);
    const long = (n: number) => `${n}`.padEnd(90, '.');
    await talk(scene, speaker, long(1), long(2), long(3));
    const again = await back(scene, seen, ANONYMOUS, true);
    await scene.put(ruleOf(1, 'room/*', { ...OPEN, anonymousClients: false }));
    for (let n = 0; n < 8; n += 1) {
      again.outlet.drain();
      again.session.drained();
    }
    expect(textsOf(again).missed).toEqual([]);
    expect(again.outlet.lost()).toEqual(['room/1 channel.anonymous-not-allowed true']);
  });
});

describe('coming back to a channel that keeps history', () => {
  it('brings what the window no longer has from the store', async () => {
    const scene = await house(100);
    const speaker = await scene.joined(ROOM);
    await talk(scene, speaker, 'a');
    const seen = positionOf(speaker);
    const texts = Array.from({ length: 25 }, (_, n) => `${n}`);
    await talk(scene, speaker, ...texts);
    const again = await back(scene, seen);
    expect(recoveryOf(again)).toBe('complete');
    expect(textsOf(again).missed).toEqual(texts);
  });

  it('loses nothing and doubles nothing over a restart', async () => {
    const store = new MemoryStore();
    const before = await house(100, { store });
    const speaker = await before.joined(ROOM);
    await talk(before, speaker, 'a');
    const seen = positionOf(speaker);
    await talk(before, speaker, 'b', 'c');
    const state = await store.load();
    const after = await Scene.open([], {
      store,
      later: 1_000,
      definition: { replay: REPLAY },
      ...(state.apps[0] ? { stored: state.apps[0] } : {}),
    });
    const early = await back(after, seen);
    expect(recoveryOf(early)).toBe('complete');
    expect(textsOf(early).missed).toEqual(['b', 'c']);
    const other = await after.joined(ROOM);
    await talk(after, other, 'd');
    expect(textsOf(early).live).toEqual(['d']);
    const late = await back(after, seen);
    expect(recoveryOf(late)).toBe('complete');
    expect(textsOf(late)).toEqual({ missed: ['b', 'c', 'd'], live: [] });
  });

  it('is told of a gap where something may have been said to it alone, and is no longer remembered', async () => {
    const scene = await house(100);
    const ada = await scene.joined(ROOM, userOf('ada'));
    const bob = await scene.joined(ROOM, userOf('bob'));
    await talk(scene, ada, 'a');
    const seen = positionOf(bob);
    await ada.session.publish(ROOM, { to: 'user', user: 'bob' }, '"psst"');
    bob.session.close();
    await talk(scene, ada, ...Array.from({ length: 25 }, (_, n) => `${n}`));
    expect(recoveryOf(await back(scene, seen, userOf('bob')))).toBe('gap');
    expect(recoveryOf(await back(scene, seen))).toBe('complete');
  });

  it('is told of a gap where the oldest that it missed is no longer kept', async () => {
    const scene = await house(20);
    const speaker = await scene.joined(ROOM);
    await talk(scene, speaker, 'a');
    const seen = positionOf(speaker);
    await talk(scene, speaker, ...Array.from({ length: 200 }, (_, n) => `${n}`));
    expect(recoveryOf(await back(scene, seen))).toBe('gap');
  });

  it('sends the newest messages instead, where they were asked for and there is a gap', async () => {
    const scene = await house(5);
    const speaker = await scene.joined(ROOM);
    await talk(scene, speaker, 'a', 'b');
    const client = scene.connect();
    await client.session.join(ROOM, { presence: false, history: 1, recover: { epoch: 'x', offset: 0 } });
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    expect(recoveryOf(client)).toBe('gap');
    expect(textsOf(client).missed).toEqual(['b']);
  });
});
