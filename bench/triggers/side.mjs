// One case of `triggers.mjs` in a process of its own, which is then as its own code alone has made it.
//   node bench/triggers/side.mjs none|elsewhere|cel|function|http      (HOOK: address of the endpoint)
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVERYONE, openApp, ROOM, TEXT } from './app.mjs';

const [name] = process.argv.slice(2);
/** Each figure is that of the quickest of so many stretches: others at work on the machine only ever take away. */
const STRETCHES = 60;
const MESSAGES = 20_000;
const IN_A_TURN = 128;
const LISTENERS = 100;
const HEARD_MESSAGES = 50 * IN_A_TURN;
const UNDER_WAY = { function: 64, http: 16 };
const CALLS = { function: 30_000, http: 3_000 };

const folder = mkdtempSync(join(tmpdir(), 'portcullis-bench-triggers-'));
const app = await openApp(name, folder);
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** So many a second of processor time. */
async function perSecond(count, act) {
  let quickest = Number.POSITIVE_INFINITY;
  for (let stretch = 0; stretch < STRETCHES; stretch += 1) {
    const began = process.cpuUsage();
    await act();
    quickest = Math.min(quickest, processorSeconds(began));
  }
  return count / quickest;
}

function processorSeconds(began) {
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1_000_000;
}

/** One after the other, in one turn. */
const decided = (act) =>
  perSecond(MESSAGES, () => {
    for (let n = 0; n < MESSAGES; n += 1) {
      const outcome = act();
      if (!outcome.ok && !outcome.pass) throw new Error(`${outcome.code}: ${app.whyFailed()}`);
    }
  });

const nextTurn = () => new Promise(setImmediate);

/** Messages that come so many in a turn to so many listeners: one stretch of them, whenever it is called. */
async function crowd() {
  const heard = { frames: 0 };
  const speaker = await app.connect(heard);
  for (let n = 1; n < LISTENERS; n += 1) await app.connect(heard);
  return async () => {
    const before = heard.frames;
    for (let n = 1; n <= HEARD_MESSAGES; n += 1) {
      const outcome = speaker.publish(ROOM, EVERYONE, TEXT);
      if (!outcome.ok) throw new Error(outcome.code);
      if (n % IN_A_TURN === 0) await nextTurn();
    }
    if (heard.frames === before) throw new Error('nobody heard anything');
  };
}

/** µs that one message takes which meets no other: `[p50, p99]`. */
async function alone(count) {
  const took = [];
  for (let n = 0; n < count; n += 1) {
    const start = performance.now();
    const outcome = app.publish();
    if (outcome instanceof Promise) await outcome;
    took.push((performance.now() - start) * 1_000);
  }
  const sorted = took.slice(count / 2).sort((a, b) => a - b);
  return [sorted[Math.floor(sorted.length / 2)], sorted[Math.floor(sorted.length * 0.99)]];
}

/** Calls a second while so many are under way, by the clock and by processor time of all threads. */
async function called(count, underWay) {
  const run = async (calls) => {
    let left = calls;
    const one = async () => {
      while (left > 0) {
        left -= 1;
        const outcome = await app.publish();
        if (!outcome.ok) throw new Error(`${outcome.code}: ${app.whyFailed()}`);
      }
    };
    await Promise.all(Array.from({ length: underWay }, one));
  };
  await run(count / 2);
  const [began, start] = [process.cpuUsage(), performance.now()];
  await run(count);
  const wall = (performance.now() - start) / 1_000;
  return { perSecond: count / wall, perProcessorSecond: count / processorSeconds(began) };
}

async function measure() {
  if (UNDER_WAY[name]) {
    const { perSecond: calls, perProcessorSecond } = await called(CALLS[name], UNDER_WAY[name]);
    const [p50, p99] = await alone(2_000);
    return { perSecond: calls, perProcessorSecond, p50, p99 };
  }
  const messages = await decided(app.publish);
  const [p50, p99] = await alone(40_000);
  const decisions = name === 'cel' ? { decisions: await decided(app.decide) } : {};
  const deliveries = (await perSecond(HEARD_MESSAGES, await crowd())) * LISTENERS;
  return { perSecond: messages, perProcessorSecond: messages, p50, p99, ...decisions, deliveries };
}

/** Beside another process: one stretch when it is asked, so that both find the machine in the same state. */
async function serveTurns() {
  const stretch = await crowd();
  process.on('message', async () => {
    const began = process.cpuUsage();
    await stretch();
    process.send(processorSeconds(began));
  });
  process.on('disconnect', () => process.exit(0));
  process.send('ready');
}

if (process.send) await serveTurns();
else {
  const result = await measure();
  process.stdout.write(JSON.stringify(result), () => process.exit(0));
}
