// Revocations under load: how soon one is acknowledged, and whether anything published after that reaches the revoked. The
// observer is a crowd of plain WebSockets in another process, which also sends the revocations: it writes down the greatest number
// each connection saw and when each call was answered, by one clock, and knows nothing else.
//   node bench/revoke.mjs [revokes]
import { door, line } from './doors/index.mjs';
import { Crowd } from './load/crowd.mjs';
import { Publisher } from './load/publisher.mjs';
import { adminRequest, grantFor, startPortcullis } from './servers/portcullis.mjs';
import { pause } from './servers/run.mjs';
import { printTable, saveResult } from './table.mjs';

const REVOKES = Number(process.argv[2] ?? 1_000);
const CONNECTIONS = 10_000;
const CHANNELS_EACH = 5;
const CHANNELS = 1_000;
const DELIVERIES_PER_SECOND = 20_000;
/** Mean ms between two revocations; they come at random moments. */
const EVERY = 25;

const server = await startPortcullis({ grants: true, keep: true });
const crowd = new Crowd(server);
// Connection i is in five channels next to each other; the place of a channel among them is the remainder of its number.
const channelsOf = (i) => Array.from({ length: CHANNELS_EACH }, (_, c) => (i * CHANNELS_EACH + c) % CHANNELS);
const grants = Array.from({ length: CONNECTIONS }, (_, i) => grantFor(`user-${i}`));
await crowd.open(
  grants.map((bearer, i) => line({ bearer, channels: channelsOf(i).map((channel) => `room/${channel}`) })),
);
await crowd.await('joined', CONNECTIONS * CHANNELS_EACH, 120_000);
const channels = Array.from({ length: CHANNELS }, (_, i) => `room/${i}`);
const publisher = new Publisher(server, {
  bearer: grantFor('publisher'),
  channels,
  place: (at) => at % CHANNELS_EACH,
});
await publisher.ready;
const readers = (CONNECTIONS * CHANNELS_EACH) / CHANNELS;
publisher.start(DELIVERIES_PER_SECOND / readers);
await pause(2_000);
await crowd.reset();

/** By the token, by its user, or by its user on one channel. */
const KINDS = {
  token: (i) => ({ tokenId: grants[i].id }),
  user: (i) => ({ user: `user-${i}` }),
  'user on a channel': (i) => ({ user: `user-${i}`, channel: `room/${channelsOf(i)[i % CHANNELS_EACH]}` }),
};
const victims = shuffled(CONNECTIONS).slice(0, REVOKES);
const revoked = [];
const begun = performance.now();
for (const [n, victim] of victims.entries()) {
  await pause(-Math.log(1 - Math.random()) * EVERY);
  const kind = Object.keys(KINDS)[n % 3];
  const call = await crowd.call(
    adminRequest('POST', '/apps/bench/revocations', { ...KINDS[kind](victim), reason: 'bench' }),
  );
  revoked.push({ victim, kind, call });
}
await crowd.await('answered', REVOKES);
const seconds = (performance.now() - begun) / 1_000;

await pause(3_000);
publisher.pause();
await pause(2_000);
const { messages } = await crowd.report();
const seen = await crowd.seen();
for (const [i, { begun: asked, answered, status }] of (await crowd.calls()).entries()) {
  if (status !== 201) throw new Error(`revocation ${i} was answered ${status}`);
  // Whatever was published from then on has this number or a greater one.
  Object.assign(revoked[i], { next: publisher.numberAt(answered), took: (answered - asked) / 1e6 });
}
const lateAt = ({ victim, kind, next }) => {
  const { places } = seen[victim];
  if (kind !== 'user on a channel') return places.some((seq) => seq >= next);
  return places[victim % CHANNELS_EACH] >= next;
};
const late = revoked.filter(lateAt);
/** How far before the acknowledgement the last message lies that the revoked saw: small, or nothing was at stake. */
const lastBefore = revoked.map(({ victim, next }) => next - Math.max(...seen[victim].places)).sort((a, b) => a - b);
const unrevoked = seen.filter((_, i) => !victims.includes(i));
const took = revoked.map((each) => each.took).sort((a, b) => a - b);
const at = (list, share) => list[Math.floor((list.length - 1) * share)];
const results = {
  revokes: revoked.length,
  connections: CONNECTIONS,
  deliveriesPerSecond: messages.count / (seconds + 5),
  p50: at(took, 0.5),
  p99: at(took, 0.99),
  max: took.at(-1),
  late: late.length,
  lastSeenBeforeAcknowledgement: { p50: at(lastBefore, 0.5), unit: 'messages of all channels together' },
  othersStillServed:
    unrevoked.filter(({ places }) => Math.max(...places) > publisher.next - CHANNELS * 2).length / unrevoked.length,
};
publisher.stop();
crowd.stop();
server.stop();
printTable(
  `${revoked.length} revocations at random moments: ${CONNECTIONS} connections in ${CHANNELS_EACH} channels each, ${Math.round(results.deliveriesPerSecond)} deliveries/s`,
  ['', ''],
  [
    ['acknowledged, p50 ms', results.p50.toFixed(1)],
    ['acknowledged, p99 ms', results.p99.toFixed(1)],
    ['revoked that got something published after the acknowledgement', results.late],
    ['the others that are still served', `${(results.othersStillServed * 100).toFixed(1)} %`],
  ],
);
saveResult('revoke', { command: `node bench/revoke.mjs ${REVOKES}`, door: door.name, results });
process.exit(late.length === 0 ? 0 : 1);

function shuffled(count) {
  const list = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i -= 1) {
    const j = Math.floor(Math.random() * (i + 1));
    [list[i], list[j]] = [list[j], list[i]];
  }
  return list;
}
