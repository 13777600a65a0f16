import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Placed, sendEvents, untilGone } from '../durability/writers.fixture.ts';
import { freePort, RunningServer } from '../support/server.ts';
import { FlappingHook, SECRET } from './flapping-hook.ts';

/**
 * `kill -9` between what happened and its delivery: every event whose cause was acknowledged reaches its webhook, those of a channel in their
 * order, whether the channel keeps history or not. What was handed over as the server died may come twice.
 */
const ROUNDS = process.env.LONG_TESTS === '1' ? 50 : 3;
const app = (url: string) => `    channels:
      - { target: kept/*, nested: true, anonymousClients: true, history: 100 }
      - { target: live/*, nested: true, anonymousClients: true }
    actions:
      - name: hook
        on: [event.sent, ban.created]
        do: [ { webhook: { url: "${url}", secret: ${SECRET} }, envelope: event, retry: { base: 20ms, max: 100ms, attempts: 100 } } ]
`;

let data: string;
let hook: FlappingHook;
let start: () => Promise<RunningServer>;
let server: RunningServer;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'portcullis-events-'));
  hook = new FlappingHook();
  const url = await hook.open();
  const port = await freePort();
  const env = { PORTCULLIS_SERVER_OUTBOUND_PRIVATE: 'allow', PORTCULLIS_SERVER_LOG: 'error' };
  start = () => RunningServer.start({ app: app(url), data, port, env });
  server = await start();
});
afterAll(async () => {
  await server?.stop();
  await hook?.close();
  rmSync(data, { recursive: true, force: true });
});

it(
  `kill -9 between cause and delivery loses no event and no order (${ROUNDS} rounds)`,
  async () => {
    const acknowledged = new Map<string, Placed[]>();
    const banned: string[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      const channels = [`kept/${round}`, `live/${round}`, `kept/${round}-b`, `live/${round}-b`];
      const writers = channels.map((channel) => {
        const placed: Placed[] = [];
        acknowledged.set(channel, placed);
        return sendEvents(server, channel, channel, placed);
      });
      const bans = untilGone(async (n) => {
        const user = `user-${round}-${n}`;
        await server.must('POST', '/apps/test/bans', { user, reason: 'for good' });
        banned.push(user);
      });
      await new Promise((resolve) => setTimeout(resolve, 150 + Math.random() * 500));
      await server.kill();
      await Promise.all([...writers, bans]);
      server = await start();
    }
    hook.failing = 0;
    const waiting = async () => {
      const { actions } = await server.must('GET', '/apps/test/actions');
      return (actions as { do: { state: { waiting: number } }[] }[])[0]?.do[0]?.state.waiting;
    };
    await expect.poll(waiting, { timeout: 60_000, interval: 200 }).toBe(0);
    const users = new Set(hook.taken.map(({ data: { user } }) => user));
    expect(banned.filter((user) => !users.has(user))).toEqual([]);
    let events = 0;
    for (const [channel, placed] of acknowledged) {
      const numbers = hook.taken
        .filter((told) => told.channel === channel && told.type === 'event.sent')
        .map(({ data: { message } }) => (message as Placed).n);
      const first = [...new Set(numbers)];
      expect([channel, placed.filter(({ n }) => !first.includes(n))]).toEqual([channel, []]);
      expect([channel, first]).toEqual([channel, [...first].sort((one, other) => one - other)]);
      events += placed.length;
    }
    expect(events).toBeGreaterThan(ROUNDS * 4);
    expect(hook.forged).toBe(0);
    expect((await server.must('GET', '/apps/test/dead-letters')).total).toBe(0);
  },
  60_000 + ROUNDS * 10_000,
);
