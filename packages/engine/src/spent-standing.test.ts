import type { Ban } from '@portcullis/policy';
import { describe, expect, it } from 'vitest';
import { OPEN, ruleOf, Scene, userOf } from './testing/scene.fixture.ts';

const MINUTE = 60_000;

function ban(scene: Scene, more: Partial<Ban> = {}) {
  const entry = { id: scene.engine.nextId(), user: 'ada', reason: 'test', hold: false, ...more };
  return scene.engine.commit('a', [{ type: 'ban.put', ban: entry }]);
}

function revoke(scene: Scene, token: string, keepUntil: number) {
  const revocation = { id: scene.engine.nextId(), type: 'token', token, reason: 'test', keepUntil } as const;
  return scene.engine.commit('a', [{ type: 'revocation.put', revocation }]);
}

async function standing(scene: Scene) {
  const { bans, revocations } = scene.engine.source('a');
  const stored = (await scene.store.load()).apps[0];
  expect([stored?.bans, stored?.revocations]).toEqual([bans, revocations]);
  return { bans: bans.length, revocations: revocations.length };
}

describe('bans, holds and revocations that are over', () => {
  it('go with the next commit, from the policy and from the store; what is in force stays', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const until = scene.clock.now() + MINUTE;
    await ban(scene, { until });
    await ban(scene, { until: until + 1 });
    await ban(scene);
    await revoke(scene, 'one', until);
    await revoke(scene, 'two', until + 1);
    const ada = await scene.joined('room', userOf('bo'));
    await scene.engine.kick('a', ada.session.id, MINUTE, 'test');
    expect(await standing(scene)).toEqual({ bans: 4, revocations: 2 });
    scene.clock.advance(MINUTE);
    expect(await standing(scene)).toEqual({ bans: 4, revocations: 2 });
    await scene.put(ruleOf(2, 'elsewhere', OPEN));
    expect(await standing(scene)).toEqual({ bans: 2, revocations: 1 });
    expect(() => scene.connect(userOf('ada'))).toThrow('identity.banned');
    expect(scene.engine.source('a').revocations).toMatchObject([{ token: 'two' }]);
  });

  it('go a thousand at a time', async () => {
    const scene = await Scene.open();
    const until = scene.clock.now() + MINUTE;
    const entries = Array.from({ length: 1_500 }, (_, n) => ({ id: 2_000_000 + n, user: `u${n}`, until }));
    await scene.engine.commit(
      'a',
      entries.map((entry) => ({ type: 'ban.put', ban: { ...entry, reason: 'test', hold: true } }) as const),
    );
    scene.clock.advance(MINUTE);
    for (const left of [500, 0, 0]) {
      await scene.engine.commit('a', []);
      expect(await standing(scene)).toEqual({ bans: left, revocations: 0 });
    }
  });

  it('stay when their commit fails, and one that is put anew stays in force', async () => {
    const scene = await Scene.open();
    const id = scene.engine.nextId();
    await ban(scene, { id, until: scene.clock.now() + MINUTE });
    scene.clock.advance(MINUTE);
    const { commit } = scene.store;
    scene.store.commit = () => Promise.reject(new Error('no'));
    await expect(scene.engine.commit('a', [])).rejects.toThrow('no');
    scene.store.commit = commit;
    expect(await standing(scene)).toEqual({ bans: 1, revocations: 0 });
    await ban(scene, { id, until: scene.clock.now() + MINUTE });
    expect(await standing(scene)).toEqual({ bans: 1, revocations: 0 });
    expect(() => scene.connect(userOf('ada'))).toThrow('identity.banned');
  });
});
