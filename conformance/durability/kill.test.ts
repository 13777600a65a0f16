import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort, RunningServer } from '../support/server.ts';
import { Changes, changeAuthority, greeting, ruleNow, ruleOfEdit } from './authority.fixture.ts';
import { historyOf, type Placed, Publisher, sendEvents } from './writers.fixture.ts';

/**
 * `kill -9` in the midst of everything: what was acknowledged, and what anybody was shown, is there after the restart,
 * in order and once; what was taken away stays away; a change that was under way is wholly there or not at all.
 */
const ROUNDS = process.env.LONG_TESTS === '1' ? 50 : 3;
const APP = `    history: { max: 100000 }
    limits: { sendBuffer: 64MiB }
    channels: [ { target: ledger/*, nested: true, anonymousClients: true, publicMessaging: true, history: 100000 } ]
`;

let data: string;
let port: number;
let server: RunningServer;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'portcullis-kill-'));
  port = await freePort();
  server = await RunningServer.start({ app: APP, data, port });
});
afterAll(async () => {
  await server?.stop();
  rmSync(data, { recursive: true, force: true });
});

it(
  `kill -9 in the midst of publishing and changing loses nothing that was acknowledged or seen (${ROUNDS} rounds)`,
  async () => {
    const past = new Map<string, readonly Placed[]>();
    let newest = 0n;
    for (let round = 1; round <= ROUNDS; round += 1) {
      const channel = `ledger/${round}`;
      const target = `round-${round}`;
      const tokens = await Promise.all(Array.from({ length: 30 }, (_, n) => server.tokenFor(`${target}-${n + 1}`)));
      const publishers = await Promise.all([
        Publisher.start(port, channel, { by: 'stranger', ahead: 30 }),
        Publisher.start(port, channel, { by: 'user', ahead: 5, token: await server.tokenFor('writer') }),
      ]);
      const acknowledged: Placed[] = [];
      const changes = new Changes();
      const writing = Promise.all([
        ...[1, 2].map((n) => sendEvents(server, channel, `backend-${n}`, acknowledged)),
        changeAuthority(server, { target, tokens, changes }),
      ]);
      const seen = () => publishers.flatMap((publisher) => publisher.seen);
      await expect
        .poll(() => [acknowledged.length > 10, seen().length > 100, changes.edits > 3], { timeout: 15_000 })
        .toEqual([true, true, true]);
      await pause(Math.random() * 300);
      await server.kill('SIGKILL');
      await writing;
      for (const publisher of publishers) publisher.leave();

      server = await RunningServer.start({ app: APP, data, port });
      const kept = await historyOf(port, channel);
      expectWhole(kept, [...acknowledged, ...seen()]);
      expect(BigInt(kept[0]?.timetoken ?? 0)).toBeGreaterThan(newest);
      newest = BigInt(kept.at(-1)?.timetoken ?? 0);
      past.set(channel, kept);

      const rule = await ruleNow(server, changes.rule);
      expect([ruleOfEdit(target, changes.edits), ruleOfEdit(target, changes.edits + 1)]).toContainEqual(rule);
      await expectTakenAway(changes, tokens);
    }
    for (const [channel, kept] of past) expect(await historyOf(port, channel)).toEqual(kept);
  },
  ROUNDS * 20_000,
);

/** All that was promised, where it was promised, in the order in which each wrote it, nothing twice and nothing missing between. */
function expectWhole(kept: readonly Placed[], promised: readonly Placed[]): void {
  const at = new Map(kept.map((item) => [`${item.by} ${item.n}`, item.timetoken]));
  expect(at.size).toBe(kept.length);
  for (const { by, n, timetoken } of promised) expect([by, n, at.get(`${by} ${n}`)]).toEqual([by, n, timetoken]);
  const timetokens = kept.map(({ timetoken }) => BigInt(timetoken));
  expect(timetokens.every((timetoken, index) => index === 0 || timetoken > (timetokens[index - 1] ?? 0n))).toBe(true);
  for (const writer of new Set(kept.map(({ by }) => by))) {
    const numbers = kept.filter(({ by }) => by === writer).map(({ n }) => n);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  }
}

async function expectTakenAway({ banned, pardoned, revoked }: Changes, tokens: readonly string[]): Promise<void> {
  const { bans } = await server.must('GET', '/apps/test/bans');
  const users = (bans as { user: string }[]).map(({ user }) => user);
  for (const user of banned) expect(users.filter((one) => one === user)).toHaveLength(1);
  for (const user of pardoned) expect(users).not.toContain(user);
  const tokenOf = (user: string) => tokens[Number(user.split('-').at(-1)) - 1];
  const told = async (users: readonly string[]) => {
    const theirs = users.flatMap((user) => tokenOf(user) ?? []).slice(0, 5);
    return Promise.all(theirs.map((token) => greeting(port, token)));
  };
  for (const codes of await told(banned)) expect(codes).toEqual(['identity.banned']);
  for (const codes of await told(pardoned)) expect(codes).toEqual([]);
  for (const token of revoked) expect(await greeting(port, token)).toEqual(['identity.revoked']);
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
