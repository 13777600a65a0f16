import { ANONYMOUS } from '@portcullis/policy';
import { expect, it } from 'vitest';
import { OPEN, ruleOf, Scene } from './testing/scene.fixture.ts';

const ROOMS = ['room/1', 'room/2', 'room/3', 'room/4', 'room/5'] as const;
const MANY = 150;

it('tells a session in one write what an edit takes from it in several channels, over however many turns it is carried out', async () => {
  const scene = await Scene.open([ruleOf(1, 'room/*', OPEN)]);
  const clients = Array.from({ length: MANY }, () => scene.connect(ANONYMOUS));
  for (const { session } of clients) {
    for (const room of ROOMS) await session.join(room, { presence: false, history: false });
  }
  scene.clock.turn();
  let turn = 0;
  const endTurn = scene.clock.turn.bind(scene.clock);
  scene.clock.turn = () => {
    turn += 1;
    endTurn();
  };
  const toldIn = clients.map(({ outlet }) => {
    outlet.clear();
    const turns = new Set<number>();
    const write = outlet.write.bind(outlet);
    outlet.write = (bytes) => {
      turns.add(turn);
      write(bytes);
    };
    return turns;
  });
  // Time passes while it is decided: no slice is long enough for all.
  const now = scene.clock.now.bind(scene.clock);
  let looks = 0;
  scene.clock.now = () => now() + Math.floor(++looks / 20);

  await scene.engine.commit('a', [{ type: 'rule.put', rule: ruleOf(1, 'room/*', { ...OPEN, enabled: false }) }]);
  for (let left = 1_000; left > 0 && clients.some(({ outlet }) => outlet.kinds().length < ROOMS.length); left -= 1) {
    scene.clock.turn();
    scene.clock.advance(1);
  }
  for (const { outlet } of clients) expect(outlet.kinds()).toEqual(ROOMS.map(() => 'lost'));
  expect(toldIn.map((turns) => turns.size)).toEqual(clients.map(() => 1));
  expect(new Set(toldIn.flatMap((turns) => [...turns])).size).toBeGreaterThan(1);
});
