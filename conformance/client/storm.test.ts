import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ClientHouse, KEY } from './house.fixture.ts';

const LONG = process.env.LONG_TESTS === '1';
/** A process may hold some 20 000 files: the clients are spread over several, the server has one for itself. */
const CLIENTS = LONG ? 10_000 : 300;
const PER_PROCESS = LONG ? 2_500 : 150;
const CHANNEL = 'kept/storm';
const PATIENCE = LONG ? 420_000 : 60_000;

interface Standing {
  readonly joined: number;
  readonly whole: number;
  readonly gaps: number;
  readonly over: number;
}

let house: ClientHouse;
let data: string;
let crowds: ChildProcess[] = [];

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'portcullis-storm-'));
  house = await ClientHouse.open({ data });
});
afterEach(async () => {
  for (const crowd of crowds) crowd.disconnect();
  crowds = [];
  await house.close();
  rmSync(data, { recursive: true, force: true });
});

async function gather(): Promise<void> {
  for (let from = 0; from < CLIENTS; from += PER_PROCESS) {
    const count = Math.min(PER_PROCESS, CLIENTS - from);
    const path = join(import.meta.dirname, 'storm-clients.mjs');
    const crowd = fork(path, [house.server.url, KEY, CHANNEL, String(count)], { execArgv: [] });
    crowds.push(crowd);
    await Promise.race([
      once(crowd, 'message'),
      once(crowd, 'exit').then(() => Promise.reject(new Error('a crowd ended'))),
    ]);
  }
}

async function standing(upTo: number): Promise<Standing> {
  const told = crowds.map(async (crowd) => {
    const answer = once(crowd, 'message');
    crowd.send({ upTo });
    const [message] = (await answer) as [Standing];
    return message;
  });
  const sum = { joined: 0, whole: 0, gaps: 0, over: 0 };
  for (const part of await Promise.all(told)) {
    for (const key of ['joined', 'whole', 'gaps', 'over'] as const) sum[key] += part[key];
  }
  return sum;
}

it.each(['SIGKILL', 'SIGTERM'] as const)(
  `${CLIENTS} clients whose server ends by %s all come back, each with every message once`,
  async (signal) => {
    await gather();
    const ada = house.client('ada', { queue: 100 }).channel(CHANNEL);
    await ada.join();
    const publish = async (from: number, to: number) => {
      for (let n = from; n <= to; n += 1) await ada.publish(n);
    };
    const all = { joined: CLIENTS, whole: CLIENTS, gaps: 0, over: 0 };
    await publish(1, 5);
    await expect.poll(() => standing(5), { timeout: PATIENCE, interval: 500 }).toEqual(all);
    const meanwhile = publish(6, 15);
    await house.restart(signal);
    const began = performance.now();
    await meanwhile;
    await expect.poll(() => standing(15), { timeout: PATIENCE, interval: 500 }).toEqual(all);
    if (LONG) console.log(`${CLIENTS} clients were whole ${Math.round(performance.now() - began)} ms after ${signal}`);
  },
  PATIENCE * 2,
);
