import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium, noChromium } from './chromium.fixture.ts';
import { type DemoServer, startDemoServer } from './demo-server.fixture.ts';
import { PlaygroundPage, type Who } from './playground-page.fixture.ts';

const everybody: Who[] = ['Guest', 'Ada', 'Bo'];
const signedIn: Who[] = ['Ada', 'Bo'];

describe('the playground, in Chromium, with our own client and the Xano SDK’s own browser bundle', () => {
  let server: DemoServer;
  let browser: Browser;
  let page: PlaygroundPage;

  beforeAll(async () => {
    if (noChromium !== null) return;
    server = await startDemoServer();
    browser = await launchChromium();
    page = await PlaygroundPage.open(browser, server.url);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  beforeEach((context) => {
    if (noChromium !== null) context.skip(noChromium);
  });

  it('shows the five templates side by side', async () => {
    expect(await page.columns()).toBe(5);
    expect(await page.titles()).toEqual([
      'Open chat',
      'Read openly, write signed in',
      'Notifications',
      'Members only',
      'Members and direct messages',
    ]);
  });

  it('lets everybody in where anonymous clients are allowed, and keeps Guest out elsewhere, with code and sentence', async () => {
    for (const template of ['open-chat', 'read-open-write-signed-in', 'notifications']) {
      for (const who of everybody) await page.becomes(template, who, 'inside');
    }
    for (const template of ['members-only', 'members-with-direct-messages']) {
      for (const who of signedIn) await page.becomes(template, who, 'inside');
      await page.becomes(template, 'Guest', 'outside');
      const log = await page.sees(template, 'Guest', 'Kept out');
      expect(log).toContain('channel.anonymous-not-allowed');
      expect(log).toContain('Anonymous clients cannot join this channel.');
    }
  });

  it('lists who is here with the extras of their tokens, and nobody where presence is off', async () => {
    const roster = await page.roster('open-chat', 'anonymous');
    expect(roster).toContain('Ada');
    expect(roster).toContain('engineer');
    expect(await page.roster('members-only', 'Bo')).not.toContain('anonymous');
    expect(await page.roster('notifications', 'Presence is off')).not.toContain('Ada');
  });

  it('brings a public message to everyone, the sender included', async () => {
    await page.says('open-chat', 'Guest', 'public from guest');
    for (const who of everybody) expect(await page.sees('open-chat', who, 'public from guest')).toContain('everyone');
  });

  it('refuses a public message of Guest where only the signed-in may write, and delivers Ada’s to Guest as well', async () => {
    await page.says('read-open-write-signed-in', 'Guest', 'may I');
    const log = await page.sees('read-open-write-signed-in', 'Guest', 'Not sent to everyone: “may I”');
    expect(log).toContain('channel.public-messaging-authenticated-only');
    await page.says('read-open-write-signed-in', 'Ada', 'public from ada');
    for (const who of everybody) await page.sees('read-open-write-signed-in', who, 'public from ada');
    expect(await page.reads('read-open-write-signed-in', 'Ada')).not.toContain('may I');
  });

  it('brings an authenticated message to the signed-in', async () => {
    await page.says('members-only', 'Ada', 'for members', 'signed-in');
    for (const who of signedIn) expect(await page.sees('members-only', who, 'for members')).toContain('signed-in');
    expect(await page.reads('members-only', 'Guest')).not.toContain('for members');
  });

  it('brings a private message to the chosen person of the roster, and refuses it where private messages are off', async () => {
    await page.says('members-with-direct-messages', 'Ada', 'only for bo', 'Bo');
    expect(await page.sees('members-with-direct-messages', 'Bo', 'only for bo')).toContain('private');
    await page.says('members-only', 'Ada', 'only for bo', 'Bo');
    expect(await page.sees('members-only', 'Ada', 'channel.private-messaging-off')).toContain(
      'Not sent to Bo: “only for bo”',
    );
    expect(await page.reads('members-only', 'Bo')).not.toContain('only for bo');
  });

  it('lets only the server speak on notifications', async () => {
    await page.says('notifications', 'Ada', 'let me');
    expect(await page.sees('notifications', 'Ada', 'Not sent')).toContain('channel.public-messaging-off');
    await page.sendsEvent('from the server');
    for (const who of everybody) expect(await page.sees('notifications', who, 'from the server')).toContain('Server');
  });

  it('refuses history where none is kept and shows it where it is', async () => {
    await page.presses(
      'members-with-direct-messages',
      'Ask for the history of members-with-direct-messages/lobby as Ada',
    );
    await page.sees('members-with-direct-messages', 'Ada', 'channel.history-off');
    await page.presses('open-chat', 'Ask for the history of open-chat/lobby as Bo');
    expect(await page.sees('open-chat', 'Bo', /History: \d+ kept/)).toContain('public from guest');
  });

  it('cuts exactly the anonymous when their lamp is turned off, and lets them in again', async () => {
    await page.lamp('open-chat', 'Anonymous clients').click();
    await page.becomes('open-chat', 'Guest', 'outside');
    expect(await page.sees('open-chat', 'Guest', 'Cut off')).toContain('channel.anonymous-not-allowed');
    for (const who of signedIn) await page.becomes('open-chat', who, 'inside');
    await page.says('open-chat', 'Ada', 'without guest');
    await page.sees('open-chat', 'Bo', 'without guest');
    expect(await page.reads('open-chat', 'Guest')).not.toContain('without guest');
    await page.lamp('open-chat', 'Anonymous clients').click();
    await page.becomes('open-chat', 'Guest', 'inside');
  });

  it('cuts everybody with the reason when the gate is closed, while the other channels go on', async () => {
    await page.presses('open-chat', 'Close the gate');
    for (const who of everybody) {
      await page.becomes('open-chat', who, 'outside');
      expect(await page.sees('open-chat', who, 'channel.no-rule')).toContain('Cut off');
    }
    await page.says('notifications', 'Ada', 'still here');
    await page.sees('notifications', 'Ada', 'still here');
    await page.presses('open-chat', 'Open the gate');
    for (const who of everybody) await page.becomes('open-chat', who, 'inside');
  });

  it('puts a rule back to its template', async () => {
    await page.lamp('members-only', 'Presence').click();
    await page.roster('members-only', 'Presence is off');
    await page.presses('members-only', 'Put members-only/lobby back to its template');
    await page.roster('members-only', 'engineer');
  });

  it('links each refusal to the page that explains its code', async () => {
    expect(await page.codeLinks('members-only', 'Guest')).toContain(
      '/playground/codes.html#channel.anonymous-not-allowed',
    );
    const reader = await PlaygroundPage.open(
      browser,
      `${server.url}/playground/codes.html#channel.anonymous-not-allowed`,
    );
    expect(await reader.text('[id="channel.anonymous-not-allowed"]')).toContain('anonymousClients');
    expect(reader.complaints).toEqual([]);
    await reader.close();
  });

  it('asks nobody but this server, under a strict policy, and the browser has nothing to complain about', async () => {
    const { host } = new URL(server.url);
    expect(page.asked.filter((address) => new URL(address).host !== host)).toEqual([]);
    expect(page.asked.filter((address) => address.startsWith('ws:'))).toHaveLength(3);
    const policy = (await fetch(server.url)).headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(page.complaints).toEqual([]);
  });

  it('says in every pane why somebody’s connection was ended, and reconnects on demand', async () => {
    await server.admin('POST', '/apps/demo/bans', { user: 'bo', reason: 'to see it' });
    await page.becomes('open-chat', 'Bo', 'offline');
    for (const template of ['open-chat', 'members-only']) {
      expect(await page.sees(template, 'Bo', 'Disconnected')).toContain('identity.banned');
    }
    await server.admin('DELETE', '/apps/demo/bans', { user: 'bo' });
    await page.reconnects('Bo');
    await page.becomes('open-chat', 'Bo', 'inside');
  });
});
