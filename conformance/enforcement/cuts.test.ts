import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Frame, RawClient } from '../support/raw-client.ts';
import { HASH, RunningServer } from '../support/server.ts';
import { Talker } from '../support/talker.ts';

/**
 * The promise of live enforcement, seen from outside by observers that know nothing of the server's code: no message
 * whose publish began after the acknowledgement, nor with a later timetoken, reaches the denied; the others miss none.
 */
const LONG = process.env.LONG_TESTS === '1';
const PER_SECOND = 5_000;
const ROOM = 'room/1';
const RULE = { target: ROOM, anonymousClients: true, publicMessaging: true };
/** Either takes the anonymous out of the room. Who is signed in stays: by this rule, or by the one behind it. */
const EDITS = [
  { ...RULE, anonymousClients: false },
  { ...RULE, enabled: false },
];
/** Once in so many rounds more is sent to who has stopped reading than sockets and kernels hold. */
const FULL_EVERY = 20;
const PARTS = 24;
const FILLING = 'x'.repeat(500_000);

let server: RunningServer;
let talker: Talker;

beforeAll(async () => {
  server = await RunningServer.start({
    app: `    limits: { message: 1MiB, sendBuffer: 64MiB }
    channels:
      - { target: room/*, nested: true, publicMessaging: true }
      - { target: filler, anonymousClients: true }
      - { target: talk, anonymousClients: true, publicMessaging: true }
`,
  });
});

afterAll(async () => {
  talker?.stop();
  await server?.stop();
});

describe(`under ${PER_SECOND} messages a second`, () => {
  it(
    `a rule that is narrowed or switched off cuts exactly those it covers, ${LONG ? '2 000' : '100'} times at random moments, also a peer that never answers the close frame and one that has stopped reading`,
    async () => {
      const { id } = await server.must('POST', '/apps/test/rules', RULE);
      talker = await Talker.start(server.port, [ROOM], PER_SECOND, await server.tokenFor('talker', { ttl: '1h' }));
      const witness = await observer({ token: await server.tokenFor('witness', { ttl: '1h' }) });
      const quick = await observer();
      await witness.client.join(ROOM);
      const leaving: Promise<void>[] = [];
      for (let round = 0; round < (LONG ? 2_000 : 100); round += 1) {
        // New ones: whoever has read much before is given much room by the kernel.
        const [deaf, stalled] = [await observer({ deaf: true }), await observer()];
        quick.forget();
        await stalled.client.join('filler');
        for (const { client } of [quick, stalled]) await client.join(ROOM);
        const session = (await deaf.client.join(ROOM)).client?.socketId;
        stalled.client.stopReading();
        const isFull = round % FULL_EVERY === 0;
        if (isFull) {
          await fill();
          const since = quick.newest;
          await until(() => quick.newest > since + 10);
        }
        await pause(Math.random() * 8);
        const edit = EDITS[round % EDITS.length];
        const [narrowed, kicked] = await Promise.all([
          acknowledged(server.must('PUT', `/apps/test/rules/${id}`, edit)),
          acknowledged(server.must('DELETE', `/apps/test/sessions/${session}?for=0`)),
        ]);
        const timetoken = BigInt(String(narrowed.ack.timetoken));
        // All the while others hear what is said in the room: this is what could reach the denied.
        await until(() => witness.newest > narrowed.sent + 10);
        stalled.client.goOnReading();
        for (const who of [quick, stalled]) {
          const cut = await who.client.until(({ action, options }) => action === 'leave' && options?.channel === ROOM);
          expect(who.client.frames.at(-1)).toBe(cut);
          const why = who.client.frames.at(-2);
          expect([why?.action, (why?.payload as { code: string } | undefined)?.code]).toEqual([
            'error',
            'channel.anonymous-not-allowed',
          ]);
          expect(who.newest).toBeLessThanOrEqual(narrowed.sent);
          expect(who.timetoken <= timetoken).toBe(true);
          expect([who.gaps, who.afterCut]).toEqual([0, 0]);
        }
        // What was still queued for it was taken back.
        if (isFull) expect(stalled.newest).toBeLessThan(quick.newest);
        stalled.client.destroy();
        leaving.push(
          deaf.client.untilGone().then(() => {
            expect(deaf.client.closeCode).toBe(4403);
            expect(deaf.newest).toBeLessThanOrEqual(Math.min(narrowed.sent, kicked.sent));
            expect(deaf.timetoken <= timetoken).toBe(true);
            expect([deaf.gaps, deaf.afterCut]).toEqual([0, 0]);
          }),
        );
        await server.must('PUT', `/apps/test/rules/${id}`, RULE);
      }
      talker.stop();
      await Promise.all(leaving);
      await until(() => witness.newest >= talker.sent);
      expect([witness.newest, witness.gaps]).toEqual([talker.sent, 0]);
      expect(witness.client.frames.map(({ action }) => action)).toEqual(['join']);
    },
    LONG ? 600_000 : 60_000,
  );

  it(
    `a revoked token ends its connection also for a peer that never answers the close frame, and for one that has stopped reading, ${LONG ? 200 : 20} times`,
    async () => {
      talker = await Talker.start(server.port, ['talk'], PER_SECOND);
      const done: Promise<void>[] = [];
      for (let round = 0; round < (LONG ? 200 : 20); round += 1) {
        const deaf = await observer({ token: await server.tokenFor(`deaf-${round}`), deaf: true });
        const stalled = await observer({ token: await server.tokenFor(`stalled-${round}`) });
        for (const { client } of [deaf, stalled]) await client.join('talk');
        stalled.client.stopReading();
        await pause(Math.random() * 5);
        for (const [who, user] of [
          [deaf, `deaf-${round}`],
          [stalled, `stalled-${round}`],
        ] as const) {
          const ack = await server.must('POST', '/apps/test/revocations', { user });
          const sent = talker.sent;
          const timetoken = BigInt(String(ack.timetoken));
          done.push(
            (async () => {
              if (who === stalled) {
                await pause(300);
                stalled.client.goOnReading();
              }
              await who.client.untilGone();
              expect(who.newest).toBeLessThanOrEqual(sent);
              expect(who.timetoken <= timetoken).toBe(true);
              expect(who.gaps).toBe(0);
            })(),
          );
        }
      }
      await Promise.all(done);
      const { body } = await server.admin('GET', '/apps/test/sessions');
      expect(JSON.stringify(body)).not.toMatch(/deaf-|stalled-/);
      talker.stop();
    },
    LONG ? 300_000 : 60_000,
  );
});

/** What one client has seen, kept without keeping the messages. */
class Observer {
  readonly client: RawClient;
  newest = 0;
  timetoken = 0n;
  gaps = 0;
  /** Messages that came behind the last word on the channel. */
  afterCut = 0;
  #cut = false;

  constructor(client: RawClient) {
    this.client = client;
    const frames = client.frames;
    client.onFrame = (frame: Frame) => {
      if (frame.action === 'event') return;
      if (frame.action !== 'message') {
        frames.push(frame);
        this.#cut ||= frame.action === 'leave';
        return;
      }
      if (this.#cut) this.afterCut += 1;
      const { n } = frame.payload as { n: number };
      if (this.newest !== 0 && n !== this.newest + 1) this.gaps += 1;
      this.newest = n;
      this.timetoken = BigInt(frame.options?.timetoken ?? '0');
    };
  }

  forget(): void {
    this.client.frames.length = 0;
    this.#cut = false;
    this.newest = 0;
    this.timetoken = 0n;
  }
}

async function observer(options: { readonly token?: string; readonly deaf?: boolean } = {}): Promise<Observer> {
  return new Observer(await RawClient.open({ port: server.port, hash: HASH, ...options }));
}

/** What a call answered, and the newest message whose publish had begun by then. */
async function acknowledged(call: Promise<Record<string, unknown>>) {
  const ack = await call;
  return { ack, sent: talker.sent };
}

async function fill(): Promise<void> {
  for (let part = 0; part < PARTS; part += 1)
    await server.must('POST', '/apps/test/events', { channel: 'filler', data: FILLING });
}

async function until(fits: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !fits() && Date.now() < deadline; ) await pause(5);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
