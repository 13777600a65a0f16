// What events cost on the path of a message, in processor time, one engine beside another in one process: nobody listens, somebody listens to
// something else, and a filter looks at each message and takes none.
//   node bench/events.mjs [runs]
import { Actions } from '@portcullis/automation/actions';
import { Language } from '@portcullis/automation/cel';
import { createPost, createReach } from '@portcullis/automation/outbound';
import { Engine, MemoryBroker, MemoryStore, SILENT_LOG, SILENT_METER } from '@portcullis/engine';
import { ANONYMOUS, RULE_DEFAULTS } from '@portcullis/policy';
import { PAYLOAD } from './payload.mjs';
import { median, printTable, saveResult } from './table.mjs';

const RUNS = Number(process.argv[2] ?? 11);
const MESSAGES = 20_000;
const off = Number.POSITIVE_INFINITY;
const DEFINITION = {
  app: 'a',
  settings: {
    ...{ enabled: true, rules: true, grants: false, open: false, patternMatch: 'full', unboundTokens: 'stated' },
    ...{ groupAdd: 'covered', explainToClients: 'full', historyMax: 0, historyDefault: 0, historyWiden: false },
    features: {},
  },
  limits: {
    ...{ message: 32_768, messageDepth: 64, channelsPerConnection: 10, historyChannels: 10, sendBuffer: off },
    ...{ inSocket: off, joinTimeout: 60_000, rosterMax: 10, extras: 2_048, pendingCommands: 10 },
    ...{ ratePerConnection: off, ratePerUser: off, ratePerChannel: off, ratePerApp: off },
  },
  fileRules: [
    {
      ...RULE_DEFAULTS,
      ...{ target: 'room', id: 1, version: 0, origin: 'file', anonymousClients: true },
      publicMessaging: { enabled: true, authenticatedOnly: false },
    },
  ],
};

let ids = 0;
const id = () => `id-${++ids}`;
const clock = {
  now: () => Date.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, ms).unref();
    return () => clearTimeout(timer);
  },
  endOfTurn: (fn) => void setImmediate(fn),
};
const policy = () => ({ private: 'deny' });

function listen(engine, listeners) {
  const actions = new Actions({
    ...{ store: new MemoryStore(), clock, log: SILENT_LOG, random: Math.random, eventId: id },
    ...{
      language: new Language(() => performance.now()),
      post: createPost(policy),
      reach: createReach(policy),
      engine,
    },
  });
  const limits = { outbox: 1_000, outboxBytes: 1e9, deadLetters: 1, actionHops: 1, deniedEvents: 1 };
  actions.define({ app: 'a', subscribeKey: '', listeners, limits });
  return actions;
}

async function publisher(listeners) {
  const ports = {
    broker: new MemoryBroker({ clock, ids: { session: id, epoch: id } }),
    store: new MemoryStore(),
    clock,
  };
  const events = listeners && listen(() => engine, listeners);
  const engine = new Engine({
    ...{ ...ports, ids: { session: id, epoch: id }, log: SILENT_LOG, meter: SILENT_METER },
    ...(events && { events }),
  });
  await engine.define(DEFINITION, null);
  const bytes = new Uint8Array(8);
  const codec = new Proxy({}, { get: () => () => bytes });
  const outlet = new Proxy({ buffered: () => 0 }, { get: (target, name) => target[name] ?? (() => true) });
  const session = engine.connect({ app: 'a', principal: ANONYMOUS, outlet, codec, door: 'bench', address: '' });
  await session.join('room', { presence: false, history: false });
  return session;
}

const listener = (on, filter) => ({
  ...{ name: 'listener', description: '', enabled: true, origin: 'file', on, filter },
  do: [
    {
      ...{
        id: 'publish',
        target: { kind: 'publish', to: { channel: 'elsewhere' } },
        batch: null,
        timeout: 1_000,
        concurrency: 1,
      },
      ...{ envelope: { form: 'event', enveloped: false }, retry: { attempts: 1, base: 1, max: 1 } },
    },
  ],
});

const CASES = {
  'no events': await publisher(null),
  'nobody listens': await publisher([]),
  'somebody listens to bans': await publisher([listener(['ban.*'], null)]),
  'a filter takes none': await publisher([listener(['message.*'], { cel: 'event.channel == "elsewhere"' })]),
  'a filter reads payloads, and takes none': await publisher([
    listener(['message.*'], { cel: 'event.data.message == "elsewhere"' }),
  ]),
};

/** µs of processor time for one message. */
async function run(session) {
  const began = process.cpuUsage();
  for (let n = 1; n <= MESSAGES; n += 1) {
    await session.publish('room', { to: 'everyone' }, PAYLOAD);
    if (n % 128 === 0) await new Promise(setImmediate);
  }
  const { user, system } = process.cpuUsage(began);
  return (user + system) / MESSAGES;
}

const names = Object.keys(CASES);
const samples = [];
for (let round = 0; round < RUNS + 2; round += 1) {
  // Not always the same first: what comes second finds the machine in another state.
  const order = [...names.slice(round % names.length), ...names.slice(0, round % names.length)];
  const sample = {};
  for (const name of order) sample[name] = await run(CASES[name]);
  if (round >= 2) samples.push(sample);
}
const results = names.map((name) => ({
  name,
  microseconds: median(samples.map((sample) => sample[name])),
  ratio: median(samples.map((sample) => sample[name] / sample['no events'])),
}));
printTable(
  `Events on the path of a message, medians of ${RUNS} runs in turns`,
  ['', 'processor time, µs/message', 'beside no events'],
  results.map(({ name, microseconds, ratio }) => [name, microseconds.toFixed(2), ratio.toFixed(3)]),
);
saveResult('events', { command: `node bench/events.mjs ${RUNS}`, results, samples });
process.exit(0);
