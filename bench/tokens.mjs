// How long it takes to verify a permission token, beside the hashes that this takes at least; medians of rounds in which each
// size has its turn.  `node bench/tokens.mjs [rounds]` (build first: `npx tsc -b`).
import { hash } from 'node:crypto';
import { mintGrant, verifyGrant } from '../packages/policy/dist/index.js';
import { nodePlatform } from '../packages/server/dist/node-ports/platform.js';
import { figuresOf, sample } from './sample.mjs';
import { median, printTable, saveResult } from './table.mjs';

const ROUNDS = Number(process.argv[2] ?? 7);
const NOW = Date.now();
const TOKENS = 2_000;
const secret = { id: 'k1', secret: 'a signing secret of the length it should have' };
const patterns = {
  channels: new Map([
    ['tenant-[0-9]+/.*', 3],
    ['room-[0-9]+', 3],
  ]),
};

let nonce = 0;
function mint(names) {
  const channels = new Map(Array.from({ length: names }, (_, i) => [`lobby-${i}`, 3]));
  const spec = { ttl: 60, authorizedUser: 'ann', resources: { channels }, patterns };
  return mintGrant(spec, { app: 'bench', secret, now: NOW, nonce: `nonce-${++nonce}`.padStart(16, '0') }).token;
}

/** Of about so many bytes as they travel: as many names as fit. */
function tokensOf(bytes) {
  let names = 1;
  while (mint(names + 1).length <= bytes) names += 1;
  return Array.from({ length: TOKENS }, () => mint(names));
}

const verify = (tokens, platform) => (i) => {
  if (!verifyGrant(tokens[i % TOKENS], { app: 'bench', secrets: [secret], now: NOW, ...platform }).ok)
    throw new Error();
};

/** What is left of a verification where nothing is read: the hash that is the token's id, and the two of its signature. */
function hashes(tokens) {
  const read = tokens.map((token) => Buffer.from(token, 'base64url'));
  return (i) => {
    for (let n = 0; n < 3; n++) hash('sha256', read[i % TOKENS], 'binary');
  };
}

const sizes = [256, 384, 512].map(tokensOf);
const largest = sizes[2];
const calls = [
  ...sizes.map((tokens) => [`verify a grant, ${tokens[0].length} bytes`, verify(tokens, { platform: nodePlatform })]),
  [`as many hashes of as much, ${largest[0].length} bytes`, hashes(largest)],
  [`as in a browser: verify one, ${largest[0].length} bytes`, verify(largest, {})],
];
for (const [, call] of calls) sample(call, 2_000);
const rounds = new Map(calls.map(([name]) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, call] of calls) rounds.get(name).push(figuresOf(call, 2_000));
}
const rows = [...rounds].map(([name, measured]) => ({
  name,
  p50: median(measured.map(({ p50 }) => p50)),
  p99: median(measured.map(({ p99 }) => p99)),
  rounds: measured,
}));

const figure = (us) => (us < 10 ? us.toFixed(2) : us.toFixed(0));
printTable(
  `Permission tokens, medians of ${ROUNDS} rounds`,
  ['', 'p50 µs', 'p99 µs', 'p99 of each round'],
  rows.map((row) => [row.name, figure(row.p50), figure(row.p99), row.rounds.map(({ p99 }) => figure(p99)).join(' ')]),
);
saveResult('tokens', { command: `node bench/tokens.mjs ${ROUNDS}`, unit: 'µs', rows });
