// What triggers cost: messages decided a second with none and with one CEL step, calls of one worker, calls of an endpoint.
//   node bench/triggers.mjs [runs]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPost } from '@portcullis/automation/outbound';
import { TriggerRuntime } from '@portcullis/automation/triggers';
import { Engine, MemoryBroker, MemoryStore, SILENT_LOG, SILENT_METER } from '@portcullis/engine';
import { ruleFromSpec } from '@portcullis/policy';
import { median, printTable, saveResult } from './table.mjs';

const RUNS = Number(process.argv[2] ?? 5);
const MESSAGES = 200_000;
const CALLS = 20_000;
const IN_FLIGHT = 64;

const clock = {
  now: () => Date.now(),
  after: (ms, fn) => {
    const timer = setTimeout(fn, ms).unref();
    return () => clearTimeout(timer);
  },
  endOfTurn: (fn) => void setImmediate(fn),
};
let ids = 0;
const idPort = { session: () => `s${++ids}`, epoch: () => `e${++ids}` };
const folder = mkdtempSync(join(tmpdir(), 'portcullis-bench-triggers-'));
writeFileSync(
  join(folder, 'mask.ts'),
  'export default ({ payload }) => ({ allow: true, payload: { text: payload.text.replace("darn", "****") } });',
);
const hook = createServer((request, response) => {
  request.resume().on('end', () => response.end('{"allow":true}'));
});
await new Promise((resolve) => hook.listen(0, '127.0.0.1', resolve));

const runtime = new TriggerRuntime({
  clock,
  log: SILENT_LOG,
  measure: () => performance.now(),
  memory: () => process.memoryUsage.rss(),
  post: createPost(() => ({ private: 'allow' })),
  id: () => `${++ids}`,
  publishAs: () => ({ ok: true }),
  observe: () => {},
  onFunctionsChanged: () => {},
});
const functions = {
  folder,
  workers: 1,
  memory: 64,
  pending: 10_000,
  wait: 60_000,
  longest: 65_536,
  publishes: 10,
  env: {},
};
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
    url: `http://127.0.0.1:${hook.address().port}/hook`,
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    timeout: 30_000,
    returns: 'native',
  },
};
const trigger = (step) => ({
  id: 1,
  origin: 'file',
  channel: 'room/*',
  on: ['message'],
  enabled: true,
  description: '',
  publishes: [],
  steps: [{ onError: 'block', ...step }],
});

const features = {
  presence: true,
  history: true,
  deleteHistory: true,
  groups: true,
  appContext: true,
  files: true,
  reactions: true,
  signals: true,
  wildcards: true,
  revoke: true,
  globalHereNow: 'server',
  listAll: 'server',
};
const settings = {
  enabled: true,
  rules: true,
  grants: false,
  open: false,
  patternMatch: 'full',
  unboundTokens: 'stated',
  groupAdd: 'covered',
  explainToClients: 'full',
  historyMax: 1_000,
  historyDefault: 0,
  historyWiden: false,
  wildcardDots: 2,
  features,
};
const off = Number.POSITIVE_INFINITY;
const limits = {
  message: 32_768,
  messageDepth: 32,
  triggerHops: 3,
  channelsPerConnection: 2_000,
  historyChannels: 100_000,
  sendBuffer: 1_048_576,
  inSocket: 65_536,
  joinTimeout: 30_000,
  rosterMax: 1_000,
  extras: 2_048,
  pendingCommands: 100,
  ratePerConnection: off,
  ratePerUser: off,
  ratePerChannel: off,
  ratePerApp: off,
};
const rule = ruleFromSpec(
  {
    target: 'room/*',
    nested: true,
    anonymousClients: true,
    publicMessaging: { enabled: true, authenticatedOnly: false },
  },
  { id: 1, version: 0, origin: 'file' },
);

/** Publishes in an engine with one app; `step`: what its trigger does on `target`. Nobody listens. */
async function publisher(step, target = 'room/*') {
  const store = new MemoryStore();
  const engine = new Engine({
    broker: new MemoryBroker({ clock, ids: idPort }),
    store,
    clock,
    ids: idPort,
    log: SILENT_LOG,
    meter: SILENT_METER,
  });
  const app = `a${++ids}`;
  const triggers = step
    ? (
        await runtime.prepare({
          app,
          fromFile: [{ ...trigger(step), channel: target }],
          stored: [],
          rules: true,
          functions,
          read: () => {},
        })
      ).source
    : undefined;
  await engine.define({ app, settings, limits, fileRules: [rule], ...(triggers ? { triggers } : {}) }, null);
  const call = {
    app,
    principal: { kind: 'anonymous', credentials: [] },
    channel: 'room/1',
    target: { to: 'everyone' },
    kind: 'message',
    store: true,
  };
  return Object.assign((data) => engine.stateless.publishAs({ ...call, data }), { app });
}
const TEXT = '{"text":"oh darn, says somebody in a room"}';

/** Decided one after the other, without waiting: so many in a second of one core, whoever else uses it meanwhile. */
function decided(publish) {
  const began = process.cpuUsage();
  for (let n = 0; n < MESSAGES; n += 1) {
    const outcome = publish(TEXT);
    if (!outcome.ok) throw new Error(outcome.code);
  }
  const { user, system } = process.cpuUsage(began);
  return MESSAGES / ((user + system) / 1_000_000);
}

/** So many under way at once; answers calls a second, and how long each took. */
async function called(publish, count, inFlight = IN_FLIGHT) {
  const took = [];
  let left = count;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left > 0) {
        left -= 1;
        const start = performance.now();
        const outcome = await publish(TEXT);
        if (!outcome.ok)
          throw new Error(
            `${outcome.code}: ${JSON.stringify(runtime.runs(publish.app).latest(1)[0]?.steps[0]?.error)}`,
          );
        took.push(performance.now() - start);
      }
    }),
  );
  const perSecond = count / ((performance.now() - began) / 1_000);
  took.sort((a, b) => a - b);
  return { perSecond, p50: took[Math.floor(took.length / 2)], p99: took[Math.floor(took.length * 0.99)] };
}

/** One message at a time: what a trigger adds to a message that meets nobody else. */
function latency(publish) {
  const took = [];
  for (let n = 0; n < 20_000; n += 1) {
    const start = performance.now();
    publish(TEXT);
    took.push((performance.now() - start) * 1_000);
  }
  took.sort((a, b) => a - b);
  return { p50: took[10_000], p99: took[19_800] };
}

const makers = {
  none: () => publisher(null),
  elsewhere: () => publisher(STEPS.cel, 'other/*'),
  cel: () => publisher(STEPS.cel),
};
const publishers = {};
for (const [name, make] of Object.entries(makers)) publishers[name] = await make();
const runs = { none: [], elsewhere: [], cel: [] };
for (const publish of Object.values(publishers)) decided(publish);
for (let run = 0; run < RUNS; run += 1) {
  for (const [name, publish] of Object.entries(publishers)) runs[name].push(decided(publish));
}
const latencies = Object.fromEntries(Object.entries(publishers).map(([name, publish]) => [name, latency(publish)]));
const byFunction = await publisher(STEPS.function);
await called(byFunction, 5_000);
const functionRuns = [];
for (let run = 0; run < RUNS; run += 1) functionRuns.push(await called(byFunction, CALLS));
const byHttp = await publisher(STEPS.http);
await called(byHttp, 500, 16);
const httpRuns = [];
for (let run = 0; run < RUNS; run += 1) httpRuns.push(await called(byHttp, 2_000, 16));

const ratios = (name) => median(runs[name].map((figure, run) => figure / runs.none[run]));
const results = {
  none: { perSecond: median(runs.none), ...latencies.none },
  elsewhere: { perSecond: median(runs.elsewhere), ratio: ratios('elsewhere'), ...latencies.elsewhere },
  cel: { perSecond: median(runs.cel), ratio: ratios('cel'), ...latencies.cel },
  function: {
    perSecond: median(functionRuns.map((one) => one.perSecond)),
    p50: median(functionRuns.map((one) => one.p50 * 1_000)),
    p99: median(functionRuns.map((one) => one.p99 * 1_000)),
  },
  http: {
    perSecond: median(httpRuns.map((one) => one.perSecond)),
    p50: median(httpRuns.map((one) => one.p50 * 1_000)),
    p99: median(httpRuns.map((one) => one.p99 * 1_000)),
  },
};
const row = (title, { perSecond, ratio, p50, p99 }) => [
  title,
  Math.round(perSecond).toLocaleString('en'),
  ratio === undefined ? '' : ratio.toFixed(3),
  p50.toFixed(1),
  p99.toFixed(1),
];
printTable(
  `Messages through triggers, median of ${RUNS} runs in turns; functions with ${IN_FLIGHT} under way, endpoints with 16`,
  ['', 'per second', 'of none', 'p50 µs', 'p99 µs'],
  [
    row('no trigger in the app', results.none),
    row('a trigger on other channels', results.elsewhere),
    row('one CEL step that sets a field', results.cel),
    row('one function, one worker', results.function),
    row('one endpoint on loopback', results.http),
  ],
);
saveResult('triggers', { command: `node bench/triggers.mjs ${RUNS}`, results });
runtime.close();
hook.closeAllConnections();
hook.close();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
