// One engine with one app, in this process, with or without a trigger.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPost } from '@portcullis/automation/outbound';
import { TriggerRuntime } from '@portcullis/automation/triggers';
import { Engine, MemoryBroker, MemoryStore, SILENT_LOG, SILENT_METER } from '@portcullis/engine';
import { ANONYMOUS, ruleFromSpec } from '@portcullis/policy';

export const TEXT = '{"text":"oh darn, says somebody in a room"}';
export const EVERYONE = { to: 'everyone' };
export const ROOM = 'room/1';

const APP = 'a';
const STEPS = {
  cel: {
    does: 'change',
    set: [['text', '"****"']],
    remove: [],
    when: 'action == "message" && payload.text.contains("darn")',
  },
  function: { does: 'function', name: 'mask', timeout: 5_000, returns: 'native' },
  http: {
    does: 'http',
    url: process.env.HOOK,
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    timeout: 30_000,
    returns: 'native',
  },
};
/** What the trigger of a case does, and on which channels; without one, the app has none. */
const TRIGGERS = {
  elsewhere: ['other/*', STEPS.cel],
  cel: ['room/*', STEPS.cel],
  function: ['room/*', STEPS.function],
  http: ['room/*', STEPS.http],
};
const MASK =
  'export default ({ payload }) => ({ allow: true, payload: { text: payload.text.replace("darn", "****") } });';

const off = Number.POSITIVE_INFINITY;
const SETTINGS = {
  ...{ enabled: true, rules: true, grants: false, open: false, patternMatch: 'full', unboundTokens: 'stated' },
  ...{ groupAdd: 'covered', explainToClients: 'full', historyMax: 0, historyDefault: 0, historyWiden: false },
  features: {},
};
const LIMITS = {
  ...{ message: 32_768, messageDepth: 32, triggerHops: 3, channelsPerConnection: 10, historyChannels: 10 },
  ...{ sendBuffer: off, inSocket: off, joinTimeout: 60_000, rosterMax: 10, extras: 2_048, pendingCommands: off },
  ...{ ratePerConnection: off, ratePerUser: off, ratePerChannel: off, ratePerApp: off },
};
const clock = {
  now: () => Date.now(),
  after: (ms, fn) => {
    const timer = setTimeout(fn, ms).unref();
    return () => clearTimeout(timer);
  },
  endOfTurn: (fn) => void setImmediate(fn),
};
let ids = 0;
const id = () => `id-${++ids}`;

export async function openApp(name, folder) {
  const ports = { clock, ids: { session: id, epoch: id }, log: SILENT_LOG };
  const engine = new Engine({
    ...{ ...ports, broker: new MemoryBroker(ports), store: new MemoryStore(), meter: SILENT_METER },
  });
  const rule = ruleFromSpec(
    { target: 'room/*', nested: true, anonymousClients: true, publicMessaging: { enabled: true } },
    { id: 1, version: 0, origin: 'file' },
  );
  const { source, runtime } = await triggersOf(name, folder, engine);
  const definition = { app: APP, settings: SETTINGS, limits: LIMITS, fileRules: [rule] };
  await engine.define(source ? { ...definition, triggers: source } : definition, null);
  const stack = source?.compile([]).stacksFor(rule)?.message;
  // One object written out for each call: put together of parts, it would cost as much as a gate.
  const message = () => ({
    app: APP,
    principal: ANONYMOUS,
    channel: ROOM,
    target: EVERYONE,
    kind: 'message',
    store: true,
    data: TEXT,
  });
  const call = () => ({
    action: 'message',
    app: APP,
    channel: ROOM,
    rule,
    principal: ANONYMOUS,
    session: '',
    at: clock.now(),
    kind: 'message',
    target: EVERYONE,
    data: TEXT,
    store: true,
    fire: false,
    hops: 0,
  });
  return {
    connect: (counting) => connect(engine, counting),
    /** One message by one who holds no connection: decided and given its place; nobody listens. */
    publish: () => engine.stateless.publishAs(message()),
    /** One decision of the stack alone, of a call as the engine makes it. */
    decide: () => stack.run(call()),
    whyFailed: () => JSON.stringify(runtime?.runs(APP).latest(1)[0]?.steps[0]?.error),
  };
}

async function triggersOf(name, folder, engine) {
  if (!TRIGGERS[name]) return {};
  const [channel, step] = TRIGGERS[name];
  writeFileSync(join(folder, 'mask.ts'), MASK);
  const runtime = new TriggerRuntime({
    ...{ clock, log: SILENT_LOG, measure: () => performance.now(), memory: () => process.memoryUsage.rss(), id },
    ...{ post: createPost(() => ({ private: 'allow' })), publishAs: (call) => engine.stateless.publishAs(call) },
    ...{ observe: () => {}, onFunctionsChanged: () => {} },
  });
  const trigger = {
    ...{ id: 1, origin: 'file', channel, on: ['message'], enabled: true, description: '', publishes: [] },
    steps: [{ onError: 'block', ...step }],
  };
  const functions = {
    ...{ folder, workers: 1, memory: 64, pending: 10_000, wait: 60_000, longest: 65_536, publishes: 10, env: {} },
  };
  const { source } = await runtime.prepare({
    ...{ app: APP, fromFile: [trigger], stored: [], rules: true, functions, read: () => {} },
  });
  return { source, runtime };
}

const BYTES = new Uint8Array(8);
const CODEC = { name: 'bench', publications: () => BYTES, notice: () => BYTES };

async function connect(engine, counting = { frames: 0 }) {
  const outlet = {
    write: () => {
      counting.frames += 1;
    },
    buffered: () => 0,
    cork() {},
    uncork() {},
    end() {},
  };
  const session = engine.connect({ app: APP, principal: ANONYMOUS, outlet, codec: CODEC, door: 'bench', address: '' });
  const joined = await session.join(ROOM, { presence: false, history: false });
  if (!joined.ok) throw new Error(joined.code);
  return session;
}
