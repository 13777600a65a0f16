// Edits of rules on live subscriptions: from the call to the last client being told.
//   node bench/edits.mjs
import { door, line } from './doors/index.mjs';
import { Crowd, monotonic } from './load/crowd.mjs';
import { admin, grantFor, ROOM_RULE, startPortcullis } from './servers/portcullis.mjs';
import { pause } from './servers/run.mjs';
import { median, printTable, saveResult } from './table.mjs';

const CONNECTIONS = 10_000;
const CHANNELS_EACH = 5;
const SMALL = 100;
const SMALL_READERS = 10;

const server = await startPortcullis({ grants: true, keep: true, rules: [] });
async function toRule(rule) {
  const { id } = await admin(server, 'POST', '/apps/bench/rules', rule);
  return { path: `/apps/bench/rules/${id}`, off: { ...rule, enabled: false } };
}
const large = await toRule(ROOM_RULE);
const small = [];
for (let i = 0; i < SMALL; i += 1) small.push(await toRule({ ...ROOM_RULE, target: `small/${i}`, nested: false }));

const crowd = new Crowd(server);
const patterns = ['room/.*', 'small/.*'];
await crowd.open(
  Array.from({ length: CONNECTIONS }, (_, i) => {
    const rooms = Array.from({ length: CHANNELS_EACH }, (_, c) => `room/${(i * CHANNELS_EACH + c) % 1_000}`);
    const own = i < SMALL * SMALL_READERS ? [`small/${Math.floor(i / SMALL_READERS)}`] : [];
    return line({ bearer: grantFor(`user-${i}`, { patterns }), channels: [...rooms, ...own] });
  }),
);
const subscriptions = CONNECTIONS * CHANNELS_EACH;
await crowd.await('joined', subscriptions + SMALL * SMALL_READERS, 180_000);
await pause(2_000);

/** ms from the call of an edit to the last of so many being told. */
async function switchOff({ path, off }, told) {
  await crowd.reset();
  const began = monotonic();
  const answered = admin(server, 'PUT', path, off).then(() => monotonic());
  const { last } = await crowd.await('lost', told);
  return { told: (last - began) / 1e6, acknowledged: ((await answered) - began) / 1e6 };
}

const smallEdits = [];
for (const rule of small) {
  smallEdits.push(await switchOff(rule, SMALL_READERS));
  await pause(20);
}
const largeEdit = await switchOff(large, subscriptions);
crowd.stop();
server.stop();
const told = smallEdits.map((each) => each.told).sort((a, b) => a - b);
const results = {
  small: { subscriptions: SMALL_READERS, edits: SMALL, p50: median(told), p99: told[Math.floor(told.length * 0.99)] },
  large: { subscriptions, told: largeEdit.told, acknowledged: largeEdit.acknowledged },
};
printTable(
  `Edits of rules with ${CONNECTIONS} connections in ${subscriptions} channels, from the call to the last client being told`,
  ['', 'ms'],
  [
    [`${SMALL_READERS} subscriptions, p50 of ${SMALL} edits`, results.small.p50.toFixed(1)],
    [`${SMALL_READERS} subscriptions, p99`, results.small.p99.toFixed(1)],
    [`${subscriptions} subscriptions`, results.large.told.toFixed(0)],
  ],
);
saveResult('edits', { command: 'node bench/edits.mjs', door: door.name, results });
process.exit(0);
