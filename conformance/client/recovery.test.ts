import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@portcullis/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClientHouse } from './house.fixture.ts';
import { Reader, SteadyPublisher } from './steady-publisher.fixture.ts';

let house: ClientHouse;
let data: string;

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'portcullis-client-'));
  house = await ClientHouse.open({ data });
});
afterEach(async () => {
  await house.close();
  rmSync(data, { recursive: true, force: true });
});

/** Each acknowledged message heard once by each reader, in the order of the log, without a gap. */
async function expectWhole(readers: readonly Reader[], publishers: readonly SteadyPublisher[]): Promise<void> {
  for (const reader of readers) {
    expect(reader.gaps).toEqual([]);
    for (const [index, publisher] of publishers.entries()) {
      const by = `publisher-${index}`;
      await expect.poll(() => reader.countsOf(by).size, { timeout: 20_000 }).toBe(publisher.acknowledged.length);
      const counts = reader.countsOf(by);
      expect(publisher.acknowledged.filter((n) => counts.get(n) !== 1)).toEqual([]);
    }
    expect(reader.offsets).toEqual([...reader.offsets].sort((a, b) => a - b));
    expect(new Set(reader.offsets).size).toBe(reader.offsets.length);
    expect(reader.gaps).toEqual([]);
  }
}

async function publishers(channel: string, count = 3): Promise<SteadyPublisher[]> {
  const made = Array.from({ length: count }, (_, index) => {
    const client = house.client(`user-${index}`, { queue: 1_000, backoff: { base: 50, max: 500 } });
    return new SteadyPublisher(client, channel, `publisher-${index}`);
  });
  await Promise.all(made.map((publisher) => publisher.start(8)));
  return made;
}

const readersOn = (clients: readonly Client[], channel: string) =>
  Promise.all(clients.map((client) => Reader.on(client.channel(channel))));

const until = (held: () => boolean) => expect.poll(held, { timeout: 30_000 }).toBe(true);
const quick = { backoff: { base: 50, max: 500 } };

describe('under publishing', () => {
  it.each(['kept/talk', 'fleeting/talk'])(
    'a network that breaks again and again loses and doubles nothing on %s',
    async (channel) => {
      const readers = await readersOn([house.client('ada', quick), house.client(undefined, quick)], channel);
      const talking = await publishers(channel);
      for (let round = 0; round < 5; round += 1) {
        const before = talking[0]?.acknowledged.length ?? 0;
        await until(() => (talking[0]?.acknowledged.length ?? 0) > before + 20);
        house.breakAll();
      }
      const before = talking[0]?.acknowledged.length ?? 0;
      await until(() => (talking[0]?.acknowledged.length ?? 0) > before + 20);
      await Promise.all(talking.map((publisher) => publisher.stop()));
      await expectWhole(readers, talking);
    },
  );

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'a server that restarts after %s loses and doubles nothing that it keeps',
    async (signal) => {
      const channel = 'kept/talk';
      const readers = await readersOn([house.client('ada', quick), house.client(undefined, quick)], channel);
      const talking = await publishers(channel);
      for (let round = 0; round < 2; round += 1) {
        const before = talking[0]?.acknowledged.length ?? 0;
        await until(() => (talking[0]?.acknowledged.length ?? 0) > before + 30);
        await house.restart(signal);
      }
      const before = talking[0]?.acknowledged.length ?? 0;
      await until(() => (talking[0]?.acknowledged.length ?? 0) > before + 30);
      await Promise.all(talking.map((publisher) => publisher.stop()));
      await expectWhole(readers, talking);
    },
  );

  it('a restart tells the gap where nothing is kept, and the channel goes on', async () => {
    const reader = await Reader.on(house.client('ada', quick).channel('fleeting/talk'));
    const bo = house.client('bo', quick).channel('fleeting/talk');
    await bo.join();
    await bo.publish({ by: 'bo', n: 1 });
    await until(() => reader.heard.length === 1);
    await house.restart('SIGKILL');
    await until(() => reader.gaps.length === 1);
    await bo.join();
    await bo.publish({ by: 'bo', n: 2 });
    await until(() => reader.heard.length === 2);
  });
});
