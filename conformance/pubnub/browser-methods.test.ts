import type { Browser, Page } from 'playwright-core';
import type PubNub from 'pubnub';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium, noChromium } from '../playground/chromium.fixture.ts';
import { denied, type Granted, GrantHouse, KEYS } from './grant-house.fixture.ts';
import { allBut, exactly, placeFor, SECTIONS } from './method-place.fixture.ts';
import { FOR_SERVERS, METHODS, type Place } from './methods.fixture.ts';
import { serveApp } from './page.fixture.ts';

/**
 * Every method of the SDK that needs a permission, by its browser bundle in Chromium: allowed, and refused; and those that
 * need none. The vendor leaves granting and revoking out of that bundle.
 */
let house: GrantHouse;
let browser: Browser;
let site: Awaited<ReturnType<typeof serveApp>>;
let page: Page;
const faults: string[] = [];

beforeAll(async () => {
  if (noChromium !== null) return;
  [house, browser, site] = await Promise.all([GrantHouse.open(), launchChromium(), serveApp()]);
  page = await browser.newPage();
  page.on('pageerror', (error) => faults.push(error.message));
  await page.goto(site.url);
});
afterAll(async () => {
  site?.close();
  await Promise.all([browser?.close(), house?.close()]);
});
beforeEach((context) => {
  if (noChromium !== null) context.skip(noChromium);
});

/** What the calls of the table refer to by name. */
const CONSTANTS = `const said = { mood: 'ok' }; const reaction = { type: 'reaction', value: 'smile' }; const FILE = { name: 'notes.txt' };`;

/** Makes the call in the page, with a client of its own, as its text says. */
function inPage(
  call: (...given: never[]) => Promise<unknown>,
  place: Place,
  granted: Granted | null,
): Promise<unknown> {
  const { publish, subscribe } = KEYS;
  const origin = `127.0.0.1:${house.server.port}`;
  const options = { publishKey: publish, subscribeKey: subscribe, userId: place.user, origin, ssl: false };
  const token = granted && house.mint(granted, { user: place.user });
  return page.evaluate(`(async () => {
    ${CONSTANTS}
    const client = new PubNub(${JSON.stringify(options)});
    ${token === null ? '' : `client.setToken(${JSON.stringify(token)});`}
    try {
      return await (${call.toString()})(client, ${JSON.stringify(place)});
    } catch (error) {
      const { status } = error;
      if (status === undefined) throw error;
      return { category: status.category, statusCode: status.statusCode, code: status.errorData?.code };
    } finally {
      client.destroy(true);
    }
  })()`);
}

describe.each(METHODS.map((method) => [method.name, method] as const))('%s in a browser', (_, method) => {
  const { call, needs, answers } = method;

  it('answers whoever has just what it needs', async () => {
    const place = await placeFor(house, method);
    expect(await inPage(call, place, exactly(method, place))).toEqual(answers(place));
  });

  it('refuses whoever has everything but that, or no token', async () => {
    const place = await placeFor(house, method);
    const [missing] = SECTIONS.filter((section) => needs[section] !== undefined);
    if (missing === undefined) throw new Error('a method that needs nothing');
    expect(await inPage(call, place, allBut(needs, missing, place))).toEqual(denied('grant.missing-permission'));
    expect(await inPage(call, place, null)).toEqual(denied('grant.none'));
  });
});

it.each(FOR_SERVERS.map(({ name, call }) => [name, call] as const))(
  '%s is for servers, not for browsers',
  async (_, call) => {
    const place = { channel: 'c', group: 'g', user: 'ada', message: '', action: '', file: '' };
    expect(await inPage(call, place, allBut({}, 'channels', place))).toEqual(denied('operation.server-only'));
  },
);

describe('what needs no permission, in a browser', () => {
  const nowhere: Place = { channel: 'c', group: 'g', user: 'ada', message: '', action: '', file: '' };

  it('the time, and where a user is', async () => {
    expect(await inPage((client: PubNub) => client.time(), nowhere, null)).toEqual({ timetoken: expect.anything() });
    const whereNow = (client: PubNub) => client.whereNow({ uuid: 'nobody' });
    expect(await inPage(whereNow, nowhere, null)).toEqual({ channels: [] });
  });

  it('reading a token, and the address of a file that it is for', async () => {
    const token = house.mint({ channels: { c: ['read'] } }, { user: 'ada' });
    const parse = async (client: PubNub, { group }: Place) => client.parseToken(group);
    expect(await inPage(parse, { ...nowhere, group: token }, null)).toMatchObject({
      authorized_uuid: 'ada',
      resources: { channels: { c: { read: true, write: false } } },
    });
    const address = async (client: PubNub) => client.getFileUrl({ channel: 'c', id: 'id-1', name: 'notes.txt' });
    const url = new URL(String(await inPage(address, nowhere, { channels: { c: ['read'] } })));
    expect(url.pathname).toBe(`/v1/files/${KEYS.subscribe}/channels/c/files/id-1/notes.txt`);
    expect(url.searchParams.has('auth')).toBe(true);
  });
});

it('the browser had nothing to complain about', () => {
  expect(faults).toEqual([]);
});
