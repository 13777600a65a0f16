import { ANONYMOUS, compilePolicy, decide, type Operation, type Principal } from '@portcullis/policy';
import { expect, it } from 'vitest';
import type { Change } from './ports/store.ts';
import { RuleConflictError } from './rule-conflict.ts';
import { Random } from './testing/interleavings/random.fixture.ts';
import { type Client, LIMITS, OPEN, ruleOf, Scene, SETTINGS, userOf } from './testing/scene.fixture.ts';

const SEQUENCES = process.env.LONG_TESTS === '1' ? 10_000 : 1_000;
const TARGETS = ['a', 'a/*', 'a/*/c', 'a/b', '*', 'a-long-name-of/1/*', 'a-long-name-of/*', 'a-long'] as const;
const CHANNELS = ['a', 'a/b', 'a/b/c', 'a/x/c', 'a-long-name-of/1/2', 'a-long-name-of/9', 'a-long', 'z'] as const;
const OPERATIONS: readonly Operation[] = ['join', 'publish', 'roster', 'history', 'receive'];

function randomChange(scene: Scene, random: Random, users: readonly Principal[]): Change {
  const id = 1 + random.int(6);
  const kind = random.int(10);
  if (kind === 0) return { type: 'rule.delete', id };
  if (kind === 1) {
    const user = random.pick(['ada', 'bob'] as const);
    const channel = random.yes() ? random.pick(CHANNELS) : undefined;
    const ban = { id: 100 + random.int(3), user, reason: 'test', hold: channel !== undefined };
    return { type: 'ban.put', ban: channel === undefined ? ban : { ...ban, channel } };
  }
  if (kind === 2) return { type: 'ban.delete', id: 100 + random.int(3) };
  if (kind === 3 && random.yes(0.3)) {
    const token = users[random.int(users.length)]?.credentials[0]?.id ?? '';
    const revocation = { id: scene.engine.nextId(), type: 'token', token, reason: 'test', keepUntil: 9e15 } as const;
    return { type: 'revocation.put', revocation };
  }
  return {
    type: 'rule.put',
    rule: ruleOf(id, random.pick(TARGETS), {
      nested: random.yes(0.8),
      enabled: random.yes(0.8),
      anonymousClients: random.yes(),
      presence: random.yes(),
      authenticatedMessaging: true,
      publicMessaging: { enabled: true, authenticatedOnly: random.yes() },
    }),
  };
}

/** Who hears what in a channel: everyone, the authenticated, and who comes. */
async function heard(scene: Scene, channel: string, clients: readonly Client[]): Promise<string[]> {
  const server = { kind: 'server', name: 's', credentials: [] } as const;
  for (const { outlet } of clients) outlet.clear();
  await scene.engine.event({ app: 'a', channel, data: '"all"', principal: server });
  const passer = scene.connect(userOf('passer'));
  await passer.session.join(channel, { presence: false, history: false });
  await passer.session.publish(channel, { to: 'authenticated' }, '"some"');
  passer.session.close();
  scene.clock.turn();
  return clients.map(({ outlet }) =>
    outlet
      .kinds()
      .filter((kind) => kind !== 'roster')
      .join(' '),
  );
}

async function play(seed: number): Promise<void> {
  const random = new Random(seed);
  const scene = await Scene.open([ruleOf(1, '*', OPEN)]);
  const users = [userOf('ada'), userOf('bob'), userOf('eve')];
  const clients = [ANONYMOUS, ...users].map((principal) => scene.connect(principal));
  const joinAll = async (
    where: Scene,
    all: readonly Client[],
    may: (client: number, channel: string) => boolean,
    original = (at: number) => at,
  ) => {
    for (const channel of CHANNELS) {
      for (const [at, { session }] of all.entries()) {
        if (!may(at, channel)) continue;
        await session.join(channel, { presence: original(at) % 2 === 0, history: false });
      }
    }
    where.clock.turn();
  };
  await joinAll(scene, clients, () => true);
  for (let n = 2 + random.int(10); n > 0; n -= 1) {
    const changes = Array.from({ length: 1 + random.int(2) }, () => randomChange(scene, random, users));
    await scene.engine.commit('a', changes).catch((error: unknown) => {
      if (!(error instanceof RuleConflictError)) throw error;
    });
    // Some come again, in between.
    const again = random.int(clients.length);
    await clients[again]?.session.join(random.pick(CHANNELS), { presence: again % 2 === 0, history: false });
    if (random.yes()) scene.clock.turn();
  }
  scene.clock.advance(1);

  const source = scene.engine.source('a');
  const cold = compilePolicy(source);
  for (const principal of [ANONYMOUS, ...users]) {
    for (const operation of OPERATIONS) {
      for (const name of CHANNELS) {
        const target = { to: 'everyone' } as const;
        const request = { operation, principal, name, now: scene.clock.now(), target, joined: true } as const;
        const live = scene.engine.explain('a', request);
        expect(live.allowed, `${operation} ${name}`).toBe(decide(request, cold).allowed);
      }
    }
  }

  // A cold start of the same, into which those come who are still there: everybody is let in, and hears the same.
  const after = new Scene();
  const { rules, bans, revocations, epoch } = source;
  const stored = { app: 'a', epoch, settings: null, rules, bans, revocations, groups: [], triggers: [] };
  await after.engine.define({ app: 'a', settings: SETTINGS, limits: LIMITS, fileRules: [] }, stored);
  const there = clients.map(({ session }) => scene.engine.sessions('a').find(({ id }) => id === session.id));
  const present = there.flatMap((info, at) => (info ? [at] : []));
  const anew = present.map((at) => after.connect([ANONYMOUS, ...users][at]));
  const original = (at: number) => present[at] ?? -1;
  await joinAll(after, anew, (at, channel) => there[original(at)]?.channels.includes(channel) === true, original);
  const remaining = present.flatMap((at) => clients[at] ?? []);
  for (const channel of CHANNELS) {
    expect(await heard(scene, channel, remaining), `${seed} ${channel}`).toEqual(await heard(after, channel, anew));
  }
}

it(`after any ${SEQUENCES} sequences of edits everything stands as after a cold start`, async () => {
  for (let seed = 1; seed <= SEQUENCES; seed += 1) await play(seed);
}, 600_000);
