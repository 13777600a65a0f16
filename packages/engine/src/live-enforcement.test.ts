import type { RevocationSubject } from '@portcullis/policy';
import { describe, expect, it } from 'vitest';
import { RuleConflictError } from './rule-conflict.ts';
import { LIMITS, OPEN, ruleOf, Scene, say, userOf } from './testing/scene.fixture.ts';

const MEMBERS = { presence: true, publicMessaging: { enabled: true, authenticatedOnly: false } };

function revocationOf(scene: Scene, subject: RevocationSubject) {
  const revocation = { id: scene.engine.nextId(), reason: 'test', keepUntil: Number.MAX_SAFE_INTEGER, ...subject };
  return scene.engine.commit('a', [{ type: 'revocation.put', revocation }]);
}

describe('a rule that changes', () => {
  it('cuts exactly those it covered, tells them the channel and the code, and keeps what was not written yet', async () => {
    const scene = await Scene.open([ruleOf(1, 'room/*', OPEN), ruleOf(2, 'hall', OPEN)]);
    const [inside, outside] = [await scene.joined('room/1'), await scene.joined('hall')];
    await say(inside, 'room/1', 'too late');
    const ack = await scene.put(ruleOf(1, 'room/*', { ...OPEN, enabled: false }));
    await say(outside, 'hall', 'still here');
    scene.clock.turn();
    expect(inside.outlet.lost()).toEqual(['room/1 channel.no-rule true']);
    expect(inside.outlet.texts()).toEqual([]);
    expect(outside.outlet.kinds()).toEqual(['message']);
    expect(ack.epoch).toBeGreaterThan(1);
    expect(await inside.session.publish('room/1', { to: 'everyone' }, '1')).toMatchObject({ ok: false });
  });

  it('tells those few it takes something from before it is acknowledged', async () => {
    const scene = await Scene.open([ruleOf(1, 'room/*', OPEN)]);
    const client = await scene.joined('room/1');
    scene.clock.turn();
    await scene.put(ruleOf(1, 'room/*', { ...OPEN, enabled: false }));
    expect(client.outlet.lost()).toHaveLength(1);
    expect(client.outlet.corks).toBe(0);
  });

  it('acknowledges with a timetoken that no earlier publication exceeds and every later one does', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const client = await scene.joined('room');
    const before = await client.session.publish('room', { to: 'everyone' }, '1');
    const { timetoken } = await scene.put(ruleOf(2, 'elsewhere', OPEN));
    const after = await client.session.publish('room', { to: 'everyone' }, '1');
    if (!before.ok || !after.ok) throw new Error('refused');
    expect(before.timetoken <= timetoken && timetoken < after.timetoken).toBe(true);
  });

  it('hands the names of a disabled narrow rule to a wider one, and those it admits stay', async () => {
    const scene = await Scene.open([ruleOf(1, 'room/*', MEMBERS), ruleOf(2, 'room/1', OPEN)]);
    const [guest, ada] = [await scene.joined('room/1'), await scene.joined('room/1', userOf('ada'))];
    await scene.put(ruleOf(2, 'room/1', { ...OPEN, enabled: false }));
    expect(guest.outlet.lost()).toEqual(['room/1 channel.anonymous-not-allowed true']);
    await say(ada, 'room/1', 'members now');
    scene.clock.turn();
    expect(ada.outlet.texts()).toEqual(['members now']);
  });

  it('takes over live channels when a narrower rule appears', async () => {
    const scene = await Scene.open([ruleOf(1, 'room/*', OPEN)]);
    const [here, there] = [await scene.joined('room/1'), await scene.joined('room/2')];
    await scene.put(ruleOf(2, 'room/1', MEMBERS));
    expect(here.outlet.lost()).toEqual(['room/1 channel.anonymous-not-allowed true']);
    expect(there.outlet.lost()).toEqual([]);
  });

  it('follows a rule whose target moves, for the old target and the new', async () => {
    const scene = await Scene.open([ruleOf(1, 'old', OPEN), ruleOf(2, '*', MEMBERS)]);
    const old = await scene.joined('old');
    const fresh = await scene.joined('new', userOf('ada'));
    await scene.put(ruleOf(1, 'new', OPEN));
    expect(old.outlet.lost()).toEqual(['old channel.anonymous-not-allowed true']);
    expect(fresh.outlet.lost()).toEqual([]);
  });

  it('takes presence alone away and says so; given back, the roster comes again', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const watcher = await scene.joined('room', userOf('ada'), true);
    await scene.put(ruleOf(1, 'room', { ...OPEN, presence: false }));
    expect(watcher.outlet.lost()).toEqual(['room channel.presence-off false']);
    await scene.joined('room');
    expect(watcher.outlet.kinds()).toEqual(['lost']);
    await scene.put(ruleOf(1, 'room', OPEN));
    scene.clock.turn();
    expect(watcher.outlet.kinds()).toEqual(['lost', 'roster']);
  });

  it('withdraws what waits for a slow reader', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const [slow, sender] = [await scene.joined('room'), await scene.joined('room')];
    slow.outlet.stalled = true;
    for (let i = 0; i < 5; i += 1) await say(sender, 'room', 'x'.repeat(20_000));
    scene.clock.turn();
    await say(sender, 'room', 'queued');
    scene.clock.turn();
    await scene.put(ruleOf(1, 'room', { ...OPEN, enabled: false }));
    slow.outlet.drain();
    slow.session.drained();
    expect(slow.outlet.texts()).not.toContain('queued');
    expect(slow.outlet.lost()).toEqual(['room channel.no-rule true']);
  });

  it('refuses a second enabled rule with the same target, and nothing has changed', async () => {
    const scene = await Scene.open([ruleOf(1, 'room/*', OPEN)]);
    await expect(scene.put(ruleOf(2, 'room/*', MEMBERS))).rejects.toBeInstanceOf(RuleConflictError);
    expect(scene.engine.rules('a')).toHaveLength(1);
    await scene.put(ruleOf(2, 'room/*', { ...MEMBERS, enabled: false }));
    expect(scene.engine.rules('a')).toHaveLength(2);
  });
});

describe('an identity that ends', () => {
  const cases: [string, (token: string) => RevocationSubject][] = [
    ['its token is revoked', (token) => ({ type: 'token', token })],
    ['its user is revoked', () => ({ type: 'user', user: 'ada', issuedBefore: 1_800_000_000 })],
    ['its key is revoked', () => ({ type: 'key', key: 'k1' })],
    ['everything issued before an instant is revoked', () => ({ type: 'issued-before', issuedBefore: 1_800_000_000 })],
  ];
  it.each(cases)('is cut with the reason when %s, leaves the roster, and others stay', async (_, subject) => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const principal = userOf('ada');
    const ada = await scene.joined('room', principal);
    const guest = await scene.joined('room', undefined, true);
    await revocationOf(scene, subject(principal.credentials[0]?.id ?? ''));
    expect(ada.outlet.kinds()).toEqual(['end identity.revoked']);
    expect(ada.session.ended).toBe(true);
    await say(guest, 'room', 'after');
    scene.clock.turn();
    expect(guest.outlet.kinds()).toEqual(['presence leave', 'message']);
    expect(ada.outlet.texts()).toEqual([]);
    expect(scene.engine.roster('a', 'room')).toHaveLength(1);
  });

  it('loses one channel when revoked there alone', async () => {
    const scene = await Scene.open([ruleOf(1, 'room/*', OPEN)]);
    const ada = await scene.joined('room/1', userOf('ada'));
    await ada.session.join('room/2', { presence: false, history: false });
    ada.outlet.clear();
    await revocationOf(scene, { type: 'user-channel', user: 'ada', channel: 'room/1', issuedBefore: 1_800_000_000 });
    expect(ada.outlet.lost()).toEqual(['room/1 identity.revoked true']);
    expect(ada.session.ended).toBe(false);
  });

  it('ends at its expiry by the clock, before anything is written at that instant', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const ada = await scene.joined('room', userOf('ada', { expiresAt: scene.clock.now() + 1_000 }));
    const guest = await scene.joined('room');
    scene.clock.advance(999);
    await say(guest, 'room', 'before');
    scene.clock.turn();
    scene.clock.advance(1);
    await say(guest, 'room', 'after');
    scene.clock.turn();
    expect(ada.outlet.kinds()).toEqual(['message', 'end identity.expired']);
  });

  it('is refused everywhere while banned, and may come back when the ban is lifted', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const ada = await scene.joined('room', userOf('ada'));
    const ban = { id: 1_000_007, user: 'ada', reason: 'test', hold: false };
    await scene.engine.commit('a', [{ type: 'ban.put', ban }]);
    expect(ada.outlet.kinds()).toEqual(['end identity.banned']);
    expect(() => scene.connect(userOf('ada'))).toThrow('identity.banned');
    await scene.engine.commit('a', [{ type: 'ban.delete', id: ban.id }]);
    await scene.joined('room', userOf('ada'));
  });
});

describe('kick and unsubscribe', () => {
  it('cuts one connection and holds its user off; the user’s other connections stay', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const [phone, desk] = [await scene.joined('room', userOf('ada')), await scene.joined('room', userOf('ada'))];
    const answer = await scene.engine.kick('a', phone.session.id, 60_000, 'test');
    expect(answer?.heldUntil).toBe(scene.clock.now() + 60_000);
    expect(phone.outlet.kinds()).toEqual(['end session.kicked']);
    expect(desk.outlet.kinds()).toEqual([]);
    expect(() => scene.connect(userOf('ada'))).toThrow('identity.held-off');
    scene.clock.advance(60_000);
    await scene.joined('room', userOf('ada'));
    expect(await scene.engine.kick('a', 'nobody', 0, 'test')).toBeUndefined();
  });

  it('takes a user off one channel and holds them off it', async () => {
    const scene = await Scene.open([ruleOf(1, 'room/*', OPEN)]);
    const ada = await scene.joined('room/1', userOf('ada'));
    await ada.session.join('room/2', { presence: false, history: false });
    ada.outlet.clear();
    const answer = await scene.engine.unsubscribe('a', 'ada', 'room/1', 60_000, 'test');
    expect(answer.sessions).toBe(1);
    expect(ada.outlet.lost()).toEqual(['room/1 identity.held-off true']);
    const join = { presence: false, history: false };
    expect(await ada.session.join('room/1', join)).toMatchObject({ ok: false });
    scene.clock.advance(60_000);
    expect(await ada.session.join('room/1', join)).toEqual({ ok: true });
    const once = await scene.engine.unsubscribe('a', 'ada', 'room/2', 0, 'test');
    expect(once.heldUntil).toBeNull();
    expect(ada.outlet.lost()).toContain('room/2 session.kicked true');
    expect(await ada.session.join('room/2', join)).toEqual({ ok: true });
  });
});

describe('what races with a change', () => {
  it('a join that waits for the store is decided again after it', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', { ...OPEN, history: 10 })]);
    const client = scene.connect();
    const joining = client.session.join('room', { presence: true, history: true });
    await scene.put(ruleOf(1, 'room', { ...OPEN, history: 10, enabled: false }));
    expect(await joining).toMatchObject({ ok: false, code: 'channel.no-rule' });
    expect(scene.engine.channels('a')).toEqual([]);
  });

  it('a history answer is decided again when it has been read', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', { ...OPEN, history: 10 })]);
    const client = await scene.joined('room');
    await say(client, 'room', 'secret');
    const read = scene.store.history.bind(scene.store);
    let answer = () => {};
    const asked = new Promise<void>((resolve) => {
      answer = resolve;
    });
    scene.store.history = (query) => asked.then(() => read(query));
    const asking = client.session.history('room');
    await scene.put(ruleOf(1, 'room', MEMBERS));
    answer();
    expect(await asking).toMatchObject({ ok: false });
    expect(client.outlet.kinds()).not.toContain('history');
  });

  it('a kept message that was given its place before the cut reaches those still admitted, and them alone', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', { ...OPEN, history: 10 })]);
    const [guest, ada] = [await scene.joined('room'), await scene.joined('room', userOf('ada'))];
    const saying = say(ada, 'room', 'kept');
    const cutting = scene.put(ruleOf(1, 'room', { ...MEMBERS, history: 10 }));
    await Promise.all([saying, cutting]);
    scene.clock.turn();
    expect(ada.outlet.texts()).toEqual(['kept']);
    expect(guest.outlet.lost()).toHaveLength(1);
  });

  it('widening delivers nothing from before it', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', { ...OPEN, presence: false })]);
    const watcher = await scene.joined('room', undefined, true);
    await scene.joined('room');
    const opening = scene.put(ruleOf(1, 'room', OPEN));
    await opening;
    scene.clock.turn();
    expect(watcher.outlet.kinds()).toEqual(['roster']);
  });
});

describe('a reader that is too slow', () => {
  it('is cut when it owes more than the send buffer from before this turn, and delays nobody', async () => {
    const limits = { ...LIMITS, sendBuffer: 100_000 };
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)], { definition: { limits } });
    const [slow, quick] = [await scene.joined('room'), await scene.joined('room')];
    slow.outlet.stalled = true;
    for (let i = 0; i < 20; i += 1) {
      await say(quick, 'room', 'x'.repeat(20_000));
      scene.clock.turn();
    }
    expect(slow.outlet.kinds().at(-1)).toBe('end limit.sendBuffer');
    expect(quick.outlet.texts()).toHaveLength(20);
  });

  it('goes on where it stood when it drains in time', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const [slow, quick] = [await scene.joined('room'), await scene.joined('room')];
    slow.outlet.stalled = true;
    for (let i = 0; i < 10; i += 1) {
      await say(quick, 'room', `${i}`.padEnd(20_000));
      scene.clock.turn();
    }
    slow.outlet.drain();
    slow.session.drained();
    expect(slow.outlet.texts().map((text) => text.trim())).toEqual([...'0123456789']);
  });
});

describe('two apps', () => {
  it('know nothing of each other: same names, same users, same keys', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    await scene.define('b');
    await scene.engine.commit('b', [{ type: 'rule.put', rule: ruleOf(1, 'room', OPEN) }]);
    const here = await scene.joined('room', userOf('ada'));
    const there = scene.connect(userOf('ada'), undefined, 'b');
    await there.session.join('room', { presence: true, history: false });
    scene.clock.turn();
    there.outlet.clear();
    await say(here, 'room', 'a only');
    await revocationOf(scene, { type: 'key', key: 'k1' });
    scene.clock.turn();
    expect(here.session.ended).toBe(true);
    expect(there.outlet.kinds()).toEqual([]);
  });
});

describe('a join in flight', () => {
  it('does not outlive an unsubscribe, also one that holds nobody off', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', { ...OPEN, history: 10 })]);
    const client = scene.connect(userOf('ada'));
    let answer = () => {};
    const asked = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const head = scene.store.head.bind(scene.store);
    scene.store.head = (app, channel) => asked.then(() => head(app, channel));
    const joining = client.session.join('room', { presence: false, history: false });
    const { sessions } = await scene.engine.unsubscribe('a', 'ada', 'room', 0, 'test');
    answer();
    expect(sessions).toBe(1);
    expect(await joining).toMatchObject({ ok: false, code: 'session.kicked' });
    expect(scene.engine.channels('a')).toEqual([]);
  });

  it('does not outlive a leave, and two for one channel are one', async () => {
    const scene = await Scene.open([ruleOf(1, 'room/*', { ...OPEN, history: 10 })]);
    const client = scene.connect(userOf('ada'));
    const join = (room: string) => client.session.join(room, { presence: false, history: false });
    const left = join('room/1');
    expect(client.session.leave('room/1')).toEqual({ ok: true });
    expect(await left).toMatchObject({ ok: false, code: 'channel.not-joined' });
    expect(scene.engine.channels('a')).toEqual([]);
    const twice = [join('room/2'), join('room/2')];
    expect(await Promise.all(twice)).toEqual([{ ok: true }, { ok: true }]);
    expect(scene.engine.roster('a', 'room/2')).toHaveLength(1);
  });
});
