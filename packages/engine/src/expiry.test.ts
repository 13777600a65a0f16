import { expect, it } from 'vitest';
import { ExpiryQueue } from './expiry.ts';
import { OPEN, ruleOf, Scene, userOf } from './testing/scene.fixture.ts';

it('what has ended otherwise is cleared out, and what is left ends in order', () => {
  const queue = new ExpiryQueue<{ readonly expiresAt: number; ended: boolean }>();
  const kept = [];
  for (let n = 0; n < 5_000; n += 1) {
    const item = { expiresAt: 1 + ((n * 7_919) % 5_000), ended: false };
    queue.add(item);
    if (n % 50 === 0) kept.push(item.expiresAt);
    else {
      item.ended = true;
      queue.ended(item);
    }
  }
  expect(queue.size).toBeLessThan(300);
  expect([...queue.due(10_000)].map(({ expiresAt }) => expiresAt)).toEqual(kept.sort((a, b) => a - b));
});

it('a connection that is gone is not held on to until its proof would have ended', async () => {
  const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
  const expiresAt = scene.clock.now() + 86_400_000;
  const ends = new ExpiryQueue<{ readonly expiresAt: number; readonly ended: boolean }>();
  const item = { expiresAt: Number.POSITIVE_INFINITY, ended: true };
  for (let n = 0; n < 200; n += 1) ends.ended(item);
  expect(ends.size).toBe(0);
  for (let n = 0; n < 300; n += 1) scene.connect(userOf('ada', { expiresAt })).session.close();
  const last = scene.connect(userOf('ada', { expiresAt }));
  await last.session.join('room', { presence: false, history: false });
  scene.clock.advance(86_400_000);
  expect(last.outlet.kinds()).toEqual(['joined', 'end identity.expired']);
});
