// How long an edit takes that touches few of many subscriptions, or all of them, with many rules around. In one process.
//   node bench/edits-in-process.mjs [rules] [sessions]
import { Engine, MemoryBroker, MemoryStore } from '@portcullis/engine';
import { ANONYMOUS, RULE_DEFAULTS } from '@portcullis/policy';
import { median, printTable, saveResult } from './table.mjs';

const RULES = Number(process.argv[2] ?? 10_000);
const SESSIONS = Number(process.argv[3] ?? 10_000);
const CHANNELS_EACH = 5;
const RUNS = 15;

let count = 0;
const clock = {
  now: () => Date.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, Math.min(ms, 2 ** 31 - 1));
    timer.unref();
    if (ms === 0) timer.ref();
    return () => clearTimeout(timer);
  },
  endOfTurn: (fn) => setImmediate(fn),
};
const ids = { session: () => `s${++count}`, epoch: () => `e${++count}` };
const silent = () => {};
const log = { debug: silent, info: silent, warn: silent, error: console.error };
const meter = new Proxy({}, { get: () => silent });
const engine = new Engine({
  broker: new MemoryBroker({ clock, ids }),
  store: new MemoryStore(),
  clock,
  ids,
  log,
  meter,
});

const limits = Object.fromEntries(
  ['ratePerConnection', 'ratePerUser', 'ratePerChannel', 'ratePerApp', 'historyChannels'].map((key) => [key, Infinity]),
);
Object.assign(limits, { message: 32_768, channelsPerConnection: 2_000, sendBuffer: 1 << 20, inSocket: 65_536 });
Object.assign(limits, { joinTimeout: 86_400_000, rosterMax: 1_000, extras: 2_048, pendingCommands: 64 });
const features = { presence: true, history: true, signals: true, groups: true };
const settings = {
  ...{ enabled: true, rules: true, grants: false, open: false, patternMatch: 'full', unboundTokens: 'stated' },
  ...{
    groupAdd: 'covered',
    explainToClients: 'full',
    historyMax: 1_000,
    historyDefault: 0,
    historyWiden: false,
    features,
  },
};
const rule = (id, target, more = {}) => ({
  ...{ ...RULE_DEFAULTS, anonymousClients: true, presence: true, target, nested: target.includes('*') },
  ...{ ...more, id, version: 0, origin: 'store' },
});
// Some of each kind: exact names, prefixes, stars within.
const targetOf = (n) => [`exact/${n}`, `tenant-${n}/*`, `shop/*/desk-${n}`][n % 3];

await engine.define({ app: 'a', settings, limits, fileRules: [] }, null);
await engine.commit(
  'a',
  Array.from({ length: RULES }, (_, n) => ({ type: 'rule.put', rule: rule(n + 1, targetOf(n)) })),
);
await engine.commit('a', [
  { type: 'rule.put', rule: rule(RULES + 1, 'wide/*') },
  { type: 'rule.put', rule: rule(RULES + 2, 'wide/narrow/*') },
]);

let told = 0;
const BYTES = new Uint8Array(64);
const codec = {
  name: 'bench',
  publications: () => BYTES,
  notice(notice) {
    if (notice.type === 'lost') told += 1;
    return BYTES;
  },
};
const outlet = { write: silent, buffered: () => 0, cork: silent, uncork: silent, end: silent };
const options = { presence: true, history: false };
for (let n = 0; n < SESSIONS; n += 1) {
  const session = engine.connect({ app: 'a', principal: ANONYMOUS, outlet, codec, door: 'bench', address: '::1' });
  for (let c = 0; c < CHANNELS_EACH; c += 1) {
    const channel = n < 2 ? `wide/narrow/${c}` : `wide/${c}/${n % 1_000}`;
    await session.join(channel, options);
  }
}
await new Promise((resolve) => setTimeout(resolve, 200));

/** Commits, and waits until as many were told; answers ms until acknowledged and until all were. */
async function edit(changes, due) {
  told = 0;
  const from = performance.now();
  await engine.commit('a', changes);
  const acknowledged = performance.now() - from;
  while (told < due) await new Promise((resolve) => setImmediate(resolve));
  return { acknowledged, told: performance.now() - from };
}

async function series(make, due) {
  const runs = [];
  for (let n = 0; n < RUNS; n += 1) {
    runs.push(await edit([make(n % 2 === 1)], due));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    acknowledged: median(runs.map((run) => run.acknowledged)),
    told: median(runs.map((run) => run.told)),
    worst: Math.max(...runs.slice(1).map((run) => run.told)),
  };
}

// Whoever may not see who is there is told so: presence goes, the channel stays.
const results = [
  {
    edit: 'of a rule nobody is under',
    ...(await series((on) => ({ type: 'rule.put', rule: rule(2, targetOf(1), { presence: on }) }), 0)),
  },
  {
    edit: 'that touches 10 subscriptions',
    ...(await series((on) => ({ type: 'rule.put', rule: rule(RULES + 2, 'wide/narrow/*', { presence: on }) }), 0)),
  },
];
const all = SESSIONS * CHANNELS_EACH - 10;
const wide = (presence) => ({ type: 'rule.put', rule: rule(RULES + 1, 'wide/*', { presence }) });
const wideRuns = [];
for (let n = 0; n < 5; n += 1) {
  wideRuns.push(await edit([wide(false)], all));
  await edit([wide(true)], 0);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
}
results.push({
  edit: `that touches ${all.toLocaleString('en')} subscriptions`,
  acknowledged: median(wideRuns.map((run) => run.acknowledged)),
  told: median(wideRuns.map((run) => run.told)),
  worst: Math.max(...wideRuns.map((run) => run.told)),
});
printTable(
  `An edit among ${RULES.toLocaleString('en')} rules and ${(SESSIONS * CHANNELS_EACH).toLocaleString('en')} subscriptions, ms`,
  ['edit', 'acknowledged', 'all told', 'worst'],
  results.map((row) => [row.edit, ...[row.acknowledged, row.told, row.worst].map((ms) => ms.toFixed(2))]),
);
saveResult('edits-in-process', { command: `node bench/edits-in-process.mjs ${RULES} ${SESSIONS}`, results });
process.exit(0);
