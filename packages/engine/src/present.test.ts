import { ANONYMOUS, type Principal, type User } from '@portcullis/policy';
import { describe, expect, it } from 'vitest';
import type { Events, Happening } from './ports/events.ts';
import type { PresenceChange, Timetoken } from './publication.ts';
import { type Client, OPEN, ruleOf, Scene, userOf } from './testing/scene.fixture.ts';

const REPLAY = { definition: { replay: { messages: 100, age: 1_200_000 } } };
const KEEP = { ms: 20_000, most: 100 };
const BO = { user: 'bo', proven: true };

/** One app without a connection, and those who look on: a client of another door, and a reader who lists users. */
class Room {
  readonly scene: Scene;
  readonly onlooker: Client;
  #since: Timetoken;

  private constructor(scene: Scene, onlooker: Client) {
    this.scene = scene;
    this.onlooker = onlooker;
    this.#since = scene.engine.stateless.timetoken('a');
  }

  static async open(events?: Events): Promise<Room> {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN), ruleOf(2, 'side', OPEN)], {
      ...REPLAY,
      ...(events && { events }),
    });
    return new Room(scene, await scene.joined('room', undefined, true));
  }

  get stateless() {
    return this.scene.engine.stateless;
  }

  beat(principal: Principal, more: object = {}, ...channels: string[]) {
    const at = channels.length === 0 ? ['room'] : channels;
    return this.stateless.heartbeat({ app: 'a', principal, channels: at, usual: 20_000, ...more });
  }

  leave(principal: Principal): void {
    this.stateless.depart({ app: 'a', principal, channels: ['room'] });
  }

  say(principal: Principal, state: object): void {
    this.stateless.setState({ app: 'a', principal, channels: ['room'], state: { ...state }, keep: KEEP });
  }

  /** Changes as rosters by session have them, since the last look. */
  bySession(): string[] {
    this.scene.clock.turn();
    const kinds = this.onlooker.outlet.kinds();
    this.onlooker.outlet.clear();
    return kinds;
  }

  /** Changes as lists of users have them, since the last look. */
  byUser(): PresenceChange[] {
    this.scene.clock.turn();
    const name = { of: 'channel', name: 'room', presence: true } as const;
    const request = { app: 'a', principal: ANONYMOUS, names: [name], limit: 100 };
    const poll = this.stateless.poll({ ...request, cursor: this.#since });
    let changes: PresenceChange[] = [];
    poll.onAnswer((answer) => {
      if (!answer.ok) throw new Error(answer.denied.code);
      this.#since = answer.cursor;
      changes = answer.items.flatMap(({ publication: { presence } }) => presence ?? []);
    });
    poll.cancel();
    return changes.filter(({ occupantChanged }) => occupantChanged);
  }

  revoke({ credentials: [credential] }: User) {
    const token = credential?.id ?? '';
    const revocation = { id: 9, type: 'token', token, reason: '', keepUntil: 4_000_000_000_000 } as const;
    return this.scene.engine.commit('a', [{ type: 'revocation.put', revocation }]);
  }

  get users(): readonly string[] {
    return this.stateless
      .hereNow('a', 'room')
      .occupants.map(({ user }) => user)
      .filter((user) => user === 'bo');
  }

  get sessions(): number {
    return this.scene.engine.sessions('a').length - 1;
  }
}

describe('two devices of one user, each with a token of its own', () => {
  it('are there beside each other, however often they are heard of in turn: nobody comes or goes', async () => {
    const told: Happening[] = [];
    const tell = (happening: Happening) => void told.push(happening);
    const room = await Room.open({
      of: () => ({ hears: (type) => type.startsWith('presence.'), note: () => [], tell }),
    });
    const [phone, laptop] = [userOf('bo'), userOf('bo')];
    for (let n = 0; n < 5; n += 1) {
      room.beat(phone);
      room.beat(laptop);
      room.scene.clock.advance(10_000);
    }
    expect(room.bySession()).toEqual(['presence join', 'presence join']);
    expect(room.byUser().map(({ action }) => action)).toEqual(['join']);
    expect(told.map(({ type, data }) => [type, (data as { first?: boolean }).first])).toEqual([
      ['presence.joined', true],
      ['presence.joined', true],
      ['presence.joined', false],
    ]);
    expect(room.stateless.hereNow('a', 'room').occupancy).toBe(2);
    expect(room.users).toEqual(['bo']);
    expect(room.stateless.whereNow('a', ANONYMOUS, BO)).toEqual(['room']);
  });

  it('lose what their own token loses: the user is there while the other is', async () => {
    const room = await Room.open();
    const [phone, laptop] = [userOf('bo'), userOf('bo')];
    room.beat(phone);
    room.beat(laptop);
    room.bySession();
    room.byUser();
    await room.revoke(laptop);
    expect(room.bySession()).toEqual(['presence leave']);
    expect(room.byUser()).toEqual([]);
    expect(room.users).toEqual(['bo']);
    expect(room.beat(laptop)).toMatchObject({ ok: false, denied: { code: 'identity.revoked' } });
    room.beat(phone);
    expect(room.bySession()).toEqual([]);
    room.scene.clock.advance(21_000);
    expect(room.byUser().map(({ action }) => action)).toEqual(['timeout']);
    expect(room.users).toEqual([]);
  });

  it('go each when its token ends, and the user with the last', async () => {
    const room = await Room.open();
    const now = room.scene.clock.now();
    room.beat(userOf('bo', { expiresAt: now + 1_000 }));
    room.beat(userOf('bo', { expiresAt: now + 2_000 }));
    expect(room.byUser()).toHaveLength(1);
    room.scene.clock.advance(1_000);
    expect(room.byUser()).toEqual([]);
    room.scene.clock.advance(1_000);
    expect(room.byUser().map(({ action }) => action)).toEqual(['leave']);
    expect(room.bySession()).toEqual(['presence join', 'presence join', 'presence leave', 'presence leave']);
  });

  it('fall silent each for itself', async () => {
    const room = await Room.open();
    const phone = userOf('bo');
    room.beat(userOf('bo'));
    room.scene.clock.advance(15_000);
    room.beat(phone);
    room.byUser();
    room.scene.clock.advance(10_000);
    expect(room.bySession().at(-1)).toBe('presence timeout');
    expect(room.byUser()).toEqual([]);
    expect(room.users).toEqual(['bo']);
  });

  it('leave together: who says so is known by the user id alone', async () => {
    const room = await Room.open();
    const [phone, laptop] = [userOf('bo'), userOf('bo')];
    const impostor = { kind: 'stated', user: 'bo', credentials: [] } as const;
    room.beat(phone);
    room.beat(laptop);
    room.byUser();
    room.leave(impostor);
    expect(room.users).toEqual(['bo']);
    room.leave(laptop);
    expect(room.byUser().map(({ action }) => action)).toEqual(['leave']);
    expect(room.users).toEqual([]);
  });

  it('say the same of themselves, which is told once where users are listed', async () => {
    const room = await Room.open();
    const [phone, laptop, tablet] = [userOf('bo'), userOf('bo'), userOf('bo')];
    room.beat(phone, { state: new Map([['room', { mood: 'good' }]]) });
    room.beat(laptop);
    expect(room.scene.engine.roster('a', 'room').flatMap(({ state }) => state ?? [])).toEqual([
      { mood: 'good' },
      { mood: 'good' },
    ]);
    expect(room.byUser()).toHaveLength(1);
    room.say(laptop, { mood: 'better' });
    expect(room.byUser()).toMatchObject([{ action: 'state-change', state: { mood: 'better' } }]);
    expect(room.bySession().slice(-2)).toEqual(['presence state-change', 'presence state-change']);
    room.beat(tablet, { state: new Map([['room', { mood: 'best' }]]) });
    expect(room.byUser()).toMatchObject([{ action: 'state-change', state: { mood: 'best' } }]);
    for (const device of [phone, laptop, tablet]) room.beat(device, { state: new Map([['room', { mood: 'best' }]]) });
    expect(room.byUser()).toEqual([]);
    expect(room.stateless.stateOf('a', 'room', BO)).toEqual({ mood: 'best' });
  });
});

describe('a renewed token', () => {
  it('is no leave where users are listed; elsewhere the old entry goes when it falls silent, or its token ends', async () => {
    const room = await Room.open();
    const { clock } = room.scene;
    const [first, second, third] = [
      userOf('bo'),
      userOf('bo', { expiresAt: clock.now() + 25_000 }),
      userOf('bo', { expiresAt: clock.now() + 90_000 }),
    ];
    room.beat(first);
    expect(room.byUser()).toHaveLength(1);
    clock.advance(10_000);
    room.beat(second);
    clock.advance(10_000);
    expect(room.bySession()).toEqual(['presence join', 'presence join', 'presence timeout']);
    room.beat(third);
    clock.advance(5_000);
    expect(room.bySession()).toEqual(['presence join', 'presence leave']);
    expect(room.sessions).toBe(1);
    expect(room.byUser()).toEqual([]);
  });
});

describe('whoever is nowhere any more', () => {
  it('is forgotten, by whatever way they went', async () => {
    const room = await Room.open();
    const { scene } = room;
    const [phone, laptop] = [userOf('bo'), userOf('bo')];
    room.beat(phone, {}, 'room', 'side');
    room.beat(laptop);
    room.beat(userOf('cy'));
    expect(room.sessions).toBe(3);
    room.leave(phone);
    expect(room.sessions).toBe(2);
    await room.revoke(phone);
    scene.clock.advance(21_000);
    expect(room.sessions).toBe(0);
    expect(scene.clock.alarms).toBe(0);
  });

  it('comes anew after a rule let it back in', async () => {
    const room = await Room.open();
    const { scene } = room;
    const bo = userOf('bo');
    room.beat(bo, {}, 'side');
    await scene.put(ruleOf(2, 'side', { ...OPEN, enabled: false }));
    expect(room.stateless.whereNow('a', ANONYMOUS, BO)).toEqual([]);
    await scene.put(ruleOf(2, 'side', OPEN));
    room.beat(bo, {}, 'side');
    const place = scene.engine.roster('a', 'side');
    expect(place).toMatchObject([{ user: 'bo' }]);
    // Longer than a connection without a channel may be one.
    for (let n = 0; n < 5; n += 1) {
      scene.clock.advance(10_000);
      room.beat(bo, {}, 'side');
    }
    expect(scene.engine.roster('a', 'side')).toEqual(place);
  });
});

describe('a timeout', () => {
  it('that a client said holds for what it does not say, channel by channel', async () => {
    const room = await Room.open();
    const bo = userOf('bo');
    room.beat(bo, { timeout: 5_000 });
    room.beat(bo, {}, 'room', 'side');
    room.scene.clock.advance(6_000);
    expect(room.stateless.whereNow('a', ANONYMOUS, BO)).toEqual(['side']);
    room.beat(bo, { timeout: 60_000 }, 'side');
    room.beat(bo, {}, 'side');
    room.scene.clock.advance(59_000);
    expect(room.stateless.whereNow('a', ANONYMOUS, BO)).toEqual(['side']);
  });

  it('of one device is not that of another', async () => {
    const room = await Room.open();
    room.beat(userOf('bo'), { timeout: 5_000 });
    room.beat(userOf('bo'));
    room.scene.clock.advance(15_000);
    expect(room.users).toEqual(['bo']);
  });
});
