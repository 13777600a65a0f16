import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium, noChromium } from '../playground/chromium.fixture.ts';
import { denied, type Granted, GrantHouse, KEYS } from './grant-house.fixture.ts';
import { BrowserClient, serveApp } from './page.fixture.ts';

/** The SDK's browser bundle in Chromium, on a page of another origin: the browser asks for leave, and the server gives it. */
let house: GrantHouse;
let browser: Browser;
let site: Awaited<ReturnType<typeof serveApp>>;
let rooms = 0;
const clients: BrowserClient[] = [];

beforeAll(async () => {
  if (noChromium !== null) return;
  [house, browser, site] = await Promise.all([GrantHouse.open(), launchChromium(), serveApp()]);
});
afterAll(async () => {
  site?.close();
  await Promise.all([browser?.close(), house?.close()]);
});
beforeEach((context) => {
  if (noChromium !== null) context.skip(noChromium);
});
afterEach(async () => {
  const gone = clients.splice(0);
  for (const { faults } of gone) expect(faults).toEqual([]);
  await Promise.all(gone.map((client) => client.leave()));
  house?.sendAllAway();
});

async function arrive(user: string, granted: Granted, more: object = {}): Promise<BrowserClient> {
  const options = {
    publishKey: KEYS.publish,
    subscribeKey: KEYS.subscribe,
    userId: user,
    origin: `127.0.0.1:${house.server.port}`,
    ssl: false,
    ...more,
  };
  const client = await BrowserClient.arrive(browser, site.url, options, house.mint(granted, { user }));
  clients.push(client);
  return client;
}

const inside = (room: string): Granted => ({
  channels: { [room]: ['read', 'write', 'delete', 'get', 'update'], [`${room}-pnpres`]: ['read'] },
  uuids: { ada: ['get', 'update', 'delete'] },
});

describe.each([
  ['the event engine', {}],
  ['the legacy manager', { enableEventEngine: false }],
])('the browser bundle with %s', (_, options) => {
  it('publishes and hears, by GET and by POST', async () => {
    const room = `page-${++rooms}`;
    const ada = await arrive('ada', inside(room), options);
    const bo = await arrive('bo', inside(room), options);
    await bo.call('subscribe', { channels: [room] });
    await bo.seen('status', { category: 'PNConnectedCategory' });
    const { timetoken } = await ada.call('publish', { channel: room, message: 'grüße', meta: { lang: 'de' } });
    expect(await bo.seen('message', { message: 'grüße' })).toMatchObject({
      publisher: 'ada',
      timetoken,
      userMetadata: { lang: 'de' },
    });
    await ada.call('publish', { channel: room, message: 'posted', sendByPost: true });
    expect(await bo.seen('message', { message: 'posted' })).toMatchObject({ publisher: 'ada' });
    await ada.call('signal', { channel: room, message: 'typing' });
    await bo.seen('signal', { message: 'typing' });
    // A body of JSON is nothing that a page may send to another origin unasked.
    const posts = ada.asked.filter((line) => line.endsWith(`/${room}/0`));
    expect(posts).toContain(`POST /publish/${KEYS.publish}/${KEYS.subscribe}/0/${room}/0`);
    expect(posts).toContain(`OPTIONS /publish/${KEYS.publish}/${KEYS.subscribe}/0/${room}/0`);
  });

  it('sees who comes, says what state it is in, and goes', async () => {
    const room = `page-${++rooms}`;
    const ada = await arrive('ada', inside(room), options);
    await ada.call('subscribe', { channels: [room], withPresence: true });
    await ada.seen('status', { category: 'PNConnectedCategory' });
    const bo = await arrive('bo', inside(room), options);
    await bo.call('subscribe', { channels: [room] });
    await ada.seen('presence', { action: 'join', uuid: 'bo' });
    await bo.call('setState', { channels: [room], state: { mood: 'ok' } });
    expect(await ada.seen('presence', { action: 'state-change', uuid: 'bo' })).toMatchObject({ state: { mood: 'ok' } });
    expect(await ada.call('hereNow', { channels: [room], includeState: true })).toMatchObject({
      totalOccupancy: 2,
      channels: { [room]: { occupants: expect.arrayContaining([{ uuid: 'bo', state: { mood: 'ok' } }]) } },
    });
    await bo.call('unsubscribeAll');
    await ada.seen('presence', { action: 'leave', uuid: 'bo' });
  });

  it('is refused with the category and the code that it is refused with elsewhere', async () => {
    const room = `page-${++rooms}`;
    const eve = await arrive('eve', { channels: { [room]: ['join'] } }, options);
    expect(await eve.call('publish', { channel: room, message: 1 })).toEqual(denied('grant.missing-permission'));
    expect(await eve.call('publish', { channel: room, message: 1, sendByPost: true })).toEqual(
      denied('grant.missing-permission'),
    );
    expect(await eve.call('fetchMessages', { channels: ['another'] })).toEqual(denied('grant.not-covered'));
    await eve.call('subscribe', { channels: [room] });
    await eve.seen(
      'status',
      'enableEventEngine' in options
        ? { category: 'PNAccessDeniedCategory' }
        : { category: 'PNConnectionErrorCategory', error: 'PNAccessDeniedCategory' },
    );
  });
});

describe('the browser bundle', () => {
  it('reads history and reactions, and deletes', async () => {
    const room = `page-${++rooms}`;
    const ada = await arrive('ada', inside(room));
    const { timetoken } = await ada.call('publish', { channel: room, message: { n: 1 } });
    const action = { type: 'reaction', value: 'smile' };
    const added = await ada.call('addMessageAction', { channel: room, messageTimetoken: timetoken, action });
    expect(added).toMatchObject({ data: { ...action, uuid: 'ada' } });
    expect(await ada.call('fetchMessages', { channels: [room], includeMessageActions: true })).toMatchObject({
      channels: { [room]: [{ message: { n: 1 }, uuid: 'ada', actions: { reaction: { smile: [{ uuid: 'ada' }] } } }] },
    });
    await ada.call('deleteMessages', { channel: room });
    expect(await ada.call('fetchMessages', { channels: [room] })).toMatchObject({ channels: {} });
    expect(ada.asked.some((line) => line.startsWith('OPTIONS /v3/history/'))).toBe(true);
  });

  it('changes metadata under a tag, and learns that somebody was faster', async () => {
    const room = `page-${++rooms}`;
    const ada = await arrive('ada', inside(room));
    const first = await ada.call('objects.setChannelMetadata', { channel: room, data: { name: 'One' } });
    const { eTag } = first.data as { readonly eTag: string };
    const second = { channel: room, data: { name: 'Two' }, ifMatchesEtag: eTag };
    expect(await ada.call('objects.setChannelMetadata', second)).toMatchObject({ data: { name: 'Two' } });
    expect(await ada.call('objects.setChannelMetadata', second)).toMatchObject({ statusCode: 412 });
    expect(await ada.call('objects.getChannelMetadata', { channel: room })).toMatchObject({ data: { name: 'Two' } });
  });

  it('is put out at once when its token is revoked', async () => {
    const room = `page-${++rooms}`;
    const ada = await arrive(`leaver-${rooms}`, inside(room));
    await ada.call('subscribe', { channels: [room] });
    await ada.seen('status', { category: 'PNConnectedCategory' });
    await house.server.must('POST', '/apps/test/revocations', { user: `leaver-${rooms}` });
    await ada.seen('status', { category: 'PNDisconnectedUnexpectedlyCategory', error: 'PNAccessDeniedCategory' });
  });
});
