import { expect } from 'vitest';
import { RawClient } from '../support/raw-client.ts';
import { ADMIN_TOKEN, HASH, JWT_SECRET, RunningServer } from '../support/server.ts';

/** How much more memory the process may hold after a whole file of attacks than before it, bytes of resident set. */
export const GROWTH_MAX = 128 * 1024 * 1024;

/** A server under attack, which has to be found unharmed afterwards. */
export class Target {
  readonly server: RunningServer;
  readonly #before: number;
  /** What was sent and must not be found in the log: tokens, secrets, payloads. */
  readonly #unspeakable = new Set([ADMIN_TOKEN, JWT_SECRET]);

  private constructor(server: RunningServer, before: number) {
    this.server = server;
    this.#before = before;
  }

  /** @param app YAML of the app, as `RunningServer` takes it. Everything is logged, that as much as possible may leak. */
  static async start(app: string, access?: string): Promise<Target> {
    const gates = access === undefined ? {} : { access };
    const server = await RunningServer.start({ app, ...gates, env: { PORTCULLIS_SERVER_LOG: 'debug' } });
    await chat(server, 'warm');
    return new Target(server, await residentBytes(server));
  }

  /** The log may not contain any of these, from here to the end. */
  neverSay(...texts: string[]): void {
    for (const text of texts) if (text.length >= 8) this.#unspeakable.add(text);
  }

  /** It still serves strangers and operators, holds little more memory than before, and its log gives nothing away. */
  async expectUnharmed(): Promise<void> {
    await chat(this.server, 'still here');
    expect((await this.server.admin('GET', '/apps/test/rules')).status).toBe(200);
    expect(this.server.process.exitCode).toBeNull();
    const log = this.server.output;
    for (const text of this.#unspeakable) {
      expect(log.includes(text), `the log contains ${text.slice(0, 60)}`).toBe(false);
    }
    expect(log).not.toMatch(/"level":"error"/);
    expect((await residentBytes(this.server)) - this.#before).toBeLessThan(GROWTH_MAX);
  }
}

/** One message goes round: the server does its work. */
async function chat(server: RunningServer, text: string): Promise<void> {
  const client = await RawClient.open({ port: server.port, hash: HASH });
  await client.join('room');
  client.message('room', text);
  await client.until(({ action, payload }) => action === 'message' && payload === text);
  client.destroy();
}

async function residentBytes(server: RunningServer): Promise<number> {
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  const found = /^process_resident_memory_bytes (\S+)$/m.exec(metrics);
  if (found === null) throw new Error('the metrics do not tell the resident set');
  return Number(found[1]);
}
