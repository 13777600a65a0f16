import { ANONYMOUS } from '@portcullis/policy';
import { describe, expect, it } from 'vitest';
import type { HistoryRequest } from './session-api.ts';
import { type Client, LIMITS, OPEN, ruleOf, Scene, say, userOf } from './testing/scene.fixture.ts';

const ROOM = 'room/1';

function house(spec: Parameters<typeof ruleOf>[2] = {}) {
  return Scene.open([ruleOf(1, 'room/*', { ...OPEN, ...spec })]);
}

describe('the state of an occupant', () => {
  it('is in the roster from the first moment, and told to those who are there', async () => {
    const scene = await house();
    const watcher = await scene.joined(ROOM, ANONYMOUS, true);
    const ada = scene.connect(userOf('ada'));
    await ada.session.join(ROOM, { presence: false, history: false, state: { mood: 'fine' } });
    scene.clock.turn();
    const told = watcher.outlet.got.flatMap((item) => (item.type === 'publication' ? [item.publication.presence] : []));
    expect(told).toMatchObject([{ action: 'join', member: { user: 'ada' }, state: { mood: 'fine' } }]);
    expect(scene.engine.roster('a', ROOM).at(-1)).toMatchObject({ user: 'ada', state: { mood: 'fine' } });
  });

  it('changes and is taken back', async () => {
    const scene = await house();
    const watcher = await scene.joined(ROOM, ANONYMOUS, true);
    const ada = await scene.joined(ROOM, userOf('ada'));
    watcher.outlet.clear();
    expect(ada.session.setState(ROOM, { n: 1 })).toEqual({ ok: true });
    expect(ada.session.setState(ROOM, null)).toEqual({ ok: true });
    scene.clock.turn();
    const told = watcher.outlet.got.flatMap((item) => (item.type === 'publication' ? [item.publication.presence] : []));
    expect(told).toMatchObject([{ action: 'state-change', state: { n: 1 } }, { action: 'state-change' }]);
    expect(told[1]).not.toHaveProperty('state');
    expect(scene.engine.roster('a', ROOM).at(-1)).not.toHaveProperty('state');
  });

  it('is refused where presence is off or the session is not in; a join goes without it', async () => {
    const scene = await house({ presence: false });
    const ada = scene.connect(userOf('ada'));
    expect(await ada.session.join(ROOM, { presence: false, history: false, state: { n: 1 } })).toEqual({ ok: true });
    expect(ada.session.setState(ROOM, { n: 1 })).toMatchObject({ ok: false, code: 'channel.presence-off' });
    await scene.put(ruleOf(1, 'room/*', OPEN));
    expect(ada.session.setState('room/2', { n: 1 })).toMatchObject({ ok: false, code: 'channel.not-joined' });
    expect(scene.engine.roster('a', ROOM)[0]).not.toHaveProperty('state');
  });
});

describe('a roster that is asked for', () => {
  it('comes at once, under its number, and to one session no oftener than a second allows', async () => {
    const scene = await house();
    const ada = await scene.joined(ROOM, userOf('ada'));
    expect(ada.session.roster(ROOM, 1)).toEqual({ ok: true });
    expect(ada.session.roster(ROOM, 2)).toEqual({ ok: true });
    const third = ada.session.roster(ROOM, 3);
    const refs = () => ada.outlet.got.flatMap((item) => (item.type === 'roster' ? [item.ref] : []));
    expect(refs()).toEqual([1, 2]);
    scene.clock.advance(1_000);
    expect(await third).toEqual({ ok: true });
    expect(refs()).toEqual([1, 2, 3]);
  });

  it('is refused where presence is off, by then or since', async () => {
    const scene = await house();
    const ada = await scene.joined(ROOM, userOf('ada'));
    for (const ref of [1, 2]) expect(ada.session.roster(ROOM, ref)).toEqual({ ok: true });
    const late = ada.session.roster(ROOM, 3);
    await scene.put(ruleOf(1, 'room/*', { ...OPEN, presence: false }));
    scene.clock.advance(1_000);
    expect(await late).toMatchObject({ ok: false, code: 'channel.presence-off' });
    expect(ada.session.roster('room/2')).toMatchObject({ ok: false });
  });
});

describe('pages of history', () => {
  async function read(client: Client, request: HistoryRequest) {
    client.outlet.clear();
    const outcome = await client.session.history(ROOM, { ...request, ref: 9 });
    expect(outcome).toEqual({ ok: true });
    const page = client.outlet.got.find((item) => item.type === 'history');
    if (page?.type !== 'history') throw new Error('No page came.');
    expect(page).toMatchObject({ join: false, ref: 9 });
    return { texts: page.items.map(({ data }) => JSON.parse(data) as string), more: page.more, items: page.items };
  }

  it('go back from the newest, and forward from a timetoken, and say whether there is more', async () => {
    const scene = await house({ history: 100 });
    const ada = await scene.joined(ROOM, userOf('ada'));
    for (const text of ['a', 'b', 'c', 'd', 'e']) await say(ada, ROOM, text);
    const newest = await read(ada, { limit: 2 });
    expect(newest).toMatchObject({ texts: ['d', 'e'], more: true });
    const before = newest.items[0]?.timetoken ?? 0n;
    const older = await read(ada, { limit: 3, before });
    expect(older).toMatchObject({ texts: ['a', 'b', 'c'], more: false });
    const after = older.items[0]?.timetoken ?? 0n;
    expect(await read(ada, { limit: 2, after })).toMatchObject({ texts: ['b', 'c'], more: true });
    expect(await read(ada, { after })).toMatchObject({ texts: ['b', 'c', 'd', 'e'], more: false });
    expect(await read(ada, { after, before })).toMatchObject({ texts: ['b', 'c'], more: false });
  });

  it('that are more than a socket is handed at once come in turns of their own, and to whom is gone no more come', async () => {
    const scene = await house({ history: 100 });
    const ada = await scene.joined(ROOM, userOf('ada'));
    const big = 'x'.repeat(Math.ceil(LIMITS.inSocket / 4));
    for (let n = 0; n < 4; n += 1) await say(ada, ROOM, big);
    scene.clock.turn();
    ada.outlet.clear();
    const pages = () => ada.outlet.got.filter((item) => item.type === 'history').length;
    const asked = Array.from({ length: 4 }, () => ada.session.history(ROOM, { limit: 4 }));
    await settled();
    expect(pages()).toBe(1);
    scene.clock.turn();
    await settled();
    expect(pages()).toBe(2);
    ada.session.close();
    scene.clock.turn();
    await Promise.all(asked);
    expect(pages()).toBe(2);
  });

  it('reach no further back than the rule keeps', async () => {
    const scene = await house({ history: 3 });
    const ada = await scene.joined(ROOM, userOf('ada'));
    for (const text of ['a', 'b', 'c', 'd', 'e']) await say(ada, ROOM, text);
    const newest = await read(ada, { limit: 2 });
    expect(newest).toMatchObject({ texts: ['d', 'e'], more: true });
    const before = newest.items[0]?.timetoken ?? 0n;
    expect(await read(ada, { limit: 5, before })).toMatchObject({ texts: ['c'], more: false });
    expect(await read(ada, { after: 1n })).toMatchObject({ texts: ['c', 'd', 'e'], more: false });
  });

  it('pass over what is not for the reader, as far as something is', async () => {
    const scene = await house({ history: 100, authenticatedMessaging: true });
    const ada = await scene.joined(ROOM, userOf('ada'));
    const guest = await scene.joined(ROOM);
    await say(ada, ROOM, 'for all');
    for (let n = 0; n < 5; n += 1) await ada.session.publish(ROOM, { to: 'authenticated' }, '"for some"');
    expect(await read(guest, { limit: 2 })).toMatchObject({ texts: ['for all'], more: false });
  });

  it('of two users are read by their ids, and by nobody else', async () => {
    const private_ = { enabled: true, authenticatedOnly: false };
    const scene = await house({ history: 100, privateMessaging: private_ });
    const ada = await scene.joined(ROOM, userOf('ada'));
    const bob = await scene.joined(ROOM, userOf('bob'));
    const eve = await scene.joined(ROOM, userOf('eve'));
    await ada.session.publish(ROOM, { to: 'user', user: 'bob' }, '"psst"');
    expect(await read(bob, { with: { user: 'ada' } })).toMatchObject({ texts: ['psst'] });
    expect(await read(ada, { with: { session: bob.session.id } })).toMatchObject({ texts: ['psst'] });
    expect(await read(eve, { with: { user: 'ada' } })).toMatchObject({ texts: [] });
    const guest = await scene.joined(ROOM);
    expect(await guest.session.history(ROOM, { with: { user: 'ada' } })).toMatchObject({ ok: false });
  });
});

it('answers of the door stand behind what is queued, and are not taken back', async () => {
  const scene = await house();
  const speaker = await scene.joined(ROOM);
  const ada = await scene.joined(ROOM, userOf('ada'));
  ada.outlet.stalled = true;
  for (let n = 0; n < 5; n += 1) {
    await say(speaker, ROOM, 'x'.repeat(20_000));
    scene.clock.turn();
  }
  ada.session.answer(new Uint8Array(3));
  expect(ada.outlet.writes.at(-1)?.length).not.toBe(3);
  ada.session.leave(ROOM);
  ada.outlet.drain();
  ada.session.drained();
  expect(ada.outlet.writes.map(({ length }) => length)).toContain(3);
});

/** Whatever can go on without time or another turn has gone on. */
async function settled(): Promise<void> {
  for (let n = 0; n < 50; n += 1) await Promise.resolve();
}
