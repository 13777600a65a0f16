import { ANONYMOUS, type Principal, type Revocation } from '@portcullis/policy';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Core } from './core.ts';
import type { Change } from './ports/store.ts';
import { RuleConflictError } from './rule-conflict.ts';
import type { PollAnswer, PollName } from './stateless-api.ts';
import { Random } from './testing/interleavings/random.fixture.ts';
import { OPEN, ruleOf, Scene, userOf } from './testing/scene.fixture.ts';

const SEQUENCES = process.env.LONG_TESTS === '1' ? 3_000 : 200;
const REPLAY = { definition: { replay: { messages: 100, age: 1_200_000 } } };
const channel = (name: string, presence = false): PollName => ({ of: 'channel', name, presence });
const group = (name: string): PollName => ({ of: 'group', name, presence: false });
const wildcard = (name: string): PollName => ({ of: 'wildcard', name, presence: false });

interface Hanging {
  readonly principal: Principal;
  readonly names: readonly PollName[];
  answer: PollAnswer | null;
  cancel(): void;
}

function hang(scene: Scene, principal: Principal, names: readonly PollName[]): Hanging {
  const poll = scene.engine.stateless.poll({ app: 'a', principal, names, cursor: null, limit: 100 });
  const hanging: Hanging = { principal, names, answer: null, cancel: () => void poll.cancel() };
  poll.onAnswer((answer) => {
    hanging.answer = answer;
  });
  return hanging;
}

const put = (scene: Scene, ...changes: Change[]) => scene.engine.commit('a', changes);
const rulePut = (id: number, target: string, more = {}): Change => ({
  type: 'rule.put',
  rule: ruleOf(id, target, { ...OPEN, ...more }),
});

describe('a change of authority decides again only the polls it can touch', () => {
  afterEach(() => vi.restoreAllMocks());

  /** How many polls were asked of during the change, each by its own first question. */
  async function decided(scene: Scene, ...changes: Change[]): Promise<number> {
    const decide = vi.spyOn(Core.prototype, 'decide');
    await put(scene, ...changes);
    const connects = decide.mock.calls.filter(([, { operation }]) => operation === 'connect').length;
    decide.mockRestore();
    return connects;
  }

  async function crowd(): Promise<Scene> {
    const scene = await Scene.open([ruleOf(1, 'room', { ...OPEN, nested: true })], REPLAY);
    await put(scene, { type: 'group.put', group: 'g', channels: ['room/3', 'room/4'] });
    for (let n = 0; n < 100; n += 1) hang(scene, ANONYMOUS, [channel(`room/${n}`)]);
    hang(scene, ANONYMOUS, [channel('room/3', true), channel('room/9')]);
    hang(scene, ANONYMOUS, [group('g')]);
    hang(scene, ANONYMOUS, [wildcard('room.*')]);
    hang(scene, userOf('ada'), [channel('room/50')]);
    return scene;
  }

  it.each<[string, Change, number]>([
    ['a rule of one channel', rulePut(2, 'room/7', { anonymousClients: true }), 1],
    ['a rule of a channel that is in a group, too', rulePut(2, 'room/3'), 3],
    ['a rule of some channels', rulePut(2, 'room/1*'), 10],
    ['a rule of no channel that is read', rulePut(2, 'elsewhere'), 0],
    ['a rule of all of them', rulePut(1, 'room', { nested: true }), 103],
    ['a rule that goes', { type: 'rule.delete', id: 1 }, 103],
    ['a group', { type: 'group.put', group: 'g', channels: ['room/5'] }, 1],
    ['a group that nobody reads', { type: 'group.put', group: 'other', channels: ['room/5'] }, 0],
    ['a ban', { type: 'ban.put', ban: { id: 9, user: 'ada', reason: '', hold: false } }, 1],
    ['a ban of somebody else', { type: 'ban.put', ban: { id: 9, user: 'bob', reason: '', hold: false } }, 0],
  ])('%s', async (_, change, expected) => {
    const scene = await crowd();
    const nested = change.type === 'rule.put' && change.rule.target.includes('*');
    const given = nested ? { ...change, rule: { ...change.rule, nested: true } } : change;
    expect(await decided(scene, given)).toBe(expected);
  });

  it('a revocation', async () => {
    const scene = await crowd();
    const bob = userOf('bob');
    hang(scene, bob, [channel('room/1')]);
    const token = bob.credentials[0]?.id ?? '';
    const revocation: Revocation = { id: 9, type: 'token', token, reason: '', keepUntil: 9e15 };
    expect(await decided(scene, { type: 'revocation.put', revocation })).toBe(1);
  });

  it('new settings: all of them', async () => {
    const scene = await crowd();
    expect(await decided(scene, { type: 'app.put', settings: null } as unknown as Change)).toBe(104);
  });
});

const TARGETS = ['a', 'a/*', 'a/b', 'b', '*', 'a/*/c'] as const;
const CHANNELS = ['a', 'a/b', 'a/b/c', 'b', 'z'] as const;
const GROUPS = ['g', 'h'] as const;

function randomNames(random: Random): PollName[] {
  return Array.from({ length: 1 + random.int(3) }, () => {
    const kind = random.int(5);
    if (kind === 0) return wildcard(random.pick(['a.*', 'z.*'] as const));
    if (kind <= 2) return group(random.pick(GROUPS));
    return channel(random.pick(CHANNELS), random.yes(0.3));
  });
}

function randomChange(scene: Scene, random: Random, users: readonly Principal[]): Change {
  switch (random.int(8)) {
    case 0:
      return { type: 'rule.delete', id: 1 + random.int(5) };
    case 1:
      return { type: 'group.delete', group: random.pick(GROUPS) };
    case 2:
    case 3: {
      const channels = CHANNELS.filter(() => random.yes(0.4));
      return { type: 'group.put', group: random.pick(GROUPS), channels };
    }
    case 4: {
      const user = random.pick(['ada', 'bob'] as const);
      const where = random.yes() ? { channel: random.pick(CHANNELS) } : {};
      return { type: 'ban.put', ban: { id: 100 + random.int(4), user, reason: '', hold: random.yes(), ...where } };
    }
    case 5: {
      const token = users[random.int(users.length)]?.credentials[0]?.id ?? '';
      const id = scene.engine.nextId();
      const either = {
        token: { type: 'token', token },
        key: { type: 'user', user: 'bob', issuedBefore: 2e9 },
      } as const;
      const subject = random.yes(0.8) ? either.token : either.key;
      return { type: 'revocation.put', revocation: { id, reason: '', keepUntil: 9e15, ...subject } };
    }
    default: {
      const spec = {
        ...{ nested: random.yes(0.8), enabled: random.yes(0.7), anonymousClients: random.yes(0.7) },
        presence: random.yes(0.7),
      };
      return rulePut(1 + random.int(5), random.pick(TARGETS), spec);
    }
  }
}

const refusal = ({ answer }: Hanging) =>
  answer === null || answer.ok ? null : { code: answer.denied.code, names: answer.names };

async function play(seed: number): Promise<number> {
  const random = new Random(seed);
  const scene = await Scene.open([ruleOf(1, '*', OPEN)], REPLAY);
  const users: readonly [Principal, ...Principal[]] = [ANONYMOUS, userOf('ada'), userOf('bob')];
  for (const name of GROUPS) await put(scene, { type: 'group.put', group: name, channels: ['a', 'b'] });
  let ended = 0;
  let hanging: Hanging[] = [];
  const settled = (poll: Hanging) => poll.answer !== null;
  for (let round = 0; round < 8; round += 1) {
    const more = Array.from({ length: 4 }, () => hang(scene, random.pick(users), randomNames(random)));
    hanging = [...hanging, ...more].filter((poll) => !settled(poll));
    const changes = Array.from({ length: 1 + random.int(2) }, () => randomChange(scene, random, users));
    await put(scene, ...changes).catch((error: unknown) => {
      if (!(error instanceof RuleConflictError)) throw error;
    });
    for (const poll of hanging) {
      // One that comes now is decided whole.
      const anew = hang(scene, poll.principal, poll.names);
      expect(refusal(poll), `${seed}: ${JSON.stringify([changes, poll.names])}`).toEqual(refusal(anew));
      anew.cancel();
    }
    ended += hanging.filter(settled).length;
    hanging = hanging.filter((poll) => !settled(poll));
  }
  // Those that go on are found by what arrives, as those that come now.
  const anew = hanging.map((poll) => hang(scene, poll.principal, poll.names));
  for (const name of CHANNELS) {
    const principal = { kind: 'server', name: 's', credentials: [] } as const;
    await scene.engine.event({ app: 'a', channel: name, data: `"${name}"`, principal });
  }
  scene.clock.turn();
  const heard = ({ answer }: Hanging) =>
    answer?.ok ? answer.items.map(({ publication }) => publication.channel) : answer;
  for (const [at, poll] of hanging.entries()) {
    expect(heard(poll), `${seed}: ${JSON.stringify(poll.names)}`).toEqual(heard(anew[at] ?? poll));
  }
  return ended;
}

it(`after any of ${SEQUENCES} sequences of changes just those polls have ended that deciding all would end`, async () => {
  let ended = 0;
  for (let seed = 1; seed <= SEQUENCES; seed += 1) ended += await play(seed);
  expect(ended).toBeGreaterThan(SEQUENCES);
}, 600_000);
