// Edits of rules on live subscriptions: from the call to the last client being told.
//   node bench/edits.mjs
import { door, line } from './doors/index.mjs';
import { Crowd } from './load/crowd.mjs';
import { admin, adminRequest, grantFor, ROOM_RULE, startPortcullis } from './servers/portcullis.mjs';
import { pause } from './servers/run.mjs';
import { median, printTable, saveResult } from './table.mjs';

const CONNECTIONS = 10_000;
const CHANNELS_EACH = 5;
const SMALL = 100;
const SMALL_READERS = 10;
const LARGE = 5;

const server = await startPortcullis({ grants: true, keep: true, rules: [] });
async function toRule(rule) {
  const { id } = await admin(server, 'POST', '/apps/bench/rules', rule);
  return { path: `/apps/bench/rules/${id}`, on: rule, off: { ...rule, enabled: false } };
}
const large = await toRule(ROOM_RULE);
const small = [];
for (let i = 0; i < SMALL; i += 1) small.push(await toRule({ ...ROOM_RULE, target: `small/${i}`, nested: false }));

const roomsOf = (i) => Array.from({ length: CHANNELS_EACH }, (_, c) => `room/${(i * CHANNELS_EACH + c) % 1_000}`);
const crowd = new Crowd(server);
const patterns = ['room/.*', 'small/.*'];
await crowd.open(
  Array.from({ length: CONNECTIONS }, (_, i) => {
    const own = i < SMALL * SMALL_READERS ? [`small/${Math.floor(i / SMALL_READERS)}`] : [];
    return line({ bearer: grantFor(`user-${i}`, { patterns }), channels: [...roomsOf(i), ...own] });
  }),
);
const subscriptions = CONNECTIONS * CHANNELS_EACH;
await crowd.await('joined', subscriptions + SMALL * SMALL_READERS, 180_000);
await pause(2_000);

/** ms from the call of an edit to the last of so many being told. */
async function switchOff({ path, off }, told) {
  await crowd.reset();
  const call = await crowd.call(adminRequest('PUT', path, off));
  const { last } = await crowd.await('lost', told);
  await crowd.await('answered', 1);
  const { begun, answered, status } = (await crowd.calls())[call];
  if (status !== 200) throw new Error(`${path} was answered ${status}`);
  return { told: (last - begun) / 1e6, acknowledged: (answered - begun) / 1e6 };
}

const smallEdits = [];
for (const rule of small) {
  smallEdits.push(await switchOff(rule, SMALL_READERS));
  await pause(20);
}
const largeEdits = [];
const joins = Array.from({ length: CONNECTIONS }, (_, i) => roomsOf(i).map(door.join).join('\t'));
for (let times = 0; times < LARGE; times += 1) {
  if (times > 0) {
    await admin(server, 'PUT', large.path, large.on);
    await crowd.reset();
    await crowd.say(joins);
    await crowd.await('joined', subscriptions, 180_000);
    await pause(2_000);
  }
  largeEdits.push(await switchOff(large, subscriptions));
  await pause(500);
}
crowd.stop();
server.stop();
const told = smallEdits.map((each) => each.told).sort((a, b) => a - b);
const results = {
  small: { subscriptions: SMALL_READERS, edits: SMALL, p50: median(told), p99: told[Math.floor(told.length * 0.99)] },
  large: {
    subscriptions,
    edits: LARGE,
    told: median(largeEdits.map((each) => each.told)),
    acknowledged: median(largeEdits.map((each) => each.acknowledged)),
    samples: largeEdits,
  },
};
printTable(
  `Edits of rules with ${CONNECTIONS} connections in ${subscriptions} channels, from the call to the last client being told`,
  ['', 'ms'],
  [
    [`${SMALL_READERS} subscriptions, p50 of ${SMALL} edits`, results.small.p50.toFixed(1)],
    [`${SMALL_READERS} subscriptions, p99`, results.small.p99.toFixed(1)],
    [`${subscriptions} subscriptions, p50 of ${LARGE} edits`, results.large.told.toFixed(0)],
  ],
);
saveResult('edits', { command: 'node bench/edits.mjs', door: door.name, results });
process.exit(0);
