// Resident memory per idle authorised connection: in no channel, and joined to five.
//   node bench/idle-connections.mjs [connections]
import { door, line } from './doors/index.mjs';
import { Crowd } from './load/crowd.mjs';
import { resident } from './load/processor.mjs';
import { grantFor, startPortcullis } from './servers/portcullis.mjs';
import { pause } from './servers/run.mjs';
import { printTable, saveResult } from './table.mjs';

const COUNT = Number(process.argv[2] ?? 10_000);
const CHANNELS = 5;
const WARM = 200;

const server = await startPortcullis({ grants: true });
const connections = (count, name) =>
  Array.from({ length: count }, (_, i) => line({ bearer: grantFor(`${name}-${i}`) }));
const joins = Array.from({ length: COUNT }, (_, i) =>
  Array.from({ length: CHANNELS }, (_, c) => door.join(`room/${(i * 7 + c * 13) % 1_000}`)).join('\t'),
);

// The first connections pay for what every later one shares.
const warm = new Crowd(server);
await warm.open(connections(WARM, 'warm'));
await warm.say(joins.slice(0, WARM));
await warm.await('joined', WARM * CHANNELS);
warm.stop();
await pause(3_000);

const before = resident(server.pid);
const crowd = new Crowd(server);
await crowd.open(connections(COUNT, 'user'));
await pause(5_000);
const idle = resident(server.pid);
await crowd.say(joins);
await crowd.await('joined', COUNT * CHANNELS, 120_000);
// A heap that has grown is given back by and by: what there is at once is what was needed on the way.
const after = [];
for (let i = 0; i < 12; i += 1) {
  await pause(5_000);
  after.push(resident(server.pid));
}
crowd.stop();
server.stop();
const per = (bytes) => Math.round((bytes - before) / COUNT);
const results = {
  connections: COUNT,
  bytesInNoChannel: per(idle),
  bytesInFiveChannels: per(after[0]),
  bytesAfterAMinute: per(after.at(-1)),
  everyFiveSeconds: after.map(per),
};
printTable(
  `Resident bytes per idle authorised connection, ${COUNT} of them`,
  ['', 'bytes'],
  [
    ['in no channel', results.bytesInNoChannel],
    [`in ${CHANNELS} channels`, results.bytesInFiveChannels],
    ['… after an idle minute', results.bytesAfterAMinute],
  ],
);
// Each door's figures stand beside the other's.
saveResult(door.name === 'native' ? 'idle-connections' : `idle-connections-${door.name}`, {
  command: `node bench/idle-connections.mjs ${COUNT}`,
  door: door.name,
  results,
});
process.exit(0);
