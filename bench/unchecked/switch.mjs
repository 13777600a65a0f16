// Stands in the place of the file that decides, which it loads beside itself: its decisions, or yes, made beforehand (the last yes to
// such a question, so that the same is done with it), which is what is left when checks are compiled out. At SIGUSR2 it does what the file $BENCH_SWITCH says:
//
//   on, off    checks are on, or every decision is yes
//   turns      both in turns within one process, a change at the beginning of the first turn of the event loop after so many ms:
//              two processes of a kind, and one process from one second to the next, differ by more than checks cost
//   tell       writes what was decided in each slice of time to $BENCH_SWITCH.told
import { readFileSync, writeFileSync } from 'node:fs';
import { decide as checked, explain } from './decide.js?checked';

export { explain };

const SLICE_MS = 300;
const file = process.env.BENCH_SWITCH;
const by = { gate: 'none' };
const YES = { allowed: true, by };
/** By operation. */
const beforehand = new Map();

let checks = true;
let due = false;
let timer;
let slices = [];
let decided = 0;
let since = 0;
let used = 0;
/** Processor time of this process, all its threads, in ms. */
function processor() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

function say(word) {
  clearInterval(timer);
  due = false;
  if (word === 'tell') writeFileSync(`${file}.told`, JSON.stringify(slices));
  else if (word === 'turns') {
    slices = [];
    decided = 0;
    since = performance.now();
    used = processor();
    timer = setInterval(() => {
      due = true;
    }, SLICE_MS);
  } else checks = word === 'on';
}
process.on('SIGUSR2', () => say(readFileSync(file, 'utf8').trim()));

function change() {
  const now = performance.now();
  const at = processor();
  slices.push({ checks, decided, ms: now - since, processorMs: at - used });
  used = at;
  checks = !checks;
  due = false;
  decided = 0;
  since = now;
}

export function decide(request, policy) {
  if (due) change();
  decided += 1;
  const { operation, target } = request;
  if (checks) {
    if (process.env.TWICE) checked(request, policy);
    const decision = checked(request, policy);
    if (decision.allowed && !beforehand.has(operation)) beforehand.set(operation, decision);
    return decision;
  }
  if (process.env.TWICE) {
    return checked(request, policy);
  }
  return beforehand.get(operation) ?? (target === undefined ? YES : { allowed: true, by, target });
}
