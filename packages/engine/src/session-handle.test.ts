import { expect, it } from 'vitest';
import { Scene } from './testing/scene.fixture.ts';

it('a refusal of the door’s own stays one, whatever else its argument carries', async () => {
  const scene = await Scene.open();
  const { session, outlet } = scene.connect();
  const stray = { code: 'channel.not-joined', message: 'no', type: 'joined' } as const;
  session.refuse(stray);
  expect(outlet.got).toEqual([{ type: 'refused', code: 'channel.not-joined', message: 'no' }]);
});
