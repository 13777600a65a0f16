import { SUBPROTOCOL } from '@portcullis/protocol';
import { afterEach, expect, it } from 'vitest';
import { textOf } from '../shared/client-frames.fixture.ts';
import { APP } from '../shared/engine-stage.fixture.ts';
import { heldByEach, partOfFrame } from '../shared/idle-memory.fixture.ts';
import { ManualClock } from '../shared/manual-clock.fixture.ts';
import { createStage, KEY } from './stage.fixture.ts';

const CONNECT = textOf('{"type":"connect","id":1}');
/** What a socket that is connected, in no channel, and has sent part of a frame may hold. */
const MOST = 8 * 1024;

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

it.each([
  ['nothing more', Buffer.alloc(0)],
  ['nearly the largest frame it may send', partOfFrame({ length: 4_096, sent: 4_000 })],
  ['most of a larger one', partOfFrame({ length: 7_000, sent: 6_900 })],
])('a socket in no channel that has sent %s holds less than 8 KiB', { timeout: 30_000 }, async (_, part) => {
  const { engine, server } = await createStage(new ManualClock());
  ends.push(() => server.close());
  const crowd = { port: server.port, path: `/v1/connect?key=${KEY}`, protocol: SUBPROTOCOL };
  const first = Buffer.concat([CONNECT, part]);
  const sessions = () => engine.sessions(APP).length;
  const each = await heldByEach({ ...crowd, first, sessions, sockets: () => server.sockets }, ends);
  expect(each).toBeGreaterThan(500);
  expect(each).toBeLessThan(MOST);
});
