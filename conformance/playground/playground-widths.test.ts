import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium, noChromium } from './chromium.fixture.ts';
import { type DemoServer, startDemoServer } from './demo-server.fixture.ts';
import { PlaygroundPage, type Who } from './playground-page.fixture.ts';

const widths = [420, 768, 1280, 1400, 1440, 1480, 1600, 1920];
const schemes = ['light', 'dark'] as const;
const everybody: Who[] = ['Guest', 'Ada', 'Bo'];
const template = 'read-open-write-signed-in';
const verdict = 'channel.public-messaging-authenticated-only';

describe('the playground at every width', () => {
  let server: DemoServer;
  let browser: Browser;
  let page: PlaygroundPage;

  beforeAll(async () => {
    if (noChromium !== null) return;
    server = await startDemoServer();
    browser = await launchChromium();
    page = await PlaygroundPage.open(browser, server.url);
    for (const who of everybody) await page.becomes(template, who, 'inside');
    await page.says(template, 'Guest', 'may I');
    await page.sees(template, 'Guest', verdict);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  beforeEach((context) => {
    if (noChromium !== null) context.skip(noChromium);
  });

  async function overflows(): Promise<string[]> {
    const found: string[] = [];
    for (const scheme of schemes) {
      for (const width of widths) {
        for (const what of await page.overflows(width, scheme)) found.push(`${width} ${scheme}: ${what}`);
      }
    }
    return found;
  }

  it('has room for every text while the gates are open', async () => {
    expect(await overflows()).toEqual([]);
  });

  it('keeps code and reason of a refusal in sight while others speak, until who was refused tries again', async () => {
    for (const text of ['one', 'two', 'three', 'four', 'five', 'six', 'seven']) await page.says(template, 'Ada', text);
    await page.sees(template, 'Guest', 'seven');
    for (const width of widths) {
      await page.overflows(width, 'light');
      expect(await page.verdictsInSight(template, 'Guest')).toEqual([expect.stringContaining(verdict)]);
    }
    await page.says(template, 'Guest', 'hear me', 'signed-in');
    await page.sees(template, 'Guest', 'hear me');
    expect(await page.verdictsInSight(template, 'Guest')).toEqual([
      expect.stringContaining('channel.authenticated-messaging-off'),
    ]);
  });

  it('has room for every text while the gates are closed', async () => {
    for (const closed of await page.templates()) {
      await page.presses(closed, 'Close the gate');
      await page.becomes(closed, 'Ada', 'outside');
    }
    expect(await overflows()).toEqual([]);
    expect(page.complaints).toEqual([]);
  });
});
