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

let server: RunningServer;
let talker: Talker;

beforeAll(async () => {
  server = await RunningServer.start({
    app: `    channels:
      - { target: hall, anonymousClients: true, publicMessaging: true }
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
    `a rule that is switched off cuts exactly those it covers, ${LONG ? '2 000' : '100'} times at random moments`,
    async () => {
      const rule = { target: 'room', anonymousClients: true, publicMessaging: true };
      const { id } = await server.must('POST', '/apps/test/rules', rule);
      talker = await Talker.start(server.port, ['hall', 'room'], PER_SECOND);
      const [witness, quick, stalled] = [await observer(), await observer(), await observer()];
      await witness.client.join('hall');
      for (let round = 0; round < (LONG ? 2_000 : 100); round += 1) {
        for (const { client } of [quick, stalled]) {
          await client.join('room');
          client.frames.length = 0;
        }
        await talker.rejoin('room');
        stalled.client.stopReading();
        await pause(Math.random() * 8);
        const ack = await server.must('PUT', `/apps/test/rules/${id}`, { ...rule, enabled: false });
        const sent = talker.sent;
        const timetoken = BigInt(String(ack.timetoken));
        stalled.client.goOnReading();
        await pause(Math.random() * 4);
        for (const who of [quick, stalled]) {
          const cut = await who.client.until(
            ({ action, options }) => action === 'leave' && options?.channel === 'room',
          );
          expect(who.client.frames.at(-1)).toBe(cut);
          const why = who.client.frames.at(-2);
          expect([why?.action, (why?.payload as { code: string } | undefined)?.code]).toEqual([
            'error',
            'channel.no-rule',
          ]);
          expect(who.newest).toBeLessThanOrEqual(sent);
          expect(who.timetoken <= timetoken).toBe(true);
          expect([who.gaps, who.afterCut]).toEqual([0, 0]);
          who.forget();
        }
        await server.must('PUT', `/apps/test/rules/${id}`, rule);
      }
      talker.stop();
      await witness.client.until(() => true).catch(() => {});
      await until(() => witness.newest >= talker.lastIn('hall'));
      expect(witness.gaps).toBe(0);
      expect(witness.newest).toBe(talker.lastIn('hall'));
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
    this.#cut = false;
    this.newest = 0;
    this.timetoken = 0n;
  }
}

async function observer(options: { readonly token?: string; readonly deaf?: boolean } = {}): Promise<Observer> {
  return new Observer(await RawClient.open({ port: server.port, hash: HASH, ...options }));
}

async function until(fits: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !fits() && Date.now() < deadline; ) await pause(5);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
