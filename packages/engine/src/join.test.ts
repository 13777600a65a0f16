import { describe, expect, it } from 'vitest';
import { LIMITS, OPEN, ruleOf, Scene, say, userOf } from './testing/scene.fixture.ts';

const BOTH = { presence: true, history: true };

describe('join', () => {
  it('is acknowledged with the session’s own entry, then the roster; others hear of it once, it hears nothing of itself', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const ada = await scene.joined('room', userOf('ada'), true);
    const bo = scene.connect(userOf('bo'));
    await bo.session.join('room', { presence: true, history: false });
    scene.clock.turn();
    expect(bo.outlet.kinds()).toEqual(['joined', 'roster']);
    expect(ada.outlet.kinds()).toEqual(['presence join']);
    const [, roster] = bo.outlet.got;
    expect(roster).toMatchObject({ total: 2, members: [{ user: 'ada', extras: { name: 'ada' } }, { user: 'bo' }] });
  });

  it('twice tells no one else and sends the snapshots again', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const ada = await scene.joined('room', undefined, true);
    const bo = scene.connect();
    for (let i = 0; i < 2; i += 1) {
      await bo.session.join('room', { presence: true, history: false });
      scene.clock.turn();
    }
    expect(bo.outlet.kinds()).toEqual(['joined', 'roster', 'joined', 'roster']);
    expect(ada.outlet.kinds()).toEqual(['presence join']);
  });

  it('asked for over and over brings at most two rosters in a second, and the last word later', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const bo = scene.connect();
    for (let i = 0; i < 10; i += 1) {
      await bo.session.join('room', { presence: true, history: false });
      scene.clock.turn();
    }
    const rosters = () => bo.outlet.kinds().filter((kind) => kind === 'roster').length;
    expect(rosters()).toBe(2);
    scene.clock.advance(1_000);
    expect(rosters()).toBe(3);
  });

  it('left and done again brings no more rosters than staying', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const bo = scene.connect();
    for (let i = 0; i < 10; i += 1) {
      await bo.session.join('room', { presence: true, history: false });
      scene.clock.turn();
      bo.session.leave('room');
    }
    await bo.session.join('room', { presence: true, history: false });
    scene.clock.turn();
    const rosters = () => bo.outlet.kinds().filter((kind) => kind === 'roster').length;
    expect(rosters()).toBe(2);
    scene.clock.advance(1_000);
    expect(rosters()).toBe(3);
  });

  it('with presence and history brings the roster last, with everyone who came meanwhile', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', { ...OPEN, history: 10 })]);
    await scene.joined('room');
    let answer = () => {};
    const asked = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const read = scene.store.history.bind(scene.store);
    scene.store.history = (query) => asked.then(() => read(query));
    const bo = scene.connect();
    await bo.session.join('room', BOTH);
    scene.clock.turn();
    await scene.joined('room', userOf('cy'));
    expect(bo.outlet.kinds()).toEqual(['joined']);
    answer();
    for (let i = 0; i < 10; i += 1) await Promise.resolve();
    scene.clock.turn();
    expect(bo.outlet.kinds()).toEqual(['joined', 'history', 'roster']);
    expect(bo.outlet.got.at(-1)).toMatchObject({ total: 3 });
    await scene.joined('room', userOf('di'));
    expect(bo.outlet.kinds().slice(3)).toEqual(['presence join']);
  });

  it('with history brings what was said before, then what came meanwhile, each once and in order', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', { ...OPEN, history: 10 })]);
    const ada = await scene.joined('room');
    await say(ada, 'room', 'old');
    const pending = say(ada, 'room', 'on its way');
    const bo = scene.connect();
    const joining = bo.session.join('room', BOTH);
    const later = say(ada, 'room', 'new');
    await Promise.all([pending, joining, later]);
    for (let i = 0; i < 5; i += 1) {
      await Promise.resolve();
      scene.clock.turn();
    }
    const history = bo.outlet.got.find((item) => item.type === 'history');
    const before = history?.type === 'history' ? history.items.map(({ data }) => JSON.parse(data)) : [];
    expect([...before, ...bo.outlet.texts()]).toEqual(['old', 'on its way', 'new']);
    await say(ada, 'room', 'live');
    scene.clock.turn();
    expect(bo.outlet.texts().at(-1)).toBe('live');
  });

  it('with presence and history that the rule lacks succeeds without them', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', { ...OPEN, presence: false })]);
    const bo = scene.connect();
    expect(await bo.session.join('room', BOTH)).toEqual({ ok: true });
    scene.clock.turn();
    expect(bo.outlet.kinds()).toEqual(['joined']);
  });

  it('is refused past limits.channelsPerConnection, with the limit’s name', async () => {
    const limits = { ...LIMITS, channelsPerConnection: 2 };
    const scene = await Scene.open([ruleOf(1, 'room/*', OPEN)], { definition: { limits } });
    const client = scene.connect();
    await client.session.join('room/1', { presence: false, history: false });
    await client.session.join('room/2', { presence: false, history: false });
    expect(await client.session.join('room/3', { presence: false, history: false })).toMatchObject({
      code: 'limit.channelsPerConnection',
    });
    expect(await client.session.join('room/1', { presence: false, history: false })).toEqual({ ok: true });
  });

  it('sends the first rosterMax members and the total', async () => {
    const limits = { ...LIMITS, rosterMax: 3 };
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)], { definition: { limits } });
    for (let i = 0; i < 5; i += 1) await scene.joined('room');
    const bo = scene.connect();
    await bo.session.join('room', { presence: true, history: false });
    scene.clock.turn();
    const roster = bo.outlet.got.find((item) => item.type === 'roster');
    expect(roster?.type === 'roster' && [roster.members.length, roster.total]).toEqual([3, 6]);
  });
});

describe('leave and close', () => {
  it('tell the others once, and the last one takes the channel with it', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const [ada, bo] = [await scene.joined('room', undefined, true), await scene.joined('room')];
    scene.clock.turn();
    ada.outlet.clear();
    expect(bo.session.leave('room')).toEqual({ ok: true });
    expect(bo.session.leave('room')).toMatchObject({ code: 'channel.not-joined' });
    bo.session.close();
    bo.session.close();
    scene.clock.turn();
    expect(ada.outlet.kinds()).toEqual(['presence leave']);
    expect(bo.outlet.kinds()).toEqual(['left']);
    ada.session.close();
    expect(scene.engine.channels('a')).toEqual([]);
    expect(scene.engine.sessions('a')).toEqual([]);
  });

  it('a connection in no channel is ended after limits.joinTimeout, a joined one is not', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const [idle, busy, left] = [scene.connect(), await scene.joined('room'), await scene.joined('room')];
    left.session.leave('room');
    scene.clock.advance(30_000);
    expect(idle.outlet.kinds()).toEqual(['end limit.joinTimeout']);
    expect(left.outlet.kinds()).toEqual(['left', 'end limit.joinTimeout']);
    expect(busy.session.ended).toBe(false);
  });

  it('gets the time of the limit that was in force when it had no channel, and one timer serves all', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const before = scene.clock.alarms;
    const [first, second] = [scene.connect(), scene.connect()];
    expect(scene.clock.alarms).toBe(before + 1);
    scene.clock.advance(10_000);
    await scene.define('a', { limits: { ...LIMITS, joinTimeout: 5_000 } });
    const third = scene.connect();
    await second.session.join('room', { presence: false, history: false });
    scene.clock.advance(5_000);
    expect([first, second, third].map(({ session }) => session.ended)).toEqual([false, false, true]);
    second.session.leave('room');
    scene.clock.advance(4_999);
    expect([first, second].map(({ session }) => session.ended)).toEqual([false, false]);
    scene.clock.advance(1);
    expect(second.session.ended).toBe(true);
    scene.clock.advance(10_000);
    expect(first.session.ended).toBe(true);
    expect(scene.clock.alarms).toBe(before);
  });
});

describe('publish', () => {
  it('is refused over limits.message, counted in bytes', async () => {
    const limits = { ...LIMITS, message: 10 };
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)], { definition: { limits } });
    const client = await scene.joined('room');
    const target = { to: 'everyone' } as const;
    expect(await client.session.publish('room', target, '"12345678"')).toMatchObject({ ok: true });
    expect(await client.session.publish('room', target, '"123456789"')).toMatchObject({ code: 'limit.message' });
    expect(await client.session.publish('room', target, '"ééééé"')).toMatchObject({ code: 'limit.message' });
  });

  it('over a rate is refused with the rate’s name, and passes again later', async () => {
    const limits = { ...LIMITS, ratePerConnection: 2 };
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)], { definition: { limits } });
    const client = await scene.joined('room');
    const target = { to: 'everyone' } as const;
    for (const ok of [true, true, false]) {
      expect(await client.session.publish('room', target, '1')).toMatchObject({ ok });
    }
    scene.clock.advance(500);
    expect(await client.session.publish('room', target, '1')).toMatchObject({ ok: true });
  });

  it('what was spent stays spent when the app is defined anew, but for the limit that is another', async () => {
    const limits = { ...LIMITS, ratePerConnection: 1, ratePerUser: 3 };
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)], { definition: { limits } });
    const ada = await scene.joined('room', userOf('ada'));
    const publish = () => ada.session.publish('room', { to: 'everyone' }, '1');
    expect(await publish()).toMatchObject({ ok: true });
    await scene.define('a', { limits: { ...limits, ratePerUser: 4, rosterMax: 7 } });
    expect(await publish()).toMatchObject({ code: 'limit.ratePerConnection' });
    await scene.define('a', { limits: { ...limits, ratePerConnection: 2 } });
    expect([await publish(), await publish()]).toMatchObject([{ ok: true }, { ok: true }]);
    expect(await publish()).toMatchObject({ code: 'limit.ratePerConnection' });
  });

  it('that is refused spends nothing that others live on', async () => {
    const limits = { ...LIMITS, ratePerChannel: 2, ratePerApp: 2, ratePerUser: 2 };
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)], { definition: { limits } });
    const [stranger, other, client] = [scene.connect(), scene.connect(), await scene.joined('room')];
    const target = { to: 'everyone' } as const;
    for (let n = 0; n < 2; n += 1) {
      expect(await stranger.session.publish('room', target, '1')).toMatchObject({ code: 'channel.not-joined' });
    }
    expect(await stranger.session.publish('room', target, '1')).toMatchObject({ code: 'limit.ratePerUser' });
    expect(await other.session.publish('room', target, '1')).toMatchObject({ code: 'channel.not-joined' });
    for (const ok of [true, true]) expect(await client.session.publish('room', target, '1')).toMatchObject({ ok });
    const next = await scene.joined('room');
    expect(await next.session.publish('room', target, '1')).toMatchObject({ code: 'limit.ratePerChannel' });
  });
});
