import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium, noChromium } from '../playground/chromium.fixture.ts';
import { freePort, HASH, RunningServer } from '../support/server.ts';
import { BrowserPerson } from './browser-person.fixture.ts';
import { serveSite } from './site.fixture.ts';

/**
 * The unmodified browser bundle of the Xano SDK against a running server, anonymous and signed in, under each of the
 * five permission templates. The numbers are those of the acceptance list of its wire.
 */
interface Expected {
  readonly template: string;
  /** Anonymous clients get in. */
  readonly strangers: boolean;
  readonly presence: boolean;
  /** What an unflagged message of someone signed in becomes, and what a stranger is told who sends one. */
  readonly plain: 'everyone' | 'authenticated' | string;
  readonly stranger: 'everyone' | string;
  /** Whether the signed-in may send to the signed-in; or the code. */
  readonly authenticated: 'authenticated' | string;
  readonly direct: 'session' | string;
}

const TEMPLATES: readonly Expected[] = [
  {
    template: 'open-chat',
    strangers: true,
    presence: true,
    plain: 'everyone',
    stranger: 'everyone',
    authenticated: 'channel.authenticated-messaging-off',
    direct: 'channel.private-messaging-off',
  },
  {
    template: 'read-open-write-signed-in',
    strangers: true,
    presence: true,
    plain: 'everyone',
    stranger: 'channel.public-messaging-authenticated-only',
    authenticated: 'channel.authenticated-messaging-off',
    direct: 'channel.private-messaging-off',
  },
  {
    template: 'notifications',
    strangers: true,
    presence: false,
    plain: 'channel.public-messaging-off',
    stranger: 'channel.public-messaging-off',
    authenticated: 'channel.authenticated-messaging-off',
    direct: 'channel.private-messaging-off',
  },
  {
    template: 'members-only',
    strangers: false,
    presence: true,
    plain: 'authenticated',
    stranger: 'channel.anonymous-not-allowed',
    authenticated: 'authenticated',
    direct: 'channel.private-messaging-off',
  },
  {
    template: 'members-with-direct-messages',
    strangers: false,
    presence: true,
    plain: 'authenticated',
    stranger: 'channel.anonymous-not-allowed',
    authenticated: 'authenticated',
    direct: 'session',
  },
];

const data = mkdtempSync(join(tmpdir(), 'portcullis-browser-'));
const tokens = new Map<string, string>();
const visitors: BrowserPerson[] = [];
let port: number;
let server: RunningServer;
let site: Awaited<ReturnType<typeof serveSite>>;
let browser: Browser;
let guest: BrowserPerson;
let ada: BrowserPerson;
let bo: BrowserPerson;
let rooms = 0;

beforeAll(async () => {
  if (noChromium !== null) return;
  port = await freePort();
  [server, site, browser] = await Promise.all([RunningServer.start({ data, port }), serveSite(port), launchChromium()]);
  for (const { template } of TEMPLATES) {
    await server.must('POST', '/apps/test/rules', { template, target: `${template}/*`, nested: true, history: 100 });
  }
  for (const user of ['ada', 'bo']) {
    tokens.set(user, await server.tokenFor(user, { table: 7, row: user.length, extras: { name: user } }));
  }
  [guest, ada, bo] = await Promise.all([arrive(), arrive('ada'), arrive('bo')]);
});
afterAll(async () => {
  await browser?.close();
  site?.close();
  await server?.stop();
  rmSync(data, { recursive: true, force: true });
});
beforeEach((context) => {
  if (noChromium !== null) context.skip(noChromium);
});
afterEach(async () => {
  for (const person of [guest, ada, bo, ...visitors]) expect(person?.faults ?? []).toEqual([]);
  await Promise.all(visitors.splice(0).map((person) => person.close()));
});

function arrive(user?: string, hash = HASH): Promise<BrowserPerson> {
  const token = user === undefined ? undefined : tokens.get(user);
  return BrowserPerson.arrive(browser, { site: site.url, hash, ...(token === undefined ? {} : { token }) });
}

/** Someone who is gone after the test. */
async function visit(user?: string, hash = HASH): Promise<BrowserPerson> {
  const person = await arrive(user, hash);
  visitors.push(person);
  return person;
}

const event = (channel: string, payload: unknown, more: object = {}) =>
  server.must('POST', '/apps/test/events', { channel, data: payload, ...more });

/** A channel of its own under the template, with everybody in it who may be. */
async function room({ template, strangers }: Expected, options: object = {}): Promise<string> {
  rooms += 1;
  const name = `${template}/${rooms}`;
  const [asGuest, asAda, asBo] = await Promise.all([guest, ada, bo].map((person) => person.join(name, options)));
  expect([asGuest !== null, asAda !== null, asBo !== null]).toEqual([strangers, true, true]);
  return name;
}

/** All that was sent into the channel before has arrived where it was to arrive. */
async function settled({ strangers }: Expected, name: string): Promise<void> {
  const heard = strangers ? [guest, ada, bo] : [ada, bo];
  const before = await Promise.all(heard.map(async (person) => (await person.of(name, 'event')).length));
  await event(name, 'fence');
  await Promise.all(heard.map((person, index) => person.next(name, 'event', (before[index] ?? 0) + 1)));
}

it('1: the handshake selects the token that was offered, and nothing when none was', async () => {
  await Promise.all([guest, ada].map((person) => person.join('open-chat/door')));
  expect(await guest.sockets()).toEqual([{ offered: null, protocol: '', closedWith: null }]);
  const token = tokens.get('ada');
  expect((await ada.sockets())[0]).toMatchObject({ protocol: token, closedWith: null });
  expect([(await ada.sockets())[0]?.offered].flat()).toEqual([token]);
});

it('2: a wrong hash is told once and not tried again', async () => {
  const lost = await visit(undefined, 'wrong-hash');
  await lost.open('open-chat/1');
  expect((await lost.nextError('open-chat/1')).payload?.code).toBe('app.unknown-key');
  // The SDK's first retry would come after one second.
  await new Promise((resolve) => setTimeout(resolve, 1_300));
  expect(await lost.sockets()).toMatchObject([{ closedWith: 4404 }]);
  expect(await lost.codes('open-chat/1')).toEqual(['app.unknown-key']);
});

describe.each(TEMPLATES)('under $template', (expected) => {
  const { template, strangers, presence } = expected;

  it('3: a join is acknowledged with oneself, or refused where `onError` hears it', async () => {
    const name = await room(expected);
    const [own] = await ada.of(name, 'join');
    expect(own).toMatchObject({ options: { channel: name }, payload: {} });
    expect(own?.client).toMatchObject({ extras: { name: 'ada' }, permissions: { dbo_id: 7, row_id: 3 } });
    if (strangers) {
      const [joined] = await guest.of(name, 'join');
      expect(joined?.client).toMatchObject({ extras: {}, permissions: { dbo_id: 0, row_id: 0 } });
      return;
    }
    expect(await guest.errors(name)).toMatchObject([
      {
        options: { channel: name },
        payload: { message: 'Anonymous clients cannot join this channel.', code: 'channel.anonymous-not-allowed' },
      },
    ]);
    expect(await guest.of(name, 'join')).toEqual([]);
  });

  it.each([
    ['4', 'an unflagged message', undefined, expected.plain],
    ['5', 'a message to the authenticated', { authenticated: true }, expected.authenticated],
    ['14', 'a message flagged as WeWeb flags it', { authenticated: false, socketId: null }, expected.plain],
  ])('%s: %s reaches whom it may, the sender included', async (_, __, options, outcome) => {
    const name = await room(expected);
    await ada.send(name, { text: 'from ada' }, options);
    if (outcome.startsWith('channel.')) {
      expect(await ada.nextError(name)).toMatchObject({ options: { channel: name }, payload: { code: outcome } });
    } else {
      const echo = await ada.next(name, 'message');
      expect(echo.options).toMatchObject({ authenticated: outcome === 'authenticated', socketId: null, channel: name });
      expect(echo.client).toMatchObject({ extras: { name: 'ada' }, permissions: { dbo_id: 7, row_id: 3 } });
    }
    await settled(expected, name);
    const sent = [{ text: 'from ada' }];
    const reached = outcome.startsWith('channel.') ? [] : outcome === 'everyone' ? [ada, bo, guest] : [ada, bo];
    for (const person of [guest, ada, bo]) {
      expect(await person.messages(name)).toEqual(reached.includes(person) ? sent : []);
    }
  });

  it('4, 5: so does what a stranger sends', async () => {
    const name = await room(expected);
    const before = (await guest.errors(name)).length;
    await guest.send(name, 'from a stranger');
    if (expected.stranger === 'everyone') await guest.next(name, 'message');
    else expect((await guest.nextError(name, before + 1)).payload?.code).toBe(expected.stranger);
    await guest.send(name, 'to the authenticated', { authenticated: true });
    await guest.until('a second answer', async () => {
      return (await guest.errors(name)).length + (await guest.messages(name)).length >= before + 2;
    });
    await settled(expected, name);
    const heard = expected.stranger === 'everyone' ? ['from a stranger'] : [];
    for (const person of [guest, ada, bo]) expect(await person.messages(name)).toEqual(heard);
  });

  it('6: a private message reaches one socket, where both ends may', async () => {
    const name = await room(expected, { presence });
    const [boId, adaId] = await Promise.all(
      [bo, ada].map(async (person) => (await person.next(name, 'join')).client?.socketId ?? ''),
    );
    await ada.send(name, 'for bo alone', { socketId: boId });
    if (expected.direct === 'session') {
      const secret = await bo.next(name, 'message');
      expect(secret).toMatchObject({ client: { socketId: adaId }, options: { socketId: boId, channel: name } });
      await ada.until('bo in the roster', async () => (await ada.present(name)).includes(boId ?? ''));
      await ada.sendToPeer(name, boId ?? '', 'by the roster');
      await bo.next(name, 'message', 2);
      await ada.send(name, 'for nobody', { socketId: 'nobody' });
      expect((await ada.nextError(name)).payload?.code).toBe('channel.peer-not-present');
    } else {
      expect((await ada.nextError(name)).payload?.code).toBe(expected.direct);
    }
    await settled(expected, name);
    expect(await bo.messages(name)).toEqual(expected.direct === 'session' ? ['for bo alone', 'by the roster'] : []);
    expect([await ada.messages(name), await guest.messages(name)]).toEqual([[], []]);
  });

  it('7, 13, 16: the roster comes once and is kept by updates; a second join is none; who leaves is gone once', async () => {
    const name = await room(expected, { presence: true });
    const id = (await bo.next(name, 'join')).client?.socketId ?? '';
    // A second channel object of the same name joins again.
    await bo.open(name, { presence: true });
    await bo.next(name, 'join');
    const brief = await visit('bo');
    const gone = (await brief.join(name, { presence: true }))?.socketId ?? '';
    if (presence) {
      await ada.until('the newcomer', async () => (await ada.present(name)).includes(gone));
      await brief.next(name, 'presence_full');
      const all = strangers ? 4 : 3;
      for (const person of [ada, brief]) {
        const present = await person.present(name);
        expect([present.length, new Set(present).size]).toEqual([all, all]);
      }
    }
    await brief.leave(name);
    await brief.until('the close', async () => (await brief.sockets())[0]?.closedWith !== null);
    expect(await brief.sockets()).toMatchObject([{ closedWith: 1000 }]);
    if (presence) await ada.until('the leave', async () => !(await ada.present(name)).includes(gone));
    await settled(expected, name);
    const updates = (await ada.of(name, 'presence_update')).map(({ payload }) => payload);
    const about = (session: string) => updates.filter((update) => JSON.stringify(update).includes(session));
    // All came at once: ada may have found bo in her roster already.
    expect(about(id).length).toBeLessThanOrEqual(presence ? 1 : 0);
    expect(about(gone)).toMatchObject(presence ? [{ action: 'join' }, { action: 'leave' }] : []);
    expect(await ada.of(name, 'presence_full')).toHaveLength(presence ? 1 : 0);
  });

  it('8, 9: events have their shape; history comes on join and on demand, for its reader', async () => {
    rooms += 1;
    const name = `${template}/${rooms}`;
    await Promise.all([guest.join(name), ada.join(name)]);
    await event(name, { for: 'everyone' });
    await event(name, { for: 'table 7' }, { table: 7 });
    await event(name, { for: 'ada' }, { table: 7, row: 3 });
    expect((await ada.next(name, 'event')).payload).toEqual({ data: { for: 'everyone' }, dbo_id: 0, row_id: 0 });
    expect((await ada.next(name, 'event', 2)).payload).toEqual({ data: { for: 'table 7' }, dbo_id: 7, row_id: 0 });
    expect((await ada.next(name, 'event', 3)).payload).toEqual({ data: { for: 'ada' }, dbo_id: 7, row_id: 3 });
    const kept = async (person: BrowserPerson) => {
      const { payload } = await person.next(name, 'history');
      return payload?.history?.map((item) => (item.payload as { data?: { for: string } } | null)?.data?.for);
    };
    await bo.join(name, { history: true });
    expect(await kept(bo)).toEqual(['everyone', 'table 7']);
    await ada.askHistory(name);
    expect(await kept(ada)).toEqual(['everyone', 'table 7', 'ada']);
    if (!strangers) {
      const before = (await guest.errors(name)).length;
      await guest.askHistory(name);
      expect((await guest.nextError(name, before + 1)).payload?.code).toMatch(/^channel\./);
      return;
    }
    await guest.askHistory(name);
    expect(await kept(guest)).toEqual(['everyone']);
  });

  it('15: names of two levels are covered, the bare target is not', async () => {
    rooms += 1;
    expect((await ada.join(`${template}/${rooms}/deeper`))?.socketId).toEqual(expect.any(String));
    expect(await ada.join(template)).toBeNull();
    expect(await ada.codes(template)).toEqual(['channel.no-rule']);
  });
});

it('11: a new token counts from the reconnect on, in every channel', async () => {
  const someone = await visit();
  rooms += 1;
  for (const { template, strangers } of TEMPLATES) {
    expect((await someone.join(`${template}/${rooms}`)) !== null).toBe(strangers);
  }
  await someone.reconnect(tokens.get('bo') ?? '');
  for (const { template, strangers } of TEMPLATES) {
    const { client } = await someone.next(`${template}/${rooms}`, 'join', strangers ? 2 : 1);
    expect(client).toMatchObject({ extras: { name: 'bo' }, permissions: { dbo_id: 7, row_id: 2 } });
  }
  expect(await someone.sockets()).toMatchObject([{ closedWith: 4000 }, { protocol: tokens.get('bo') }]);
});

it('12: after a restart everybody is back by themselves, in every channel they were in, and hears', async () => {
  const names: [Expected, string][] = [];
  for (const expected of TEMPLATES) names.push([expected, await room(expected)]);
  await server.stop();
  await ada.until('the close', async () => (await ada.sockets()).at(-1)?.closedWith !== null);
  expect((await ada.sockets()).at(-1)?.closedWith).toBe(1012);
  server = await RunningServer.start({ data, port });
  for (const [expected, name] of names) {
    const heard = expected.strangers ? [guest, ada, bo] : [ada, bo];
    await Promise.all(heard.map((person) => person.next(name, 'join', 2)));
    await settled(expected, name);
    expect(await ada.errors(name)).toEqual([]);
  }
});
