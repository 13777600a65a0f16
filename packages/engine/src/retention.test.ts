import { ANONYMOUS } from '@portcullis/policy';
import { expect, test } from 'vitest';
import { OPEN, ruleOf, Scene } from './testing/scene.fixture.ts';

const RETENTION = 60_000;
const HOUR = 3_600_000;
const EVERYONE = { to: 'everyone' } as const;
const SERVER = { kind: 'server', name: 'test', credentials: [] } as const;

async function open(retention?: number) {
  const definition = retention === undefined ? {} : { retention };
  const scene = await Scene.open([ruleOf(1, 'room', { ...OPEN, history: 10 })], { definition });
  const client = await scene.joined('room');
  const say = (text: string) => client.session.publish('room', EVERYONE, JSON.stringify(text));
  const call = {
    app: 'a',
    channel: 'room',
    principal: ANONYMOUS,
    target: EVERYONE,
    kind: 'message',
    store: true,
  } as const;
  const sayFor = (ttl: number, text: string) =>
    scene.engine.stateless.publishAs({ ...call, data: JSON.stringify(text), ttl });
  const tell = (text: string) =>
    scene.engine.event({ app: 'a', channel: 'room', data: JSON.stringify(text), principal: SERVER });
  const kept = async () => {
    client.outlet.clear();
    await client.session.history('room');
    const page = client.outlet.got.find((item) => item.type === 'history');
    return page?.type === 'history' ? page.items.map(({ data }) => JSON.parse(data) as string) : undefined;
  };
  return { clock: scene.clock, say, sayFor, tell, kept };
}

test('what clients and servers say is kept for as long as the app says, and no longer', async () => {
  const { clock, say, tell, kept } = await open(RETENTION);
  await say('a message');
  await tell('an event');
  clock.advance(RETENTION / 2);
  await say('a later message');
  await tell('a later event');
  clock.advance(RETENTION / 2 - 1);
  expect(await kept()).toEqual(['a message', 'an event', 'a later message', 'a later event']);
  clock.advance(1);
  expect(await kept()).toEqual(['a later message', 'a later event']);
  clock.advance(RETENTION / 2);
  expect(await kept()).toEqual([]);
});

test('a publisher that says how long is asked instead of the app', async () => {
  const { clock, sayFor, kept } = await open(RETENTION);
  await sayFor(1, 'for an hour');
  await sayFor(0, 'as long as the app says');
  clock.advance(RETENTION);
  expect(await kept()).toEqual(['for an hour']);
  clock.advance(HOUR - RETENTION);
  expect(await kept()).toEqual([]);
});

test('without a time it is kept by number alone', async () => {
  const { clock, say, tell, kept } = await open();
  await say('a message');
  await tell('an event');
  clock.advance(10_000 * HOUR);
  expect(await kept()).toEqual(['a message', 'an event']);
});
