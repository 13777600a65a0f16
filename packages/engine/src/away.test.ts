import { ANONYMOUS, type Ban, type Principal, type Revocation } from '@portcullis/policy';
import { describe, expect, it } from 'vitest';
import type { AppDefinition } from './engine-api.ts';
import type { Events } from './ports/events.ts';
import type { Change } from './ports/store.ts';
import type { SessionApi } from './session-api.ts';
import { type Client, LIMITS, OPEN, ruleOf, Scene, say, userOf } from './testing/scene.fixture.ts';
import { TEST_CODEC, TestOutlet } from './testing/wire.fixture.ts';

const ROOM = 'room';
const GRACE = 5_000;
const RULE = ruleOf(1_000_000, ROOM, OPEN);

interface Stage {
  readonly scene: Scene;
  readonly watcher: Client;
  /** Of presence, as listeners of the app were told. */
  readonly told: string[];
}

/** A room with somebody in it who sees who comes and goes. */
async function house(more: Partial<AppDefinition> = {}): Promise<Stage> {
  const told: string[] = [];
  const events: Events = {
    of: () => ({
      hears: (type) => /^(presence|channel\.(in)?active)/.test(type),
      note: () => [],
      tell: ({ type }) => {
        told.push(type);
        return undefined;
      },
    }),
  };
  const definition = { presenceGrace: GRACE, replay: { messages: 100, age: 60_000 }, ...more };
  const scene = await Scene.open([RULE], { definition, events });
  const watcher = await scene.joined(ROOM, userOf('watcher'), true);
  told.length = 0;
  return { scene, watcher, told };
}

/** Connects as a door does that can tell its client what to come back with. */
function arrive(scene: Scene, principal: Principal, resume?: string | null): Client {
  const outlet = new TestOutlet();
  const opened = scene.engine.connect({
    ...{ app: 'a', principal, outlet, codec: TEST_CODEC, door: 'test', address: '127.0.0.1', mayReturn: true },
    ...(resume ? { resume } : {}),
  });
  if ('ok' in opened) throw new Error(`refused: ${opened.code}`);
  return { session: opened, outlet };
}

const enter = ({ session }: { readonly session: SessionApi }, channel = ROOM, more = {}) =>
  session.join(channel, { presence: false, history: false, ...more });

/** Is in the room, and loses its connection; the watcher has seen it come. */
async function gone({ scene, watcher, told }: Stage, principal: Principal): Promise<Client> {
  const client = arrive(scene, principal);
  await enter(client);
  client.session.close(false);
  scene.clock.turn();
  watcher.outlet.clear();
  told.length = 0;
  return client;
}

const idsIn = (scene: Scene, channel = ROOM) => scene.engine.roster('a', channel).map(({ session }) => session);
const hereIn = (scene: Scene) => scene.engine.channels('a').find(({ channel }) => channel === ROOM)?.occupancy;

describe('whoever comes back within the grace', () => {
  it.each([
    ['a proven user', () => userOf('ada')],
    ['a stated user', () => ({ kind: 'stated', user: 'ada', credentials: [] }) as const],
    ['somebody without a name', () => ANONYMOUS],
  ])('did not leave, and has its name still: %s', async (_, who) => {
    const stage = await house();
    const { scene, watcher, told } = stage;
    const before = await gone(stage, who());
    const during = idsIn(scene);
    expect(during).toContain(before.session.id);
    expect(hereIn(scene)).toBe(2);

    scene.clock.advance(GRACE - 1);
    const after = arrive(scene, who(), before.session.resume);
    await enter(after);
    scene.clock.advance(GRACE * 3);
    expect(after.session.id).toBe(before.session.id);
    expect([idsIn(scene), hereIn(scene)]).toEqual([during, 2]);
    expect([watcher.outlet.kinds(), told]).toEqual([[], []]);

    await say(watcher, ROOM, 'hello');
    scene.clock.turn();
    expect(after.outlet.texts()).toEqual(['hello']);
    expect(before.outlet.texts()).toEqual([]);
    after.session.close();
    scene.clock.turn();
    expect([watcher.outlet.kinds().at(-1), told]).toEqual(['presence leave', ['presence.left']]);
  });

  it('may be gone again, and again', async () => {
    const stage = await house();
    const { scene, watcher, told } = stage;
    const ada = userOf('ada');
    let last = await gone(stage, ada);
    for (let round = 0; round < 5; round += 1) {
      scene.clock.advance(GRACE - 1);
      last = arrive(scene, ada, last.session.resume);
      await enter(last);
      last.session.close(false);
    }
    scene.clock.turn();
    expect([watcher.outlet.kinds(), told, hereIn(scene)]).toEqual([[], [], 2]);
    scene.clock.advance(GRACE);
    expect([watcher.outlet.kinds(), told, hereIn(scene)]).toEqual([['presence leave'], ['presence.left'], 1]);
  });

  it('takes the place of a connection whose end was not noticed yet', async () => {
    const stage = await house();
    const { scene, watcher } = stage;
    const ada = userOf('ada');
    const before = arrive(scene, ada);
    await enter(before);
    scene.clock.turn();
    watcher.outlet.clear();
    const after = arrive(scene, ada, before.session.resume);
    expect([before.session.ended, before.outlet.kinds().at(-1)]).toEqual([true, 'end session.closed']);
    await enter(after);
    before.session.close(false);
    await say(after, ROOM, 'still here');
    scene.clock.advance(GRACE * 2);
    expect([watcher.outlet.kinds(), hereIn(scene)]).toEqual([['message'], 2]);
  });

  it('gets what it missed, and nothing through the places that are kept for it', async () => {
    const stage = await house();
    const { scene, watcher } = stage;
    const ada = userOf('ada');
    const before = arrive(scene, ada);
    await enter(before);
    scene.clock.turn();
    const joined = before.outlet.got.find((item) => item.type === 'joined');
    const recover = joined?.type === 'joined' ? joined.position : null;
    before.session.close(false);
    await say(watcher, ROOM, 'missed');
    const after = arrive(scene, ada, before.session.resume);
    await say(watcher, ROOM, 'before it joined');
    scene.clock.turn();
    expect(after.outlet.kinds()).toEqual([]);
    await enter(after, ROOM, { recover });
    scene.clock.turn();
    expect(after.outlet.got).toMatchObject([
      { type: 'joined', recovery: 'complete' },
      { type: 'history', items: [{ data: '"missed"' }, { data: '"before it joined"' }] },
    ]);
  });

  it('leaves the channels it does not come back to', async () => {
    const stage = await house();
    const { scene, watcher, told } = stage;
    const ada = userOf('ada');
    const before = await gone(stage, ada);
    const after = arrive(scene, ada, before.session.resume);
    scene.clock.advance(GRACE);
    expect([watcher.outlet.kinds(), told, idsIn(scene)]).toEqual([
      ['presence leave'],
      ['presence.left'],
      [watcher.session.id],
    ]);
    expect(after.session.ended).toBe(false);
    scene.clock.advance(LIMITS.joinTimeout);
    expect(after.outlet.kinds()).toEqual(['end limit.joinTimeout']);
  });

  it('can leave before it has joined again', async () => {
    const stage = await house();
    const { scene, watcher } = stage;
    const ada = userOf('ada');
    const before = await gone(stage, ada);
    arrive(scene, ada, before.session.resume).session.leave(ROOM);
    scene.clock.turn();
    expect([watcher.outlet.kinds(), hereIn(scene)]).toEqual([['presence leave'], 1]);
  });

  it('has to join again before it may do anything there', async () => {
    const stage = await house();
    const { scene, watcher } = stage;
    const ada = userOf('ada');
    const before = await gone(stage, ada);
    const { session, outlet } = arrive(scene, ada, before.session.resume);
    const refused = { ok: false, code: 'channel.not-joined' };
    expect([
      await session.publish(ROOM, { to: 'everyone' }, '1'),
      await session.roster(ROOM),
      session.setState(ROOM, { mood: 'good' }),
    ]).toMatchObject([refused, refused, refused]);
    scene.clock.turn();
    expect([outlet.kinds(), watcher.outlet.kinds(), hereIn(scene)]).toEqual([[], [], 2]);
  });

  it('is told nothing of places that end before it has taken them again', async () => {
    const stage = await house();
    const { scene } = stage;
    const ada = userOf('ada', { expiresAt: scene.clock.now() + 1_000 });
    const before = await gone(stage, ada);
    const after = arrive(scene, ada, before.session.resume);
    await scene.engine.unsubscribe('a', 'ada', ROOM, 0, '');
    scene.clock.turn();
    expect([after.outlet.kinds(), hereIn(scene)]).toEqual([[], 1]);
  });

  it('tells what it says of itself now, if that is something else', async () => {
    const stage = await house();
    const { scene, watcher } = stage;
    const ada = userOf('ada');
    const first = arrive(scene, ada);
    await enter(first, ROOM, { state: { mood: 'good' } });
    scene.clock.turn();
    watcher.outlet.clear();
    first.session.close(false);
    const second = arrive(scene, ada, first.session.resume);
    await enter(second, ROOM, { state: { mood: 'good' } });
    second.session.close(false);
    scene.clock.turn();
    expect(watcher.outlet.kinds()).toEqual([]);
    await enter(arrive(scene, ada, second.session.resume), ROOM, { state: { mood: 'bad' } });
    scene.clock.turn();
    expect(watcher.outlet.kinds()).toEqual(['presence state-change']);
    expect(scene.engine.roster('a', ROOM).at(-1)?.state).toEqual({ mood: 'bad' });
  });

  it('counts once where channels are counted', async () => {
    const stage = await house({ limits: { ...LIMITS, channelsPerConnection: 1 } });
    const ada = userOf('ada');
    const before = await gone(stage, ada);
    const after = arrive(stage.scene, ada, before.session.resume);
    expect([await enter(after), await enter(after, 'room/2')]).toMatchObject([
      { ok: true },
      { ok: false, code: 'channel.no-rule' },
    ]);
  });
});

describe('whoever is taken for somebody else', () => {
  it.each([
    ['another user', userOf('bob'), (resume: string) => resume],
    ['the user without a proof', { kind: 'stated', user: 'ada', credentials: [] } as const, (resume: string) => resume],
    ['one that knows the name alone', userOf('ada'), (resume: string) => `${resume.split('.')[0]}.guess`],
    ['one that knows nothing', userOf('ada'), () => 'x'],
  ] as const)('is not: %s', async (_, who, shown) => {
    const stage = await house();
    const before = await gone(stage, userOf('ada'));
    const other = arrive(stage.scene, who, shown(before.session.resume ?? ''));
    expect(other.session.id).not.toBe(before.session.id);
    await enter(other);
    stage.scene.clock.advance(GRACE);
    expect(idsIn(stage.scene)).toEqual([stage.watcher.session.id, other.session.id]);
  });
});

describe('whoever is not expected back has left at once', () => {
  it.each([
    ['its client said so', (client: Client) => client.session.close(true), GRACE],
    ['there is no grace', (client: Client) => client.session.close(false), 0],
  ] as const)('%s', async (_, leave, presenceGrace) => {
    const { scene, watcher } = await house({ presenceGrace });
    const ada = arrive(scene, userOf('ada'));
    await enter(ada);
    scene.clock.turn();
    watcher.outlet.clear();
    leave(ada);
    scene.clock.turn();
    expect([watcher.outlet.kinds(), hereIn(scene)]).toEqual([['presence leave'], 1]);
  });

  it('its door cannot know it again', async () => {
    const { scene, watcher } = await house();
    const ada = await scene.joined(ROOM, userOf('ada'));
    expect(ada.session.resume).toBeNull();
    ada.session.close(false);
    scene.clock.turn();
    expect(watcher.outlet.kinds()).toEqual(['presence join', 'presence leave']);
  });
});

describe('a place that is kept is decided like any other', () => {
  const ban = (more: Partial<Ban> = {}): Change => ({
    type: 'ban.put',
    ban: { id: 1_000_100, user: 'ada', hold: false, reason: '', ...more },
  });
  const revocation: Revocation = {
    ...{ id: 1_000_101, reason: '', issuedBefore: 2_000_000_000, keepUntil: 4_000_000_000_000 },
    type: 'user',
    user: 'ada',
  };

  it.each<[string, (stage: Stage, id: string) => unknown]>([
    ['a ban', ({ scene }) => scene.engine.commit('a', [ban()])],
    ['a ban of the channel', ({ scene }) => scene.engine.commit('a', [ban({ channel: ROOM })])],
    ['a revocation', ({ scene }) => scene.engine.commit('a', [{ type: 'revocation.put', revocation }])],
    ['a kick', ({ scene }, id) => scene.engine.kick('a', id, 0, '')],
    ['an unsubscribe', ({ scene }) => scene.engine.unsubscribe('a', 'ada', ROOM, 0, '')],
    ['the end of its proof', ({ scene }) => scene.clock.advance(1_000)],
    ['a rule that admits it no more', ({ scene }) => scene.put({ ...RULE, anonymousClients: false })],
  ])('%s ends it at once', async (what, change) => {
    const stage = await house();
    const { scene, watcher, told } = stage;
    const proven = userOf('ada', { expiresAt: scene.clock.now() + 1_000 });
    const who = what.startsWith('a rule') ? ANONYMOUS : proven;
    const before = await gone(stage, who);
    expect(hereIn(scene)).toBe(2);
    await change(stage, before.session.id);
    scene.clock.turn();
    expect(idsIn(scene)).toEqual([watcher.session.id]);
    expect([watcher.outlet.kinds(), told]).toEqual([['presence leave'], ['presence.left']]);
    scene.clock.advance(GRACE * 2);
    expect(told).toEqual(['presence.left']);
  });

  it('and what it has lost does not come back with its client', async () => {
    const stage = await house();
    const { scene, watcher } = stage;
    const before = await gone(stage, userOf('ada'));
    await scene.engine.commit('a', [ban({ channel: ROOM })]);
    await scene.engine.commit('a', [{ type: 'ban.delete', id: 1_000_100 }]);
    const after = arrive(scene, userOf('ada'), before.session.resume);
    scene.clock.turn();
    expect([after.outlet.kinds(), idsIn(scene)]).toEqual([[], [watcher.session.id]]);
  });

  it('a kick reaches whoever came back while its hold was written', async () => {
    const stage = await house();
    const { scene } = stage;
    const ada = userOf('ada');
    const before = await gone(stage, ada);
    const kicked = scene.engine.kick('a', before.session.id, 0, '');
    const after = arrive(scene, ada, before.session.resume);
    expect(await kicked).toMatchObject({ sessions: 1 });
    expect(after.outlet.kinds()).toEqual(['end session.kicked']);
  });

  it('nobody can tell it anything in private, and its app ends with it', async () => {
    const stage = await house();
    const { scene, watcher } = stage;
    await scene.put({ ...RULE, privateMessaging: { enabled: true, authenticatedOnly: false } });
    const before = await gone(stage, userOf('ada'));
    const sent = await watcher.session.publish(ROOM, { to: 'session', session: before.session.id }, '"psst"');
    expect(sent.ok).toBe(false);
    await scene.engine.remove('a');
    expect(scene.engine.has('a')).toBe(false);
  });
});

it('readers that are too slow are expected back', async () => {
  const { scene, watcher } = await house({ limits: { ...LIMITS, inSocket: 16, sendBuffer: 64 } });
  const ada = arrive(scene, userOf('ada'));
  await enter(ada);
  scene.clock.turn();
  watcher.outlet.clear();
  ada.outlet.stalled = true;
  for (let turn = 0; turn < 8; turn += 1) {
    await say(watcher, ROOM, 'x'.repeat(30));
    scene.clock.turn();
  }
  expect(ada.outlet.kinds().at(-1)).toBe('end limit.sendBuffer');
  expect([watcher.outlet.kinds().filter((kind) => kind !== 'message'), hereIn(scene)]).toEqual([[], 2]);
});
