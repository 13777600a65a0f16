import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium, noChromium } from '../playground/chromium.fixture.ts';
import { ClientHouse, KEY } from './house.fixture.ts';

const BUNDLE = createRequire(import.meta.url).resolve('@portcullis/client/browser');
const CHANNEL = 'kept/browser';

/** The page of an app, on a site of its own. */
const PAGE = `<!doctype html><meta charset="utf-8"><title>App</title><link rel="icon" href="data:,"><script type="module">
  import { connect } from '/portcullis.min.js';
  window.app = { heard: [], acknowledged: 0, gaps: 0, states: [] };
  window.start = async ({ url, key, token, channel, talks }) => {
    const client = connect({ url, key, token, queue: 1000, backoff: { base: 100, max: 1000 } });
    window.app.client = client;
    client.on('state', ({ state }) => app.states.push(state));
    const room = client.channel(channel);
    room.on('message', ({ data }) => app.heard.push(data));
    room.on('gap', () => { app.gaps += 1; });
    await room.join();
    app.talking = talks;
    for (let n = 1; app.talking; n += 1) {
      await room.publish(n);
      app.acknowledged = n;
    }
  };
</script>`;

interface App {
  readonly heard: number[];
  readonly acknowledged: number;
  readonly gaps: number;
  readonly states: string[];
}

describe('an app in Chromium', () => {
  let house: ClientHouse;
  let data: string;
  let site: Server;
  let browser: Browser;
  const complaints: string[] = [];

  beforeAll(async () => {
    if (noChromium !== null) return;
    data = mkdtempSync(join(tmpdir(), 'portcullis-browser-'));
    house = await ClientHouse.open({ data });
    site = createServer(({ url }, response) => {
      const script = url === '/portcullis.min.js';
      response.setHeader('content-type', script ? 'text/javascript' : 'text/html');
      if (script) createReadStream(BUNDLE).pipe(response);
      else response.end(PAGE);
    });
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    site?.close();
    await house?.close();
    if (data) rmSync(data, { recursive: true, force: true });
  });
  beforeEach((context) => {
    if (noChromium !== null) context.skip(noChromium);
  });

  async function open(user: string, talks: boolean): Promise<Page> {
    const page = await browser.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
    await page.waitForFunction('window.start');
    const given = {
      url: house.server.url,
      key: KEY,
      token: await house.server.tokenFor(user),
      channel: CHANNEL,
      talks,
    };
    await page.evaluate(`void window.start(${JSON.stringify(given)})`);
    await page.waitForFunction('window.app.states.includes("connected")');
    return page;
  }

  const look = (page: Page) =>
    page.evaluate(
      '(({ heard, acknowledged, gaps, states }) => ({ heard, acknowledged, gaps, states }))(window.app)',
    ) as Promise<App>;

  it('survives restarts of the server with nothing lost and nothing doubled', async () => {
    const [reader, talker] = [await open('ada', false), await open('bo', true)];
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const { acknowledged } = await look(talker);
      await talker.waitForFunction(`window.app.acknowledged > ${acknowledged + 20}`);
      await house.restart(signal);
      const { states } = await look(reader);
      await reader.waitForFunction(`window.app.client.state === "connected"`);
      expect(states).toContain('waiting');
    }
    const before = await look(talker);
    await talker.waitForFunction(`window.app.acknowledged > ${before.acknowledged + 20}`);
    await talker.evaluate('window.app.talking = false');
    await expect
      .poll(async () => (await look(reader)).heard.length, { timeout: 20_000 })
      .toBeGreaterThanOrEqual((await look(talker)).acknowledged);
    const [read, said] = [await look(reader), await look(talker)];
    expect(read.heard).toEqual(Array.from({ length: said.acknowledged }, (_, index) => index + 1));
    expect([read.gaps, complaints]).toEqual([0, []]);
  });
});
