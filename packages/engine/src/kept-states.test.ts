import type { Principal, User } from '@portcullis/policy';
import { describe, expect, it } from 'vitest';
import { OPEN, ruleOf, Scene, userOf } from './testing/scene.fixture.ts';

const REPLAY = { definition: { replay: { messages: 100, age: 1_200_000 } } };
const ADA = { user: 'ada', proven: true };
const STATED_ADA = { user: 'ada', proven: false };
const impostor: Principal = { kind: 'stated', user: 'ada', credentials: [] };
const server: Principal = { kind: 'server', name: 'backend', as: 'ada', credentials: [] };

class Lobby {
  readonly scene: Scene;

  private constructor(scene: Scene) {
    this.scene = scene;
  }

  static async open(): Promise<Lobby> {
    return new Lobby(await Scene.open([ruleOf(1, 'room', OPEN)], REPLAY));
  }

  get stateless() {
    return this.scene.engine.stateless;
  }

  say(principal: Principal, state: object, { most = 100, channel = 'room' } = {}) {
    const keep = { ms: 20_000, most };
    return this.stateless.setState({ app: 'a', principal, channels: [channel], state: { ...state }, keep });
  }

  come(principal: Principal): void {
    this.stateless.heartbeat({ app: 'a', principal, channels: ['room'], usual: 60_000 });
  }

  go(principal: Principal): void {
    this.stateless.depart({ app: 'a', principal, channels: ['room'] });
  }

  of(member = ADA, channel = 'room') {
    return this.stateless.stateOf('a', channel, member);
  }

  get here() {
    return this.stateless.hereNow('a', 'room').occupants;
  }

  revoke({ credentials: [credential] }: User) {
    const token = credential?.id ?? '';
    const revocation = { id: 9, type: 'token', token, reason: '', keepUntil: 4_000_000_000_000 } as const;
    return this.scene.engine.commit('a', [{ type: 'revocation.put', revocation }]);
  }
}

describe('state that is set before its user is there', () => {
  it('is what is read, makes nobody present, and is taken along', async () => {
    const lobby = await Lobby.open();
    const ada = userOf('ada');
    expect(lobby.say(ada, { mood: 'good' })).toEqual({ ok: true });
    expect(lobby.of()).toEqual({ mood: 'good' });
    expect(lobby.here).toEqual([]);
    lobby.come(userOf('ada'));
    expect(lobby.here).toEqual([{ user: 'ada', state: { mood: 'good' } }]);
  });

  it('is over when its user leaves, there or not', async () => {
    const lobby = await Lobby.open();
    const ada = userOf('ada');
    lobby.say(ada, { mood: 'good' });
    lobby.go(ada);
    expect(lobby.of()).toBeNull();
    lobby.say(ada, { mood: 'good' });
    lobby.come(ada);
    lobby.go(ada);
    expect(lobby.of()).toBeNull();
    lobby.come(ada);
    expect(lobby.here).toEqual([{ user: 'ada', state: null }]);
  });

  it('is kept for its time, and then forgotten', async () => {
    const lobby = await Lobby.open();
    lobby.say(userOf('ada'), { mood: 'good' });
    lobby.scene.clock.advance(19_999);
    expect(lobby.of()).toEqual({ mood: 'good' });
    lobby.scene.clock.advance(1);
    expect(lobby.of()).toBeNull();
    lobby.scene.clock.advance(1_000);
    expect(lobby.scene.clock.alarms).toBe(0);
  });

  it('is forgotten oldest first where there is too much', async () => {
    const lobby = await Lobby.open();
    await lobby.scene.put(ruleOf(2, 'r/*', OPEN));
    const ada = userOf('ada');
    for (const n of [1, 2, 1, 3]) lobby.say(ada, { n }, { most: 2, channel: `r/${n}` });
    expect([1, 2, 3].map((n) => lobby.of(ADA, `r/${n}`))).toEqual([{ n: 1 }, null, { n: 3 }]);
    lobby.say(ada, { n: 4 }, { most: 0, channel: 'r/4' });
    expect([1, 3, 4].map((n) => lobby.of(ADA, `r/${n}`))).toEqual([null, null, null]);
  });

  it('gives way to what its user says when it comes', async () => {
    const lobby = await Lobby.open();
    const ada = userOf('ada');
    lobby.say(ada, { mood: 'before' });
    const state = new Map([['room', { mood: 'now' }]]);
    lobby.stateless.heartbeat({ app: 'a', principal: ada, channels: ['room'], usual: 60_000, state });
    expect(lobby.of()).toEqual({ mood: 'now' });
  });

  it('of the anonymous is nobody’s', async () => {
    const lobby = await Lobby.open();
    expect(lobby.say({ kind: 'anonymous', credentials: [] }, { a: 1 })).toEqual({ ok: true });
    expect(lobby.of({ user: '', proven: false })).toBeNull();
    expect(lobby.scene.clock.alarms).toBe(0);
  });
});

describe('state that is kept', () => {
  it('of one who only states the id is never that of the proven user, nor shown where that user is', async () => {
    const lobby = await Lobby.open();
    lobby.say(impostor, { mood: 'forged' });
    expect(lobby.of(ADA)).toBeNull();
    expect(lobby.of(STATED_ADA)).toEqual({ mood: 'forged' });
    const ada = userOf('ada');
    lobby.come(ada);
    expect(lobby.of(STATED_ADA)).toBeNull();
    expect(lobby.here).toEqual([{ user: 'ada', state: null }]);
    lobby.go(ada);
    lobby.say(ada, { mood: 'hers' });
    lobby.come(impostor);
    lobby.go(impostor);
    expect(lobby.of(ADA)).toEqual({ mood: 'hers' });
  });

  it('is of no account once the token that said it is revoked, whatever else its user shows', async () => {
    const lobby = await Lobby.open();
    const stolen = userOf('ada');
    lobby.say(stolen, { mood: 'forged' });
    await lobby.revoke(stolen);
    expect(lobby.of()).toBeNull();
    lobby.come(userOf('ada'));
    expect(lobby.here).toEqual([{ user: 'ada', state: null }]);
  });

  it('is of no account from the instant at which the token that said it ends', async () => {
    const lobby = await Lobby.open();
    lobby.say(userOf('ada', { expiresAt: lobby.scene.clock.now() + 5_000 }), { mood: 'good' });
    lobby.scene.clock.advance(4_999);
    expect(lobby.of()).toEqual({ mood: 'good' });
    lobby.scene.clock.advance(1);
    expect(lobby.of()).toBeNull();
    lobby.come(userOf('ada'));
    expect(lobby.here).toEqual([{ user: 'ada', state: null }]);
  });

  it('is decided as any state: refused where that is, and gone where it would be', async () => {
    const lobby = await Lobby.open();
    const ada = userOf('ada');
    expect(lobby.say(ada, { a: 1 }, { channel: 'elsewhere' })).toMatchObject({ ok: false, names: ['elsewhere'] });
    expect(lobby.of(ADA, 'elsewhere')).toBeNull();
    lobby.say(ada, { a: 1 });
    await lobby.scene.put(ruleOf(1, 'room', { ...OPEN, presence: false }));
    expect(lobby.of()).toBeNull();
    const ban = { id: 9, user: 'ada', reason: '', hold: false } as const;
    await lobby.scene.put(ruleOf(1, 'room', OPEN));
    expect(lobby.of()).toEqual({ a: 1 });
    await lobby.scene.engine.commit('a', [{ type: 'ban.put', ban }]);
    expect(lobby.of()).toBeNull();
  });
});

describe('state that a server sets for a user who is not there', () => {
  it('is taken along by whoever comes by that id, and used up by nobody who only states it', async () => {
    const lobby = await Lobby.open();
    lobby.say(server, { by: 'server' });
    expect(lobby.of(STATED_ADA)).toEqual({ by: 'server' });
    lobby.come(impostor);
    expect(lobby.here).toEqual([{ user: 'ada', state: { by: 'server' } }]);
    lobby.go(impostor);
    lobby.come(userOf('ada'));
    expect(lobby.here).toEqual([{ user: 'ada', state: { by: 'server' } }]);
    lobby.go(userOf('ada'));
    expect(lobby.of(STATED_ADA)).toBeNull();
  });

  it('takes the place of what the user said, and gives way to what it says then', async () => {
    const lobby = await Lobby.open();
    const ada = userOf('ada');
    lobby.say(ada, { by: 'ada' });
    lobby.say(server, { by: 'server' });
    expect(lobby.of()).toEqual({ by: 'server' });
    lobby.say(ada, { by: 'ada' });
    expect(lobby.of()).toEqual({ by: 'ada' });
  });
});

it('a roster that is sent after a state was set shows it', async () => {
  const lobby = await Lobby.open();
  const { scene } = lobby;
  const ada = userOf('ada');
  lobby.come(ada);
  const reader = await scene.joined('room', undefined, true);
  const rosterAnew = async () => {
    reader.outlet.clear();
    await scene.put(ruleOf(1, 'room', { ...OPEN, presence: false }));
    await scene.put(ruleOf(1, 'room', OPEN));
    scene.clock.advance(2_000);
    return reader.outlet.got.flatMap((item) => (item.type === 'roster' ? item.members : []));
  };
  expect(await rosterAnew()).toHaveLength(2);
  lobby.say(ada, { mood: 'new' });
  expect((await rosterAnew()).flatMap(({ state }) => state ?? [])).toEqual([{ mood: 'new' }]);
});
