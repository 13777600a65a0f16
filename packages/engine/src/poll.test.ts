import { ANONYMOUS } from '@portcullis/policy';
import { describe, expect, it } from 'vitest';
import { MemoryStore } from './memory/memory-store.ts';
import type { Timetoken } from './publication.ts';
import type { Poll, PollAnswer, PollName } from './stateless-api.ts';
import { OPEN, ruleOf, Scene, userOf } from './testing/scene.fixture.ts';

const REPLAY = { definition: { replay: { messages: 100, age: 1_200_000 } } };
const KEEP = { ms: 20_000, most: 100 };
const channel = (name: string, presence = false): PollName => ({ of: 'channel', name, presence });

function poll(
  scene: Scene,
  names: readonly PollName[],
  cursor: Timetoken | null,
  more: object = {},
): Poll & { answer: PollAnswer | null } {
  const opened = scene.engine.stateless.poll({ app: 'a', principal: ANONYMOUS, names, cursor, limit: 100, ...more });
  const watched = {
    onAnswer: opened.onAnswer.bind(opened),
    cancel: opened.cancel.bind(opened),
    answer: null as PollAnswer | null,
  };
  opened.onAnswer((answer) => {
    watched.answer = answer;
  });
  return watched;
}

function texts(answer: PollAnswer | null): string[] {
  return answer?.ok
    ? answer.items.map(({ publication }) => publication.presence?.action ?? String(JSON.parse(publication.data)))
    : [];
}

async function publish(scene: Scene, name: string, text: string, more: object = {}) {
  const call = {
    app: 'a',
    principal: ANONYMOUS,
    channel: name,
    target: { to: 'everyone' },
    kind: 'message',
    store: true,
  } as const;
  const outcome = await scene.engine.stateless.publishAs({ ...call, data: JSON.stringify(text), ...more });
  if (!outcome.ok) throw new Error(outcome.code);
  return outcome.timetoken;
}

describe('a poll', () => {
  it('hangs until something arrives, and is answered with all that one turn brought, in order', async () => {
    const scene = await Scene.open([ruleOf(1, '*', OPEN)], REPLAY);
    const hanging = poll(scene, [channel('a'), channel('b')], null);
    await publish(scene, 'a', '1');
    await publish(scene, 'elsewhere', 'x');
    await publish(scene, 'b', '2');
    await publish(scene, 'a', '3');
    expect(hanging.answer).toBeNull();
    scene.clock.turn();
    expect(texts(hanging.answer)).toEqual(['1', '2', '3']);
  });

  it('goes on from its cursor: nothing twice, nothing missed, also across a limit', async () => {
    const scene = await Scene.open([ruleOf(1, '*', OPEN)], REPLAY);
    let cursor: Timetoken = poll(scene, [channel('a')], null).cancel();
    for (let i = 0; i < 7; i += 1) await publish(scene, 'a', String(i));
    const seen: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      const next = poll(scene, [channel('a')], cursor, { limit: 3 });
      seen.push(...texts(next.answer));
      if (next.answer?.ok) cursor = next.answer.cursor;
    }
    expect(seen).toEqual(['0', '1', '2', '3', '4', '5', '6']);
  });

  it('catches up with nothing that was deleted', async () => {
    const scene = await Scene.open([ruleOf(1, '*', OPEN)], REPLAY);
    const cursor: Timetoken = poll(scene, [channel('a')], null).cancel();
    const said: Timetoken[] = [];
    for (let i = 0; i < 3; i += 1) said.push(await publish(scene, 'a', String(i)));
    scene.engine.stateless.forget('a', 'a', said.slice(1, 2));
    expect(texts(poll(scene, [channel('a')], cursor).answer)).toEqual(['0', '2']);
  });

  it('with a publish’s own timetoken for a cursor may repeat, and never skips', async () => {
    const scene = await Scene.open([ruleOf(1, '*', OPEN)], REPLAY);
    const first = await publish(scene, 'a', '1');
    await publish(scene, 'b', '2');
    const again = poll(scene, [channel('a'), channel('b')], first);
    expect(texts(again.answer)).toContain('2');
  });

  it('from the future stands at the head', async () => {
    const scene = await Scene.open([ruleOf(1, '*', OPEN)], REPLAY);
    const ahead = poll(scene, [channel('a')], 99_999_999_999_999_999n);
    await publish(scene, 'a', '1');
    scene.clock.turn();
    expect(texts(ahead.answer)).toEqual(['1']);
  });

  it('is refused as a whole with every failing name', async () => {
    const scene = await Scene.open([ruleOf(1, 'a', OPEN)], REPLAY);
    const { answer } = poll(scene, [channel('a'), channel('b'), channel('c')], null);
    expect(answer).toMatchObject({ ok: false, names: [channel('b'), channel('c')] });
  });

  it('that hangs is cut at once when its rule goes, its token is revoked or expires', async () => {
    const scene = await Scene.open([ruleOf(1, 'a', OPEN)], REPLAY);
    const principal = userOf('ada', { expiresAt: scene.clock.now() + 5_000 });
    const [byRule, byTime] = [poll(scene, [channel('a')], null), poll(scene, [channel('a')], null, { principal })];
    scene.clock.advance(5_000);
    expect(byTime.answer).toMatchObject({ ok: false, denied: { code: 'identity.expired' } });
    expect(byRule.answer).toBeNull();
    await scene.put(ruleOf(1, 'a', { ...OPEN, anonymousClients: false }));
    expect(byRule.answer).toMatchObject({ ok: false, denied: { code: 'channel.anonymous-not-allowed' } });
    const other = userOf('bo');
    const revoked = poll(scene, [channel('a')], null, { principal: other });
    const revocation = {
      id: 1,
      reason: '',
      keepUntil: Number.MAX_SAFE_INTEGER,
      type: 'token',
      token: other.credentials[0]?.id ?? '',
    } as const;
    await scene.engine.commit('a', [{ type: 'revocation.put', revocation }]);
    expect(revoked.answer).toMatchObject({ ok: false, denied: { code: 'identity.revoked' } });
  });

  it('brings nothing published before a cut took hold to those it cut', async () => {
    const scene = await Scene.open([ruleOf(1, 'a', OPEN)], REPLAY);
    const hanging = poll(scene, [channel('a')], null);
    await publish(scene, 'a', 'too late');
    await scene.put(ruleOf(1, 'a', { ...OPEN, enabled: false }));
    scene.clock.turn();
    expect(hanging.answer).toMatchObject({ ok: false });
  });

  it('is neither released nor moved by what it may not see or does not want', async () => {
    const scene = await Scene.open([ruleOf(1, 'a', { ...OPEN, authenticatedMessaging: true })], REPLAY);
    const guest = poll(scene, [channel('a')], null, { wants: ({ data }: { data: string }) => data !== '"dull"' });
    await publish(scene, 'a', 'secret', { principal: userOf('ada'), target: { to: 'authenticated' } });
    await publish(scene, 'a', 'dull');
    scene.clock.turn();
    expect(guest.answer).toBeNull();
    await publish(scene, 'a', 'open');
    scene.clock.turn();
    expect(texts(guest.answer)).toEqual(['open']);
  });

  it('on a wildcard and on a group gets one item per match, denied channels left out, and follows the group', async () => {
    const scene = await Scene.open([ruleOf(1, 'room.*', OPEN), ruleOf(2, 'members', { presence: true })], REPLAY);
    await scene.engine.commit('a', [{ type: 'group.put', group: 'g', channels: ['room.1', 'members'] }]);
    const names: PollName[] = [
      channel('room.1'),
      { of: 'wildcard', name: 'room.*', presence: false },
      { of: 'group', name: 'g', presence: false },
    ];
    const all = poll(scene, names, null);
    await publish(scene, 'room.1', 'hi');
    scene.clock.turn();
    expect(all.answer?.ok && all.answer.items.map(({ by }) => by.of)).toEqual(['channel', 'wildcard', 'group']);
    const grouped = poll(scene, [{ of: 'group', name: 'g', presence: false }], null);
    await scene.engine.commit('a', [{ type: 'group.put', group: 'g', channels: ['room.2'] }]);
    await publish(scene, 'room.1', 'gone');
    await publish(scene, 'room.2', 'new');
    scene.clock.turn();
    expect(texts(grouped.answer)).toEqual(['new']);
  });
});

describe('a cursor from before this process', () => {
  it('goes on from what the channels kept: nothing twice, nothing missed, page by page, and then live', async () => {
    const store = new MemoryStore();
    const rule = ruleOf(1, 'room', { ...OPEN, history: 100 });
    const first = await Scene.open([rule], { ...REPLAY, store });
    const start = poll(first, [channel('room')], null).cancel();
    for (let i = 0; i < 5; i += 1) await publish(first, 'room', String(i));
    const stored = (await store.load()).apps.find(({ app }) => app === 'a');
    const second = await Scene.open([], { store, ...REPLAY, ...(stored ? { stored } : {}), later: 60_000 });
    const seen: string[] = [];
    let cursor = start;
    for (let round = 0; round < 3; round += 1) {
      const next = poll(second, [channel('room')], cursor, { limit: 2 });
      for (let i = 0; i < 5; i += 1) await Promise.resolve();
      seen.push(...texts(next.answer));
      if (next.answer?.ok) cursor = next.answer.cursor;
    }
    expect(seen).toEqual(['0', '1', '2', '3', '4']);
    const live = poll(second, [channel('room')], cursor);
    await publish(second, 'room', 'live');
    second.clock.turn();
    expect(texts(live.answer)).toEqual(['live']);
  });
});

describe('presence without a connection', () => {
  const ada = userOf('ada');

  it('is told once, is seen by both kinds of readers, and ends by leaving or by silence', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)], REPLAY);
    const xano = await scene.joined('room', undefined, true);
    const { stateless } = scene.engine;
    const watching = poll(scene, [channel('room', true)], null);
    const call = { app: 'a', principal: ada, channels: ['room'] };
    for (let i = 0; i < 3; i += 1)
      stateless.heartbeat({ ...call, usual: 20_000, state: new Map([['room', { mood: 'good' }]]) });
    scene.clock.turn();
    expect(texts(watching.answer)).toEqual(['join']);
    expect(xano.outlet.kinds()).toEqual(['presence join']);
    expect(stateless.hereNow('a', 'room')).toMatchObject({
      occupancy: 2,
      occupants: [{ user: expect.stringMatching(/^anon-/) }, { user: 'ada', state: { mood: 'good' } }],
    });
    expect(stateless.whereNow('a', ANONYMOUS, { user: 'ada', proven: true })).toEqual(['room']);
    scene.clock.advance(19_000);
    stateless.heartbeat({ ...call, usual: 20_000 });
    expect(stateless.stateOf('a', 'room', { user: 'ada', proven: true })).toEqual({ mood: 'good' });
    scene.clock.advance(21_000);
    expect(xano.outlet.kinds()).toEqual(['presence join', 'presence timeout']);
    stateless.heartbeat({ ...call, usual: 20_000 });
    stateless.depart(call);
    expect(stateless.hereNow('a', 'room').occupancy).toBe(1);
  });

  it('of one who only states the id is apart from the proven user, and ends nothing of theirs', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)], REPLAY);
    const { stateless } = scene.engine;
    const impostor = { kind: 'stated', user: 'ada', credentials: [] } as const;
    stateless.heartbeat({ app: 'a', principal: ada, channels: ['room'], usual: 20_000 });
    stateless.heartbeat({ app: 'a', principal: impostor, channels: ['room'], usual: 20_000 });
    // Where users are listed by their ids, the proven one is the one of that id.
    expect(stateless.hereNow('a', 'room')).toMatchObject({ occupancy: 1, occupants: [{ user: 'ada', state: null }] });
    const watching = poll(scene, [channel('room', true)], stateless.timetoken('a'));
    stateless.setState({ app: 'a', principal: impostor, channels: ['room'], state: { mood: 'forged' }, keep: KEEP });
    stateless.depart({ app: 'a', principal: impostor, channels: ['room'] });
    scene.clock.turn();
    const changes = watching.answer?.ok ? watching.answer.items.map(({ publication }) => publication.presence) : [];
    expect(changes.map((change) => [change?.action, change?.occupancy, change?.occupantChanged])).toEqual([
      ['state-change', 1, false],
      ['leave', 1, false],
    ]);
    expect(stateless.whereNow('a', ANONYMOUS, { user: 'ada', proven: true })).toEqual(['room']);
  });

  it('ends when the user is banned, by whatever tokens, and a renewed token is no coming or going', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)], REPLAY);
    const xano = await scene.joined('room', undefined, true);
    const { stateless } = scene.engine;
    stateless.heartbeat({ app: 'a', principal: userOf('bo'), channels: ['room'], usual: 20_000 });
    const watching = poll(scene, [channel('room', true)], stateless.timetoken('a'));
    stateless.heartbeat({ app: 'a', principal: userOf('bo'), channels: ['room'], usual: 20_000 });
    scene.clock.turn();
    const changes = watching.answer?.ok
      ? watching.answer.items.filter(({ publication }) => publication.presence?.occupantChanged)
      : [];
    expect(changes).toEqual([]);
    await scene.engine.commit('a', [{ type: 'ban.put', ban: { id: 9, user: 'bo', reason: '', hold: false } }]);
    expect(stateless.hereNow('a', 'room').occupancy).toBe(1);
    scene.clock.turn();
    expect(xano.outlet.kinds().at(-1)).toBe('presence leave');
  });
});
