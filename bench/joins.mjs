// Authorised joins a second on sockets that are open: rule and grant are asked for each.
//   node bench/joins.mjs
import { door, line } from './doors/index.mjs';
import { Crowd } from './load/crowd.mjs';
import { processorSeconds } from './load/processor.mjs';
import { grantFor, startPortcullis } from './servers/portcullis.mjs';
import { pause, processes } from './servers/run.mjs';
import { median, printTable, saveResult } from './table.mjs';

const SOCKETS = 1_000;
const CHANNELS = 20;
const ROUNDS = 5;

const server = await startPortcullis({ grants: true });
const crowd = new Crowd(server);
await crowd.open(Array.from({ length: SOCKETS }, (_, i) => line({ bearer: grantFor(`user-${i}`) })));
await pause(1_000);
const frames = (word, round) =>
  Array.from({ length: SOCKETS }, (_, i) =>
    Array.from({ length: CHANNELS }, (_, c) => word(`room/${round}-${(i * 7 + c * 13) % 2_000}`)).join('\t'),
  );
const samples = [];
for (let round = 0; round < ROUNDS; round += 1) {
  await crowd.reset();
  const before = processorSeconds(processes(server.pid));
  const { begun } = await crowd.say(frames(door.join, round));
  const { last } = await crowd.await('joined', SOCKETS * CHANNELS, 60_000);
  const busy = processorSeconds(processes(server.pid)) - before;
  samples.push({
    perSecond: (SOCKETS * CHANNELS) / ((last - begun) / 1e9),
    perProcessorSecond: (SOCKETS * CHANNELS) / busy,
  });
  await crowd.say(frames(door.leave, round));
  await pause(2_000);
}
crowd.stop();
server.stop();
const results = {
  perSecond: median(samples.map(({ perSecond }) => perSecond)),
  perProcessorSecond: median(samples.map(({ perProcessorSecond }) => perProcessorSecond)),
  samples,
};
printTable(
  `Authorised joins on ${SOCKETS} open sockets, ${CHANNELS} each, median of ${ROUNDS}`,
  ['', 'joins/s', 'per processor second'],
  [['rule and grant', Math.round(results.perSecond), Math.round(results.perProcessorSecond)]],
);
saveResult('joins', {
  command: 'node bench/joins.mjs',
  door: door.name,
  sockets: SOCKETS,
  channels: CHANNELS,
  results,
});
process.exit(0);
