import { afterEach, expect, it } from 'vitest';
import { APP } from '../shared/engine-stage.fixture.ts';
import { heldByEach, partOfFrame } from '../shared/idle-memory.fixture.ts';
import { ManualClock } from '../shared/manual-clock.fixture.ts';
import { createStage, HASH } from './stage.fixture.ts';

/** As they are unless an operator changes them. */
const LIMITS = { message: 32 * 1024, messageDepth: 32, pendingCommands: 64 };
/** What a socket that is in no channel may hold. */
const MOST = 4 * 1024;
/** And one that has sent part of a frame, which is held up to `limits.frameBeforeJoin`. */
const MOST_UNFINISHED = 8 * 1024;

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function held(first: Buffer): Promise<number> {
  const { engine, server } = await createStage(new ManualClock(), LIMITS);
  ends.push(() => server.close());
  const crowd = { port: server.port, path: `/rt/${HASH}`, first };
  const sessions = () => engine.sessions(APP).length;
  return heldByEach({ ...crowd, sessions, sockets: () => server.sockets }, ends);
}

it('a socket in no channel holds less than 4 KiB', { timeout: 30_000 }, async () => {
  const each = await held(Buffer.alloc(0));
  expect(each).toBeGreaterThan(500);
  expect(each).toBeLessThan(MOST);
});

it.each([
  ['nearly the largest frame it may send', { length: 4_096, sent: 4_000 }],
  ['7 000 bytes of a larger one', { length: 8_000, sent: 7_000 }],
  ['38 000 bytes of the largest there is', { length: 40_000, sent: 38_000 }],
])('and less than 8 KiB once it has sent %s', { timeout: 30_000 }, async (_, frame) => {
  const each = await held(partOfFrame(frame));
  expect(each).toBeGreaterThan(500);
  expect(each).toBeLessThan(MOST_UNFINISHED);
});
