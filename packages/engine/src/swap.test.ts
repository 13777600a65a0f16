import { describe, expect, it } from 'vitest';
import { OPEN, ruleOf, Scene, say, userOf } from './testing/scene.fixture.ts';

const ROOM = 'room/1';
const GRACE = 30_000;

async function house() {
  return Scene.open([ruleOf(1, 'room/*', { ...OPEN, authenticatedMessaging: true })]);
}

async function present(scene: Scene, expiresAt = Number.POSITIVE_INFINITY) {
  const client = scene.connect(userOf('ada', { expiresAt }), undefined, 'a', GRACE);
  await client.session.join(ROOM, { presence: false, history: false });
  scene.clock.turn();
  client.outlet.clear();
  return client;
}

describe('another token on a live connection', () => {
  it('takes the place of the one before: the session goes on past its end', async () => {
    const scene = await house();
    const speaker = await scene.joined(ROOM);
    const ada = await present(scene, scene.clock.now() + 1_000);
    const swapped = ada.session.swap(userOf('ada', { expiresAt: scene.clock.now() + 5_000 }));
    expect(swapped).toEqual({ ok: true, expiresAt: scene.clock.now() + 5_000 });
    scene.clock.advance(2_000);
    await say(speaker, ROOM, 'still here');
    scene.clock.turn();
    expect(ada.outlet.texts()).toEqual(['still here']);
    scene.clock.advance(3_000);
    expect(ada.outlet.lost()).toEqual(['room/1 identity.expired true']);
  });

  it('is found by its own revocation, and no longer by that of the one before', async () => {
    const scene = await house();
    const ada = await present(scene);
    const before = ada.session.principal.credentials[0]?.id ?? '';
    const next = userOf('ada');
    ada.session.swap(next);
    const revoke = (token: string) => {
      const id = scene.engine.nextId();
      const revocation = { id, type: 'token', token, reason: 'test', keepUntil: Number.MAX_SAFE_INTEGER } as const;
      return scene.engine.commit('a', [{ type: 'revocation.put', revocation }]);
    };
    await revoke(before);
    expect(ada.outlet.got).toEqual([]);
    await revoke(next.credentials[0]?.id ?? '');
    expect(ada.outlet.lost()).toEqual(['room/1 identity.revoked true']);
  });

  it('is refused for anybody else, and changes nothing then', async () => {
    const scene = await house();
    const ada = await present(scene);
    expect(ada.session.swap(userOf('bob'))).toMatchObject({ ok: false, code: 'identity.user-mismatch' });
    expect(ada.session.principal).toMatchObject({ user: 'ada' });
  });

  it('that does not hold is refused, and the one before goes on', async () => {
    const scene = await house();
    const ada = await present(scene);
    const swapped = ada.session.swap(userOf('ada', { expiresAt: scene.clock.now() }));
    expect(swapped).toMatchObject({ ok: false, code: 'identity.expired' });
    await say(ada, ROOM, 'on');
    scene.clock.turn();
    expect(ada.outlet.texts()).toEqual(['on']);
  });

  it('takes effect between two messages: what it admits counts from then on, what both admit has no gap', async () => {
    const scene = await house();
    const ada = await present(scene);
    const event = (data: string, table: number) =>
      scene.engine.event({
        app: 'a',
        channel: ROOM,
        data,
        table,
        principal: { kind: 'server', name: 's', credentials: [] },
      });
    await event('"before"', 2);
    await event('"own"', 1);
    const speaker = await scene.joined(ROOM);
    ada.session.swap(userOf('ada', { table: 2 }));
    await say(speaker, ROOM, 'to all');
    await event('"after"', 2);
    await event('"no longer own"', 1);
    scene.clock.turn();
    expect(ada.outlet.texts()).toEqual(['own', 'to all', 'after']);
  });

  it('shows in the roster what it says of its user', async () => {
    const scene = await house();
    const ada = await present(scene);
    ada.session.swap(userOf('ada', { extras: { name: 'Ada L.' } }));
    expect(scene.engine.roster('a', ROOM)).toMatchObject([{ user: 'ada', extras: { name: 'Ada L.' } }]);
  });
});

describe('a connection whose token no longer holds', () => {
  it('loses its channels, is told so, and is ended when no other comes in time', async () => {
    const scene = await house();
    const ada = await present(scene, scene.clock.now() + 1_000);
    scene.clock.advance(1_000);
    expect(ada.outlet.got).toMatchObject([
      { type: 'lost', channel: ROOM, code: 'identity.expired', left: true },
      { type: 'token-expired', code: 'identity.expired', grace: GRACE },
    ]);
    expect(scene.engine.roster('a', ROOM)).toEqual([]);
    scene.clock.advance(GRACE);
    expect(ada.outlet.kinds().at(-1)).toBe('end identity.expired');
  });

  it('may do nothing meanwhile', async () => {
    const scene = await house();
    const ada = await present(scene, scene.clock.now() + 1_000);
    scene.clock.advance(1_000);
    const expired = { ok: false, code: 'identity.expired' };
    expect(ada.session.join(ROOM, { presence: false, history: false })).toMatchObject(expired);
    expect(ada.session.publish(ROOM, { to: 'everyone' }, '1')).toMatchObject(expired);
    expect(ada.session.history(ROOM)).toMatchObject(expired);
    expect(ada.session.roster(ROOM)).toMatchObject(expired);
    expect(ada.session.setState(ROOM, null)).toMatchObject(expired);
  });

  it('goes on with another token; what it lost it has to join again', async () => {
    const scene = await house();
    const ada = await present(scene, scene.clock.now() + 1_000);
    const speaker = await scene.joined(ROOM);
    scene.clock.advance(1_000);
    expect(ada.session.swap(userOf('ada'))).toMatchObject({ ok: true });
    await say(speaker, ROOM, 'not for it');
    expect(await ada.session.join(ROOM, { presence: false, history: false })).toEqual({ ok: true });
    await say(speaker, ROOM, 'for it');
    scene.clock.advance(GRACE * 2);
    expect(ada.outlet.texts()).toEqual(['for it']);
    expect(ada.session.ended).toBe(false);
  });

  it('is ended at once when it is banned: another token would not help', async () => {
    const scene = await house();
    const ada = await present(scene);
    const ban = { id: scene.engine.nextId(), user: 'ada', reason: 'test', hold: false };
    await scene.engine.commit('a', [{ type: 'ban.put', ban }]);
    expect(ada.outlet.kinds()).toEqual(['end identity.banned']);
  });

  it('is ended at once at a door that has no way to get another', async () => {
    const scene = await house();
    const ada = await scene.joined(ROOM, userOf('ada', { expiresAt: scene.clock.now() + 1_000 }));
    scene.clock.advance(1_000);
    expect(ada.outlet.kinds()).toEqual(['end identity.expired']);
  });
});
