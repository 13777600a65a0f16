import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, expect, it } from 'vitest';
import { DataFolder, messageAt } from './data-folder.fixture.ts';

/** Rounds of `kill -9`. */
const ROUNDS = process.env.LONG_TESTS === '1' ? 50 : 5;

const folders = new DataFolder();
afterEach(() => folders.clear());

/** Loads the writer from its source, as Node alone cannot. */
const CHILD = `
  import { runnerImport } from 'vite';
  const { module } = await runnerImport('${new URL('./kill-writer.fixture.ts', import.meta.url).pathname}', {
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['source'] },
    ssr: { resolve: { conditions: ['source'] } },
  });
  await module.writeWithoutEnd(process.argv[1]);`;

interface Acknowledged {
  readonly offsets: number[];
  readonly epochs: number[];
  /** Offsets of the messages that were reacted to. */
  readonly reactions: number[];
  /** Versions of the memberships. */
  readonly memberships: number[];
}

/** Lets a child write without end, kills it after so many acknowledgements, and tells which it had given. */
async function writeUntilKilled(folder: string, acknowledgements: number): Promise<Acknowledged> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', CHILD, folder], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: string[] = [];
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      said.push(line);
      if (said.length === acknowledgements) child.kill('SIGKILL');
    }
  } finally {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  expect(child.signalCode).toBe('SIGKILL');
  const of = (kind: string) => said.filter((line) => line.startsWith(kind)).map((line) => Number(line.slice(1)));
  return { offsets: of('a'), epochs: of('c'), reactions: of('r'), memberships: of('m') };
}

it(
  `kill -9 in the midst of writing loses nothing that was acknowledged (${ROUNDS} rounds)`,
  async () => {
    const folder = await folders.make();
    let highest = 0;
    let epoch = 0;
    for (let round = 1; round <= ROUNDS; round += 1) {
      const { offsets, epochs, reactions, memberships } = await writeUntilKilled(
        folder,
        200 + ((round * 7_919) % 1_500),
      );
      expect(offsets.length).toBeGreaterThan(100);
      highest = Math.max(highest, ...offsets);
      epoch = Math.max(epoch, ...epochs);
      const store = await folders.open({ folder });
      const kept = await store.history({ app: 'demo', channel: 'room', limit: 1e9, scope: { of: 'channel' } });
      const head = await store.head('demo', 'room');
      const state = await store.load();
      const reacted = await store.actions({ app: 'demo', channel: 'room', limit: 1e9, now: 0 });
      const members = await store.memberships('demo', { channel: 'room' }, { limit: 10 });
      await store.close();
      // All of it, nothing in between missing, each as it was.
      expect(kept.map((item) => item.position?.offset)).toEqual(kept.map((_, index) => index + 1));
      expect(kept.every((item) => item.data === `{"n":${item.position?.offset}}`)).toBe(true);
      expect(kept.length).toBeGreaterThanOrEqual(highest);
      expect(head?.offset).toBe(kept.length);
      expect(state.timetoken).toBe(kept.at(-1)?.timetoken);
      const [app] = state.apps;
      expect(app?.epoch).toBeGreaterThanOrEqual(epoch);
      expect(app?.rules.map(({ version }) => version)).toEqual([app?.epoch]);
      // No reaction without its message, and both memberships of one version.
      const held = new Set(reacted.map(({ messageTimetoken }) => messageTimetoken));
      const there = new Set(kept.map(({ timetoken }) => timetoken));
      expect(reactions.filter((offset) => !held.has(messageAt(offset - 1).timetoken))).toEqual([]);
      expect([...held].filter((timetoken) => !there.has(timetoken))).toEqual([]);
      expect(new Set(members.map(({ etag }) => etag)).size).toBe(1);
      expect(members).toHaveLength(2);
      expect(Number(members[0]?.etag)).toBeGreaterThanOrEqual(Math.max(...memberships));
      highest = kept.length;
    }
  },
  ROUNDS * 10_000,
);
