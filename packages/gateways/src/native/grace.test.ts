import { ruleFromSpec } from '@portcullis/policy';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { APP } from '../shared/engine-stage.fixture.ts';
import { until } from '../shared/loopback.fixture.ts';
import { ManualClock } from '../shared/manual-clock.fixture.ts';
import { Caller, createStage, type Said, type Stage } from './stage.fixture.ts';

const GRACE = 8_000;

let stage: Stage;
let callers: Caller[];
let watcher: Caller;

beforeEach(async () => {
  callers = [];
  await open(GRACE);
});
afterEach(close);

async function open(presenceGrace: number): Promise<void> {
  stage = await createStage(new ManualClock(), {}, { presenceGrace });
  const spec = { target: 'room', anonymousClients: true, presence: true } as const;
  const rule = ruleFromSpec(spec, { id: stage.engine.nextId(), version: 0, origin: 'store' });
  await stage.engine.commit(APP, [{ type: 'rule.put', rule }]);
  watcher = (await arrive('bob')).caller;
}
async function close(): Promise<void> {
  for (const caller of callers) caller.ws.terminate();
  await stage.server.close();
}

/** Connects, and joins with presence. */
async function arrive(token?: string, resume?: unknown): Promise<{ caller: Caller; connected: Said }> {
  const caller = await new Caller(stage.server.port).opened();
  callers.push(caller);
  caller.send({ type: 'connect', id: 1, ...(token && { token }), ...(resume !== undefined && { resume }) });
  caller.send({ type: 'join', id: 2, channel: 'room', presence: true });
  await until(() => of(caller, 'roster').length > 0 || caller.closed !== undefined, 'it is in, or refused');
  return { caller, connected: of(caller, 'connected')[0] ?? {} };
}
const of = (caller: Caller, type: string): Said[] => caller.said.filter((said) => said.type === type);
const changes = () => of(watcher, 'presence').map(({ action }) => action);
const isAway = () => stage.engine.sessions(APP).some(({ away }) => away);
const heardAgain = async () => {
  watcher.send({ type: 'ping', id: 99 });
  const pongs = of(watcher, 'pong').length;
  await until(() => of(watcher, 'pong').length > pongs, 'what was told before has come');
};

it.each(['ada', undefined])('a line that breaks and is back within the grace was never away: %s', async (token) => {
  const { caller, connected } = await arrive(token);
  expect(connected.resume).toMatch(/^s\d+\.s\d+$/);
  for (let round = 0; round < 3; round += 1) {
    callers.at(-1)?.ws.terminate();
    await until(isAway, 'the door has noticed');
    stage.clock.advance(GRACE - 1);
    const back = await arrive(token, connected.resume);
    expect(back.connected).toMatchObject({ session: connected.session, resume: connected.resume });
    expect(of(back.caller, 'roster')[0]).toMatchObject({ total: 2 });
  }
  stage.clock.advance(GRACE);
  await heardAgain();
  expect(changes()).toEqual(['join']);
  expect(caller.ws.readyState).toBe(caller.ws.CLOSED);
});

it('has left when the grace is over', async () => {
  const { caller, connected } = await arrive('ada');
  caller.ws.terminate();
  await until(isAway, 'the door has noticed');
  stage.clock.advance(GRACE);
  await until(() => changes().length === 2, 'it is told');
  expect(changes()).toEqual(['join', 'leave']);
  expect((await arrive('ada', connected.resume)).connected.session).not.toBe(connected.session);
});

it.each([
  ['says goodbye', 1000],
  ['gives no reason', undefined],
])('leaves at once when it %s', async (_, code) => {
  const { caller } = await arrive('ada');
  caller.ws.close(code);
  await until(() => changes().length === 2, 'it is told');
  expect([changes(), isAway()]).toEqual([['join', 'leave'], false]);
});

it('is expected back when its page is left, or it gives the connection up', async () => {
  for (const code of [1001, 4000]) {
    const { caller } = await arrive();
    caller.ws.close(code);
    await until(isAway, 'the door has noticed');
    stage.clock.advance(GRACE);
    expect(isAway()).toBe(false);
  }
});

it('takes the place of a line that broke and nobody noticed', async () => {
  const { caller, connected } = await arrive('ada');
  const back = await arrive('ada', connected.resume);
  await until(() => caller.closed !== undefined, 'the line before is ended');
  expect(back.connected.session).toBe(connected.session);
  await heardAgain();
  expect(changes()).toEqual(['join']);
});

it('names no way back where there is no grace, and takes none', async () => {
  await close();
  await open(0);
  const { caller, connected } = await arrive('ada');
  expect(connected).not.toHaveProperty('resume');
  caller.ws.terminate();
  await until(() => changes().length === 2, 'it is told');
  expect((await arrive('ada', `${connected.session}.x`)).connected.session).not.toBe(connected.session);
});

it.each([7, '', 'x'.repeat(129)])('is refused a way back of another form: %j', async (resume) => {
  const { caller } = await arrive('ada', resume);
  expect(caller.closed?.code).toBe(4500);
});
