import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { EngineApi } from '@portcullis/engine';
import { ruleFromSpec } from '@portcullis/policy';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BACKEND, ENGINE_LIMITS } from '../shared/engine-stage.fixture.ts';
import { readToEnd, until } from '../shared/loopback.fixture.ts';
import { ManualClock } from '../shared/manual-clock.fixture.ts';
import { readSomeFrames } from '../shared/read-frames.fixture.ts';
import { Caller, type DoorServer, rawCaller } from './door-server.fixture.ts';
import { createStage, HASH } from './stage.fixture.ts';

const JOIN = '{"action":"join","options":{"channel":"room"},"payload":{"history":false,"presence":false}}';

let clock: ManualClock;
let engine: EngineApi;
let server: DoorServer;
let deaf: Socket;
let hearing: Caller;

beforeEach(async () => {
  clock = new ManualClock();
  ({ engine, server } = await createStage(clock));
  const spec = { target: 'room', anonymousClients: true };
  const rule = ruleFromSpec(spec, { id: engine.nextId(), version: 0, origin: 'store' });
  await engine.commit('demo', [{ type: 'rule.put', rule }]);
  deaf = await rawCaller(server.port, HASH);
  deaf.write(masked(JOIN));
  deaf.pause();
  await until(() => engine.sessions('demo', { channel: 'room' }).length === 1, 'the first is joined');
  hearing = await new Caller(server.port, HASH).opened();
  hearing.send(JOIN);
  await until(() => hearing.heard.length === 1, 'the second is joined');
});
afterEach(async () => {
  deaf.destroy();
  hearing.ws.terminate();
  await server.close();
});

function masked(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}

async function publish(count: number): Promise<void> {
  const data = JSON.stringify('x'.repeat(60_000));
  for (let n = 0; n < count; n++) {
    await engine.event({ app: 'demo', channel: 'room', data, principal: BACKEND });
    await new Promise((resolve) => setImmediate(resolve));
  }
}
const sessions = () => engine.sessions('demo').map(({ id }) => id);

it('a peer that has stopped reading owes no more than allowed, is cut and reset; the others miss nothing', async () => {
  let count = 0;
  let most = 0;
  for (; sessions().length === 2; count++) {
    if (count > 2_000) throw new Error('never cut');
    await publish(1);
    most = Math.max(most, ...engine.sessions('demo').map(({ queued }) => queued));
  }
  expect(most).toBeLessThan(ENGINE_LIMITS.sendBuffer + 200_000);
  await publish(3);
  await until(() => hearing.heard.length === count + 4, 'the others heard all');
  clock.advance(1_000);
  const { bytes } = await readToEnd(deaf);
  const { frames } = readSomeFrames(bytes);
  expect(frames.length).toBeLessThan(count);
  expect(frames.every(({ opcode }) => opcode === 1)).toBe(true);
});

it('a kicked peer that has stopped reading gets nothing of what was queued, and is reset', async () => {
  const [kicked = ''] = sessions();
  let count = 0;
  for (; (engine.sessions('demo')[0]?.queued ?? 0) === 0; count++) await publish(1);
  await engine.kick('demo', kicked, 0, 'enough');
  await publish(5);
  clock.advance(1_000);
  const { bytes } = await readToEnd(deaf);
  expect(readSomeFrames(bytes).frames.filter(({ opcode }) => opcode === 1).length).toBeLessThanOrEqual(count + 1);
  expect(sessions()).toHaveLength(1);
});

it('a kicked peer that ignores the close frame hears nothing after it, and is reset', async () => {
  const [kicked = ''] = sessions();
  await engine.kick('demo', kicked, 0, 'enough');
  await publish(5);
  const { bytes } = await readToEnd(deaf);
  const { frames, rest } = readSomeFrames(bytes);
  expect(rest).toHaveLength(0);
  expect(frames.map(({ opcode }) => opcode)).toEqual([1, 1, 8]);
  expect(frames[2]?.payload.readUInt16BE(0)).toBe(4403);
  deaf.write(masked(JOIN));
  clock.advance(1_000);
  deaf.write(masked(JOIN));
  await once(deaf, 'close').catch(() => {});
  expect(sessions()).toHaveLength(1);
});
