import { readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second. */
const TICKS_PER_SECOND = 100;

/** Processor seconds that these processes (ids with commas between) have used. */
export function processorSeconds(ids) {
  let ticks = 0;
  for (const id of ids.split(',')) {
    // The name in brackets may hold anything: the numbers begin behind it.
    const fields = readFileSync(`/proc/${id}/stat`, 'utf8').split(') ')[1].split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / TICKS_PER_SECOND;
}

/** Resident bytes of a process. */
export const resident = (id) =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]) * 1024;
