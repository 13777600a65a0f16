// How long a decision takes, cold and warm, with few rules and many; and what a change of one rule costs. Warm: the name, and the grant on it, were asked about before. Cold: never, in a policy just compiled.
// `node bench/decide.mjs` (build first: `npx tsc -b`).
import {
  compilePolicy,
  credentialOf,
  decide,
  mintGrant,
  RULE_DEFAULTS,
  verifyGrant,
} from '../packages/policy/dist/index.js';
import { BATCH, figuresOf, SAMPLES, sample } from './sample.mjs';
import { printTable, saveResult } from './table.mjs';

/** Names asked about warm; fewer than the policy keeps answers for. */
const WARM_NAMES = 2_000;
const NOW = Date.now();

const on = { enabled: true, authenticatedOnly: false };
const FEATURES = Object.fromEntries(
  ['presence', 'history', 'deleteHistory', 'groups', 'appContext', 'files', 'reactions', 'signals', 'wildcards']
    .concat('revoke', 'globalHereNow', 'listAll')
    .map((name) => [name, true]),
);
const settings = {
  enabled: true,
  rules: true,
  grants: false,
  open: false,
  patternMatch: 'full',
  unboundTokens: 'stated',
  groupAdd: 'covered',
  explainToClients: 'short',
  historyMax: 1_000,
  historyDefault: 1_000,
  historyWiden: false,
  features: FEATURES,
};

const ruleAt = (id, target, nested) => ({
  ...RULE_DEFAULTS,
  target,
  nested,
  presence: true,
  publicMessaging: on,
  history: 100,
  id,
  version: 1,
  origin: 'store',
});
/** Rules as an app with many tenants has them; names that they match, all different. */
const SHAPES = {
  exact: [(i) => [`room-${i}`, false], (i, count) => `room-${i % count}`],
  nested: [(i) => [`tenant-${i}/*`, true], (i, count) => `tenant-${i % count}/room/${i}`],
  'nested, one prefix': [(i) => [`tenant/*/room-${i}`, true], (i, count) => `tenant/${i}/room-${i % count}`],
};
const rulesOf = (shape, count) => Array.from({ length: count }, (_, i) => ruleAt(i + 1, ...SHAPES[shape][0](i)));
const sourceOf = (rules, changed = {}) => ({
  app: 'bench',
  epoch: 1,
  settings: { ...settings, ...changed },
  rules,
  revocations: [],
  bans: Array.from({ length: 100 }, (_, i) => ({ id: i, user: `banned-${i}`, reason: '', hold: false })),
});

const credential = { type: 'jwt', id: 'jwt', key: 'k1', issuedAt: NOW / 1_000 - 60, expiresAt: NOW + 3_600_000 };
const ann = { kind: 'user', user: 'ann', table: 1, row: 42, extras: {}, credentials: [credential] };

const secret = { id: 'k1', secret: 'a signing secret of the length it should have' };
const section = (entries) => new Map(entries);
const granted = {
  ttl: 60,
  authorizedUser: 'ann',
  resources: { channels: section([['lobby', 3]]) },
  patterns: {
    channels: section([
      ['tenant-[0-9]+/.*', 3],
      ['room-[0-9]+', 3],
    ]),
  },
};
let nonce = 0;
const mint = () => mintGrant(granted, { app: 'bench', secret, now: NOW, nonce: `nonce-${++nonce}`.padStart(16, '0') });

function grant() {
  const verified = verifyGrant(mint().token, { app: 'bench', secrets: [secret] });
  if (!verified.ok) throw new Error(verified.reason);
  return verified.grant;
}

const rows = [];
const measure = (name, ...call) => void rows.push({ name, ...figuresOf(...call) });

const asked = (principal, name) => ({ operation: 'publish', principal, now: NOW, name, joined: true });
function mustAllow(decision) {
  if (!decision.allowed) throw new Error(`refused: ${decision.code}`);
}

// Compile the code itself first, so that "cold" speaks of caches and not of the engine's compiler.
const rehearsal = compilePolicy(sourceOf(rulesOf('nested', 10), { grants: true }));
const bearer = { ...ann, grant: grant() };
sample((i) => mustAllow(decide(asked(bearer, `tenant-${i % 10}/${i}`), rehearsal)), 2_000);

for (const shape of Object.keys(SHAPES)) {
  const nameOf = SHAPES[shape][1];
  for (const count of [10, 10_000]) {
    const source = sourceOf(rulesOf(shape, count));
    const policy = compilePolicy(source);
    const names = Array.from({ length: SAMPLES * (BATCH + 1) }, (_, i) => nameOf(i, count));
    let next = 0;
    const coldSamples = shape === 'nested, one prefix' && count > 10 ? 100 : SAMPLES;
    measure(`${shape}, ${count} rules, cold`, () => mustAllow(decide(asked(ann, names[next++]), policy)), coldSamples);
    const warm = names.slice(0, WARM_NAMES);
    for (const name of warm) decide(asked(ann, name), policy);
    measure(`${shape}, ${count} rules, warm`, (i) => mustAllow(decide(asked(ann, warm[i % WARM_NAMES]), policy)));
  }
}

const both = compilePolicy(sourceOf(rulesOf('nested', 10_000), { grants: true }));
const carried = grant();
const withGrant = { ...ann, credentials: [credential, credentialOf(carried)], grant: carried };
const names = Array.from({ length: WARM_NAMES }, (_, i) => `tenant-${i}/room`);
for (const name of names) decide(asked(withGrant, name), both);
measure('both gates, 10000 rules, warm', (i) => mustAllow(decide(asked(withGrant, names[i % WARM_NAMES]), both)));
const fresh = Array.from({ length: 2_000 }, grant);
measure(
  'both gates, 10000 rules, grant not seen before',
  (i) => mustAllow(decide(asked({ ...ann, grant: fresh[i] }, names[i % WARM_NAMES]), both)),
  2_000,
  1,
);
measure('refused, no rule, warm', (i) => decide(asked(ann, names[i % WARM_NAMES]), rehearsal));

measure('mint a grant', mint, 500, 4);

const many = rulesOf('nested', 10_000);
const before = compilePolicy(sourceOf(many));
measure('compile 10000 rules', () => compilePolicy(sourceOf(many)), 20, 1);
measure(
  'compile 10000 rules, one changed',
  (i) => compilePolicy(sourceOf(many.with(0, { ...many[0], version: i + 2 })), before),
  50,
  1,
);

const figure = (us) => (us < 10 ? us.toFixed(2) : us.toFixed(0));
const base = rows.find(({ name }) => name === 'nested, 10000 rules, warm')?.p50 ?? 1;
printTable(
  'Decisions',
  ['', 'p50 µs', 'p99 µs', '× warm'],
  rows.map(({ name, p50, p99 }) => [name, figure(p50), figure(p99), `${figure(p50 / base)}`]),
);
saveResult('decide', { unit: 'µs', rows });
