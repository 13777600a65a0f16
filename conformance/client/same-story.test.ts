import type { Channel, Client, Json } from '@portcullis/client';
import { TestServer } from '@portcullis/client/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClientHouse, codeOf } from './house.fixture.ts';

/** As in `house.fixture.ts`. */
const OPEN = { anonymousClients: true, presence: true, publicMessaging: { enabled: true, authenticatedOnly: false } };
const RULES = [
  {
    ...OPEN,
    target: 'kept/*',
    authenticatedMessaging: true,
    privateMessaging: { enabled: true, authenticatedOnly: false },
    history: 1000,
  },
  { target: 'members/*', presence: true, authenticatedMessaging: true, history: 100 },
];

interface Stage {
  client(user?: string): Client;
  ban(user: string, channel: string): Promise<void> | void;
  breakAll(): void;
}

/** What somebody lives through, line by line: the same wherever it is played. */
async function play(stage: Stage): Promise<string[]> {
  const lines: string[] = [];
  const clients = { ada: stage.client('ada'), bo: stage.client('bo'), guest: stage.client() };
  const rooms = new Map<string, Channel<Json>>();
  for (const [name, client] of Object.entries(clients)) {
    const room = client.channel('kept/story');
    rooms.set(name, room);
    room.on('message', ({ data, to, from, replayed }) => {
      const sender = from?.user ?? (from?.session === client.session ? 'me' : 'a guest');
      lines.push(
        `${name} hears ${JSON.stringify(data)} of ${sender} to ${to ?? 'everyone'}${replayed ? ', late' : ''}`,
      );
    });
    room.on('lost', ({ what, error }) => lines.push(`${name} loses ${what}: ${error.code}`));
    room.on('gap', () => lines.push(`${name} has a gap`));
  }
  const of = (name: string): Channel<Json> => {
    const room = rooms.get(name);
    if (!room) throw new Error(name);
    return room;
  };
  /** Everybody has heard everything that was said: a mark is the last. */
  const settled = async (mark: string, by: string, hearers = ['ada', 'bo', 'guest']) => {
    await of(by).publish(mark);
    const heard = (name: string) => lines.some((line) => line.startsWith(`${name} hears "${mark}"`));
    await expect.poll(() => hearers.every(heard), { timeout: 10_000 }).toBe(true);
    lines.push(`-- ${mark}`);
  };
  const asks = async (what: string, promise: Promise<unknown>) => lines.push(`${what}: ${await codeOf(promise)}`);

  await asks('guest publishes before joining', of('guest').publish(1));
  for (const name of rooms.keys()) await asks(`${name} joins`, of(name).join({ presence: true }));
  await asks('guest joins members', clients.guest.channel('members/x').join());
  await asks('ada joins nothing', clients.ada.channel('nowhere').join());
  await asks('ada publishes', of('ada').publish({ n: 1 }));
  await asks('guest publishes to the authenticated', of('guest').publish(2, { to: 'authenticated' }));
  await asks('ada publishes to the authenticated', of('ada').publish(3, { to: 'authenticated' }));
  await asks('ada to bo', of('ada').publish(4, { to: { user: 'bo' } }));
  await asks('ada to the guest', of('ada').publish(5, { to: { session: String(clients.guest.session) } }));
  await asks('ada to herself', of('ada').publish(6, { to: { user: 'ada' } }));
  await asks('ada to nobody', of('ada').publish(7, { to: { session: 'nobody' } }));
  const first = await of('ada').publish('once', { key: 'k' });
  const again = await of('ada').publish('once', { key: 'k' });
  lines.push(`again: ${again.repeated} ${again.timetoken === first.timetoken}`);
  await settled('one', 'guest');

  await of('bo').setState({ mood: 'fine' });
  const { members, total } = await of('ada').roster();
  const shown = members.map(({ user, proven, state }) => `${user ?? 'guest'} ${proven} ${JSON.stringify(state)}`);
  lines.push(`here: ${total}: ${shown.sort().join('; ')}`);
  for (const name of ['ada', 'guest']) {
    const { messages, more } = await of(name).history({ limit: 4 });
    lines.push(`${name} reads ${JSON.stringify(messages.map(({ data }) => data))} ${more}`);
  }

  for (const partner of [{ user: 'bo' }, { session: String(clients.bo.session) }]) {
    const { messages } = await of('ada').history({ with: partner });
    lines.push(`ada and bo by ${Object.keys(partner)}: ${JSON.stringify(messages.map(({ data }) => data))}`);
  }
  await asks('the guest and ada', of('guest').history({ with: { user: 'ada' } }));

  // Some may be back sooner than others have noticed.
  const broken = new Set<string>();
  for (const [name, client] of Object.entries(clients)) client.on('state', () => broken.add(name));
  stage.breakAll();
  await expect.poll(() => broken.size).toBe(Object.keys(clients).length);
  await Promise.all(Object.values(clients).map((client) => client.connected()));
  await Promise.all([...rooms.values()].map((room) => room.join()));
  await settled('two', 'ada');

  await stage.ban('bo', 'kept/story');
  await expect.poll(() => of('bo').state).toBe('lost');
  await asks('bo publishes', of('bo').publish(8));
  await asks('bo joins again', of('bo').join());
  await settled('three', 'ada', ['ada', 'guest']);
  lines.push(
    `here: ${(await of('ada').roster()).members
      .map(({ user }) => user ?? 'guest')
      .sort()
      .join(' ')}`,
  );
  for (const client of Object.values(clients)) client.close();
  return lines;
}

/** Who hears one and the same message first is nobody's promise: lines between two marks are sorted by who hears. */
function byHearer(lines: readonly string[]): string[] {
  const blocks = lines.join('\n').split(/^(?=-- )/m);
  return blocks.flatMap((block) => {
    const own = block.trim().split('\n');
    const by = (name: string) =>
      own.filter((line) => line.startsWith(`${name} hears`) || line.startsWith(`${name} loses`));
    const rest = own.filter((line) => !/^\w+ (hears|loses)/.test(line));
    return [...rest, ...by('ada'), ...by('bo'), ...by('guest')];
  });
}

describe('the test server of the client', () => {
  let house: ClientHouse;
  beforeAll(async () => {
    house = await ClientHouse.open();
  });
  afterAll(() => house?.close());

  it('tells the same story as the real one', async () => {
    const backoff = { base: 20, max: 200 };
    const test = new TestServer({ rules: RULES });
    const inside = await play({
      client: (user) => test.connect(user === undefined ? undefined : { user }, { backoff }),
      ban: (user, channel) => test.ban(user, channel),
      breakAll: () => test.drop(),
    });
    const outside = await play({
      client: (user) => house.client(user, { backoff }),
      ban: async (user, channel) => {
        await house.server.must('POST', '/apps/test/bans', { user, channel, reason: 'story' });
      },
      breakAll: () => house.breakAll(),
    });
    expect(byHearer(inside)).toEqual(byHearer(outside));
    expect(inside.length).toBeGreaterThan(40);
  });
});
