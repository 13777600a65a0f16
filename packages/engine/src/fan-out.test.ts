import { describe, expect, it } from 'vitest';
import { LIMITS, OPEN, ruleOf, Scene, say, userOf } from './testing/scene.fixture.ts';
import { TEST_CODEC } from './testing/wire.fixture.ts';

describe('fan-out', () => {
  it('brings a message to everyone joined, the sender included, at the end of the turn', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const [ada, bo, other] = [await scene.joined('room'), await scene.joined('room'), scene.connect()];
    await say(ada, 'room', 'hello');
    expect(bo.outlet.texts()).toEqual([]);
    scene.clock.turn();
    expect(ada.outlet.texts()).toEqual(['hello']);
    expect(bo.outlet.texts()).toEqual(['hello']);
    expect(other.outlet.texts()).toEqual([]);
  });

  it('joins the messages of one turn into one buffer and hands that same buffer to every receiver', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const clients = await Promise.all(Array.from({ length: 5 }, () => scene.joined('room')));
    const [sender] = clients;
    if (!sender) throw new Error('nobody');
    const before = TEST_CODEC.encodings;
    for (const text of ['1', '2', '3']) await say(sender, 'room', text);
    scene.clock.turn();
    expect(TEST_CODEC.encodings - before).toBe(1);
    for (const { outlet } of clients) {
      expect(outlet.texts()).toEqual(['1', '2', '3']);
      expect(outlet.writes).toHaveLength(1);
      expect(outlet.writes[0]).toBe(sender.outlet.writes[0]);
    }
  });

  it('writes a batch out early when it reaches 64 KiB', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const client = await scene.joined('room');
    for (let i = 0; i < 5; i += 1) await say(client, 'room', 'x'.repeat(16_000));
    expect(client.outlet.texts()).toHaveLength(5);
    scene.clock.turn();
    expect(client.outlet.texts()).toHaveLength(5);
  });

  it('hands a socket no more than limits.inSocket, however much a turn brought, and the rest can be withdrawn', async () => {
    const limits = { ...LIMITS, inSocket: 100 };
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)], { definition: { limits } });
    const [ada, slow] = [await scene.joined('room'), await scene.joined('room')];
    slow.outlet.stalled = true;
    const texts = Array.from({ length: 20 }, (_, at) => `${String(at).padStart(2, '0')} ${'x'.repeat(20)}`);
    for (const text of texts) await say(ada, 'room', text);
    scene.clock.turn();
    expect(ada.outlet.texts()).toEqual(texts);
    for (const bytes of ada.outlet.writes) expect(bytes.length).toBeLessThanOrEqual(100);
    expect(slow.outlet.buffered()).toBeLessThanOrEqual(100);
    const handed = slow.outlet.texts();
    expect(handed).toEqual(texts.slice(0, handed.length));
    await scene.put(ruleOf(1, 'room', { ...OPEN, enabled: false }));
    slow.outlet.drain();
    slow.session.drained();
    expect(slow.outlet.texts()).toEqual(handed);
    expect(slow.outlet.kinds().at(-1)).toBe('lost');
  });

  it('hands over whole what is longer than limits.inSocket by itself', async () => {
    const limits = { ...LIMITS, inSocket: 100 };
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)], { definition: { limits } });
    const ada = await scene.joined('room');
    const texts = ['a', 'b'.repeat(300), 'c'];
    for (const text of texts) await say(ada, 'room', text);
    scene.clock.turn();
    expect(ada.outlet.texts()).toEqual(texts);
  });

  it('that fails on one wire ends those it failed, and keeps no other channel waiting', async () => {
    const scene = await Scene.open([ruleOf(1, 'room/*', OPEN)]);
    const broken = {
      name: 'broken',
      notice: TEST_CODEC.notice,
      publications: () => {
        throw new Error('no words');
      },
    };
    const [here, there] = [await scene.joined('room/1'), await scene.joined('room/2')];
    const mute = scene.connect(undefined, broken);
    await mute.session.join('room/1', { presence: false, history: false });
    for (const text of ['one', 'two']) {
      if (!here.session.ended) await say(here, 'room/1', text);
      await say(there, 'room/2', text);
      scene.clock.turn();
    }
    expect(mute.outlet.kinds()).toEqual(['joined', 'end server.fault']);
    expect(there.outlet.texts()).toEqual(['one', 'two']);
    const again = await scene.joined('room/1');
    await say(again, 'room/1', 'on');
    scene.clock.turn();
    expect(again.outlet.texts()).toEqual(['on']);
  });

  it('gathers the writes of a subscriber of several channels with traffic in one turn', async () => {
    const scene = await Scene.open([ruleOf(1, 'room/*', OPEN)]);
    const client = await scene.joined('room/1');
    await client.session.join('room/2', { presence: false, history: false });
    scene.clock.turn();
    let corked = 0;
    client.outlet.cork = () => {
      corked += 1;
    };
    client.outlet.uncork = () => {
      corked -= 10;
    };
    await say(client, 'room/1', 'one');
    await say(client, 'room/2', 'two');
    scene.clock.turn();
    expect(corked).toBe(-9);
    expect(client.outlet.texts()).toEqual(['one', 'two']);
  });

  it('answers a client that asks for several things in one turn with one write', async () => {
    const scene = await Scene.open([ruleOf(1, 'room/*', OPEN)]);
    const client = await scene.joined('room/1');
    scene.clock.turn();
    const seen: string[] = [];
    client.outlet.cork = () => seen.push('cork');
    client.outlet.uncork = () => seen.push('uncork');
    for (const room of ['room/2', 'room/3', 'room/4'])
      await client.session.join(room, { presence: false, history: false });
    await say(client, 'room/2', 'one');
    expect(seen).toEqual(['cork']);
    scene.clock.turn();
    expect(seen).toEqual(['cork', 'uncork']);
  });

  it('keeps authenticated messages from the anonymous', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', { ...OPEN, authenticatedMessaging: true })]);
    const [ada, bo, guest] = [
      await scene.joined('room', userOf('ada')),
      await scene.joined('room', userOf('bo')),
      await scene.joined('room'),
    ];
    await ada.session.publish('room', { to: 'authenticated' }, '"members"');
    await say(ada, 'room', 'all');
    scene.clock.turn();
    expect(ada.outlet.texts()).toEqual(['members', 'all']);
    expect(bo.outlet.texts()).toEqual(['members', 'all']);
    expect(guest.outlet.texts()).toEqual(['all']);
  });

  it('brings a private message to the one session, in its place among the others, and echoes nothing', async () => {
    const rule = ruleOf(1, 'room', { ...OPEN, privateMessaging: { enabled: true, authenticatedOnly: false } });
    const scene = await Scene.open([rule]);
    const [ada, bo, cy] = [await scene.joined('room'), await scene.joined('room'), await scene.joined('room')];
    await say(ada, 'room', '1');
    const outcome = await ada.session.publish('room', { to: 'session', session: bo.session.id }, '"psst"');
    await say(ada, 'room', '2');
    scene.clock.turn();
    expect(outcome.ok).toBe(true);
    expect(bo.outlet.texts()).toEqual(['1', 'psst', '2']);
    expect(ada.outlet.texts()).toEqual(['1', '2']);
    expect(cy.outlet.texts()).toEqual(['1', '2']);
  });

  it('answers a private message to oneself, to nobody and to one who is elsewhere alike', async () => {
    const rule = ruleOf(1, 'room/*', { ...OPEN, privateMessaging: { enabled: true, authenticatedOnly: false } });
    const scene = await Scene.open([rule]);
    const [ada, bo] = [await scene.joined('room/1'), await scene.joined('room/2')];
    for (const session of [ada.session.id, bo.session.id, 'nobody']) {
      const outcome = await ada.session.publish('room/1', { to: 'session', session }, '1');
      expect(outcome).toMatchObject({ ok: false, code: 'channel.peer-not-present' });
    }
  });

  it('brings server events to everyone, to one table, to one row and to one user', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const ada = await scene.joined('room', userOf('ada', { table: 7, row: 1 }));
    const bo = await scene.joined('room', userOf('bo', { table: 7, row: 2 }));
    const cy = await scene.joined('room', userOf('cy', { table: 8, row: 1 }));
    const guest = await scene.joined('room');
    const principal = { kind: 'server', name: 'test', credentials: [] } as const;
    const event = { app: 'a', channel: 'room', principal };
    expect(await scene.engine.event({ ...event, data: '"all"' })).toMatchObject({ ok: true, delivered: 4 });
    expect(await scene.engine.event({ ...event, data: '"table"', table: 7 })).toMatchObject({ delivered: 2 });
    expect(await scene.engine.event({ ...event, data: '"row"', table: 7, row: 2 })).toMatchObject({ delivered: 1 });
    expect(await scene.engine.event({ ...event, data: '"user"', user: 'cy' })).toMatchObject({ delivered: 1 });
    scene.clock.turn();
    expect(ada.outlet.texts()).toEqual(['all', 'table']);
    expect(bo.outlet.texts()).toEqual(['all', 'table', 'row']);
    expect(cy.outlet.texts()).toEqual(['all', 'user']);
    expect(guest.outlet.texts()).toEqual(['all']);
  });
});

describe('timetokens and positions', () => {
  it('rise strictly in a channel, and a channel without history starts a new epoch when it was forgotten', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const client = await scene.joined('room');
    const outcomes = [];
    for (let i = 0; i < 3; i += 1) outcomes.push(await client.session.publish('room', { to: 'everyone' }, '1'));
    const places = outcomes.map((outcome) => (outcome.ok ? outcome : undefined));
    expect(places.map((place) => place?.position?.offset)).toEqual([1, 2, 3]);
    const times = places.map((place) => place?.timetoken ?? 0n);
    expect(times[0] && times[1] && times[2] && times[0] < times[1] && times[1] < times[2]).toBe(true);
    expect(String(times[0])).toMatch(/^\d{17}$/);
  });
});
