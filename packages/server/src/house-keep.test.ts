import { expect, test } from 'vitest';
import { sweep } from './house-keep.ts';
import { inProcess } from './in-process.fixture.ts';

test('what has ended is swept away, and what stands stays', async () => {
  const { parts, admin } = await inProcess();
  const { engine, clock } = parts;
  await engine.commit('shop', [
    { type: 'ban.put', ban: { id: engine.nextId(), user: 'ended', until: clock.now() - 1, reason: '', hold: true } },
    {
      type: 'revocation.put',
      revocation: { id: engine.nextId(), type: 'jti', jti: 'over', reason: '', keepUntil: clock.now() - 1 },
    },
  ]);
  await admin('POST', '/apps/shop/bans', { user: 'stands' });
  await admin('POST', '/apps/shop/revocations', { jti: 'stands' });
  await sweep('shop', parts);
  const { bans, revocations, epoch } = engine.source('shop');
  expect(bans).toMatchObject([{ user: 'stands' }]);
  expect(revocations).toMatchObject([{ jti: 'stands' }]);
  await sweep('shop', parts);
  expect(engine.source('shop').epoch).toBe(epoch);
});
