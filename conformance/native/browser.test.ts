import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium, noChromium } from '../playground/chromium.fixture.ts';
import { serveApp } from '../pubnub/page.fixture.ts';
import { RunningServer } from '../support/server.ts';

/** What browsers themselves do, on a page of another origin: WebSocket, `EventSource` and `fetch`, without a library. */
const KEY = 'sub-browser';
let server: RunningServer;
let browser: Browser;
let site: Awaited<ReturnType<typeof serveApp>>;
let page: Page;

beforeAll(async () => {
  if (noChromium !== null) return;
  const app = `    keys: { subscribe: ${KEY} }
    channels:
      - { target: room, anonymousClients: true, publicMessaging: true, history: 100 }
      - { target: members, publicMessaging: true }
`;
  const access = '{ rules: on, grants: off, explainToClients: full }';
  [server, browser, site] = await Promise.all([RunningServer.start({ app, access }), launchChromium(), serveApp()]);
  page = await browser.newPage();
  await page.goto(site.url);
});
afterAll(async () => {
  site?.close();
  await Promise.all([browser?.close(), server?.stop()]);
});
beforeEach((context) => {
  if (noChromium !== null) context.skip(noChromium);
});

const publish = (data: unknown, token?: string) =>
  page.evaluate(`fetch('${server.url}/v1/publish?key=${KEY}', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(${JSON.stringify(token ?? null)} && { authorization: 'Bearer ${token}' }) },
    body: JSON.stringify({ channel: 'room', data: ${JSON.stringify(data)} }),
  }).then(async (answer) => ({ status: answer.status, code: answer.headers.get('x-portcullis-code'), ...(await answer.json()) }))`);
const heard = (name: string) =>
  page.evaluate(`${name}.filter(({ type }) => type === 'messages' || type === 'history')
    .flatMap(({ messages }) => messages.map(({ data }) => data))`);
const waitFor = (expression: string) => page.waitForFunction(expression, undefined, { timeout: 20_000, polling: 20 });

describe('a page of another origin', () => {
  it('connects by WebSocket, and publishes with fetch', async () => {
    await page.evaluate(`globalThis.said = [];
      globalThis.socket = new WebSocket('${server.url.replace('http', 'ws')}/v1/connect?key=${KEY}', 'portcullis.v1');
      socket.onmessage = ({ data }) => said.push(...[JSON.parse(data)].flat());
      socket.onopen = () => socket.send(JSON.stringify([{ type: 'connect', id: 1 }, { type: 'join', id: 2, channel: 'room' }]));`);
    await waitFor(`said.some(({ type }) => type === 'joined')`);
    expect(await publish('by fetch')).toMatchObject({ status: 200, position: { offset: 1 } });
    await waitFor(`said.some(({ type }) => type === 'messages')`);
    expect(await heard('said')).toEqual(['by fetch']);
    expect(await publish(1, 'no.token.at-all')).toMatchObject({ status: 400, code: 'identity.malformed' });
    await page.evaluate('socket.close()');
  });

  it('listens by EventSource, and comes back by itself to what it missed, once and in order', async () => {
    await page.evaluate(`globalThis.events = []; globalThis.opens = 0;
      globalThis.source = new EventSource('${server.url}/v1/stream?key=${KEY}&channel=room');
      source.onopen = () => { opens += 1; };
      source.onmessage = ({ data }) => events.push(JSON.parse(data));`);
    await waitFor(`events.some(({ type }) => type === 'joined')`);
    await publish('first');
    await waitFor(`events.some(({ type }) => type === 'messages')`);
    const sessions = (await server.must('GET', '/apps/test/sessions')).sessions as { id: string; door: string }[];
    const stream = sessions.find(({ door }) => door === 'native-stream');
    await server.must('DELETE', `/apps/test/sessions/${stream?.id}?for=0s`);
    await waitFor(`events.some(({ type }) => type === 'closing')`);
    for (const data of ['missed 1', 'missed 2']) await publish(data);
    await waitFor('opens === 2');
    await waitFor(`events.filter(({ type }) => type === 'history').length > 0`);
    await publish('last');
    await waitFor(`events.at(-1).messages?.some(({ data }) => data === 'last')`);
    expect(await heard('events')).toEqual(['first', 'missed 1', 'missed 2', 'last']);
    await page.evaluate('source.close()');
  });

  it('opens a stream for its user with a ticket, and is not kept asking by a refusal', async () => {
    const token = await server.tokenFor('ada');
    await page.evaluate(`globalThis.events = [];
      fetch('${server.url}/v1/ticket?key=${KEY}', { method: 'POST', headers: { authorization: 'Bearer ${token}' } })
        .then((answer) => answer.json())
        .then(({ ticket }) => {
          globalThis.source = new EventSource('${server.url}/v1/stream?key=${KEY}&channel=members&ticket=' + ticket);
          source.onmessage = ({ data }) => events.push(JSON.parse(data));
        })`);
    await waitFor(`events.some(({ type }) => type === 'joined')`);
    expect(await page.evaluate('events[0].self')).toMatchObject({ user: 'ada', proven: true });
    await page.evaluate(`source.close(); globalThis.failed = null;
      globalThis.source = new EventSource('${server.url}/v1/stream?key=${KEY}&channel=members');
      source.onerror = () => { failed = source.readyState; };`);
    await waitFor('failed === EventSource.CLOSED');
  });
});
