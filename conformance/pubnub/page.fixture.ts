import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { VendorEvent } from './vendor-client.fixture.ts';

const bundle = join(
  dirname(createRequire(import.meta.url).resolve('pubnub/package.json')),
  'dist',
  'web',
  'pubnub.min.js',
);
const HTML = '<!doctype html><meta charset="utf-8"><title>An app of somebody</title><script src="/pubnub.js"></script>';

/** A web site of somebody else on this machine, with the SDK's browser bundle as it is published. */
export async function serveApp(): Promise<{ readonly url: string; close(): void }> {
  const script = readFileSync(bundle, 'utf8');
  const server = createServer((request, response) => {
    const [type, body] = request.url === '/pubnub.js' ? ['text/javascript', script] : ['text/html', HTML];
    response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** One client of the SDK in a page of its own. */
export class BrowserClient {
  /** Requests to the server that the browser made: `METHOD path`. Those it asked leave for first are among them as `OPTIONS`. */
  readonly asked: string[] = [];
  readonly faults: string[] = [];
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
    page.on('pageerror', (error) => this.faults.push(error.message));
    page.on('console', (message) => {
      if (/CORS|Access-Control/.test(message.text())) this.faults.push(message.text());
    });
  }

  static async arrive(browser: Browser, site: string, options: object, token: string): Promise<BrowserClient> {
    const page = await (await browser.newContext()).newPage();
    const client = new BrowserClient(page);
    await page.goto(site);
    await page.evaluate(`{
      globalThis.client = new PubNub(${JSON.stringify(options)});
      client.setToken(${JSON.stringify(token)});
      globalThis.events = [];
      const kinds = ['status', 'message', 'signal', 'presence', 'messageAction', 'objects', 'file'];
      const note = (kind) => (event) => void events.push({ kind, ...event });
      client.addListener(Object.fromEntries(kinds.map((kind) => [kind, note(kind)])));
    }`);
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    session.on('Network.requestWillBeSent', ({ request }) => {
      client.asked.push(`${request.method} ${new URL(request.url).pathname}`);
    });
    return client;
  }

  /** Calls a method of the client by its path: what it answers, or the status it fails with. */
  call(method: string, ...args: readonly unknown[]): Promise<Readonly<Record<string, unknown>>> {
    const given = args.map((argument) => JSON.stringify(argument)).join(', ');
    return this.#page.evaluate(`(async () => {
      try {
        return (await client.${method}(${given})) ?? {};
      } catch ({ status }) {
        return { category: status.category, statusCode: status.statusCode, code: status.errorData?.code };
      }
    })()`);
  }

  /** Waits, for a bounded time, until an event of the kind has these fields. */
  async seen(kind: string, fields: object): Promise<VendorEvent> {
    const fits = `(event) => event.kind === ${JSON.stringify(kind)} &&
      Object.entries(${JSON.stringify(fields)}).every(([key, value]) => event[key] === value)`;
    try {
      const found = await this.#page.waitForFunction(`events.find(${fits})`, undefined, {
        timeout: 10_000,
        polling: 20,
      });
      return (await found.jsonValue()) as VendorEvent;
    } catch {
      throw new Error(`no ${kind} with ${JSON.stringify(fields)} among ${JSON.stringify(await this.events())}`);
    }
  }

  events(): Promise<VendorEvent[]> {
    return this.#page.evaluate('events');
  }

  async leave(): Promise<void> {
    await this.#page.context().close();
  }
}
