import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Target } from './unharmed.fixture.ts';

/** What strangers send to the PubNub door of a running server. */
const PUB = 'pub-conformance-0123456789abcdef0123';
const SUB = 'sub-conformance-0123456789abcdef0123';

let target: Target;

beforeAll(async () => {
  const rule = `{ target: '*', nested: true, anonymousClients: true, presence: true, publicMessaging: true, history: 10 }`;
  target = await Target.start(`    keys: { publish: ${PUB}, subscribe: ${SUB} }\n    channels: [ ${rule} ]\n`);
});
afterAll(() => target?.server.stop());

async function send(path: string, init: RequestInit = {}) {
  const answer = await fetch(`${target.server.url}${path}`, init);
  const text = await answer.text();
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    code: answer.headers.get('x-portcullis-code'),
    text,
  };
}

const publish = (channel: string, more = '') =>
  send(`/publish/${PUB}/${SUB}/0/${encodeURIComponent(channel)}/0/1?uuid=u${more}`);
const PRESENCE = `/v2/presence/sub-key/${SUB}/channel`;

describe('names at their limits, counted in bytes of UTF-8', () => {
  it.each([
    ['ASCII', 'x'.repeat(255)],
    ['two bytes each', `x${'é'.repeat(127)}`],
    ['three bytes each', '日'.repeat(85)],
    ['four bytes each', `xyz${'😀'.repeat(63)}`],
  ])('a channel of 255 bytes of %s is taken on every path, and one byte more on none', async (_, name) => {
    expect((await publish(name)).status).toBe(200);
    expect((await send(`/v2/subscribe/${SUB}/${encodeURIComponent(name)}/0?uuid=u`)).status).toBe(200);
    expect((await send(`${PRESENCE}/${encodeURIComponent(name)}?uuid=u`)).status).toBe(200);
    const over = `${name}x`;
    const encoded = encodeURIComponent(over);
    for (const answer of [
      await publish(over),
      await send(`/v2/subscribe/${SUB}/${encoded}/0?uuid=u`),
      await send(`/v2/subscribe/${SUB}/ok,${encoded}/0?uuid=u`),
      await send(`${PRESENCE}/${encoded}?uuid=u`),
      await send(`/v2/history/sub-key/${SUB}/channel/${encoded}?uuid=u`),
      await send(`/v1/files/${SUB}/channels/${encoded}/files?uuid=u`),
    ]) {
      expect([answer.status, answer.code]).toEqual([400, 'channel.bad-name']);
    }
  });

  it.each([
    ['ASCII', 'u'.repeat(255)],
    ['two bytes each', `u${'é'.repeat(127)}`],
    ['four bytes each', `uvw${'😀'.repeat(63)}`],
  ])('a user id of 255 bytes of %s is taken, and one byte more is not', async (_, id) => {
    const as = (uuid: string) => send(`/publish/${PUB}/${SUB}/0/c/0/1?uuid=${encodeURIComponent(uuid)}`);
    expect((await as(id)).status).toBe(200);
    expect(await as(`${id}x`)).toMatchObject({ status: 400, text: expect.stringContaining('Invalid UUID') });
  });
});

describe('a thousand channels in one call', () => {
  const names = Array.from({ length: 1_000 }, (_, n) => `room-${n}`);
  const ends = async (path: string) => (await send(path, { signal: AbortSignal.timeout(10_000) })).status;

  it('are subscribed to, visited and left', async () => {
    const list = names.join();
    expect(await ends(`/v2/subscribe/${SUB}/${list}/0?uuid=many`)).toBe(200);
    expect(await ends(`${PRESENCE}/${list}/heartbeat?uuid=many&heartbeat=60`)).toBe(200);
    expect(await ends(`${PRESENCE}/${list}?uuid=many`)).toBe(200);
    expect(await ends(`${PRESENCE}/${list}/leave?uuid=many`)).toBe(200);
  });

  it('are too many for history, and twice as many and one for anything, with the limit’s name', async () => {
    const history = await send(`/v3/history/sub-key/${SUB}/channel/${names.join()}?uuid=u`);
    expect([history.status, history.code]).toEqual([400, 'limit.historyChannelsPerCall']);
    const short = Array.from({ length: 2_001 }, (_, n) => n.toString(36)).join();
    for (const path of [`/v2/subscribe/${SUB}/${short}/0?uuid=u`, `${PRESENCE}/${short}?uuid=u`]) {
      const answer = await send(path);
      expect([answer.status, answer.code]).toEqual([400, 'limit.channelsPerCall']);
    }
  });

  it('one name a thousand times is one', async () => {
    const answer = await send(`${PRESENCE}/${Array(1_000).fill('same').join()}?uuid=u`);
    expect(JSON.parse(answer.text).payload.total_channels).toBe(1);
  });
});

describe('JSON that nests deeper than anybody should', () => {
  const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
  it.each([
    ['a message', () => send(`/publish/${PUB}/${SUB}/0/c/0?uuid=u`, { method: 'POST', body: deep })],
    ['its meta', () => publish('c', `&meta=${deep}`)],
    ['a state', () => send(`${PRESENCE}/c/uuid/u/data?uuid=u&state=${deep}`)],
    ['the states of a heartbeat', () => send(`${PRESENCE}/c/heartbeat?uuid=u&state=${deep}`)],
    ['a reaction', () => send(`/v1/message-actions/${SUB}/channel/c/message/1?uuid=u`, { method: 'POST', body: deep })],
    [
      'the name of a file',
      () => send(`/v1/files/${SUB}/channels/c/generate-upload-url?uuid=u`, { method: 'POST', body: deep }),
    ],
    ['a filter', () => send(`/v2/subscribe/${SUB}/c/0?uuid=u&filter-expr=${'('.repeat(3_000)}`)],
  ])('%s', async (_, act) => {
    const answer = await act();
    expect(answer.status).toBe(400);
    expect(answer.code).toMatch(/^(?:request\.malformed|limit\.)/);
    expect(answer.type).toMatch(/json|javascript/);
  });
});

describe('bodies that inflate without end', () => {
  const zeros = Buffer.alloc(64 * 1024 * 1024);
  it.each([
    ['deflate', deflateSync(zeros)],
    ['gzip', gzipSync(zeros)],
  ])('by %s', async (encoding, body) => {
    const headers = { 'content-encoding': encoding };
    const answer = await send(`/publish/${PUB}/${SUB}/0/c/0?uuid=u`, {
      method: 'POST',
      body: new Uint8Array(body),
      headers,
    });
    expect([answer.status, answer.code]).toEqual([400, 'limit.message']);
  });
});

describe('cursors', () => {
  it.each(['99999999999999999', '9999999999999999999', '1'])('%s of another node', async (tt) => {
    const poll = send(`/v2/subscribe/${SUB}/cursor-${tt}/0?uuid=u&tt=${tt}&tr=77`, {
      signal: AbortSignal.timeout(10_000),
    });
    const until = Date.now() + 5_000;
    let done = false;
    const answered = poll.then((answer) => {
      done = true;
      return answer;
    });
    // What is published while it hangs releases it, wherever it said that it stood.
    while (!done && Date.now() < until) await publish(`cursor-${tt}`);
    expect(JSON.parse((await answered).text).m.length).toBeGreaterThan(0);
  });

  it.each(['-1', '1e9', '0x10', 'now', '1'.repeat(30)])('%s is none', async (tt) => {
    expect(await send(`/v2/subscribe/${SUB}/c/0?uuid=u&tt=${tt}`)).toMatchObject({
      status: 400,
      code: 'request.malformed',
    });
  });
});

it('a megabyte of address behind other requests of one connection is refused, with a content type', async () => {
  const answer = await send(`/v2/subscribe/${SUB}/${'x'.repeat(1_000_000)}/0`);
  // Whether it was the address or a header that went on for too long cannot be told there.
  expect([414, 431]).toContain(answer.status);
  expect(answer.type).toMatch(/json/);
});

it('afterwards the server answers, holds no more memory than stated, and its log gives nothing away', async () => {
  await target.expectUnharmed();
});
