import { describe, expect, it } from 'vitest';
import { bearer, Desk, GRANTS, proven, RULES, ruleOf, SERVER, stated } from '../ask/desk.fixture.ts';
import { endpoints } from './index.ts';

const V2 = '/v2/history/sub-key/sub/channel';
const V3 = '/v3/history/sub-key/sub/channel';
const COUNTS = '/v3/history/sub-key/sub/message-counts';
const WITH_ACTIONS = '/v3/history-with-actions/sub-key/sub/channel';

/** A desk with `count` messages `1`, `2`, … in `ch`, and their timetokens. */
async function filled(count: number, options: Parameters<typeof Desk.open>[1] = {}) {
  const desk = await Desk.open(endpoints, options);
  const tokens: bigint[] = [];
  for (let n = 1; n <= count; n++) tokens.push(await desk.publish('ch', `${n}`));
  const at = (n: number): bigint => tokens[n - 1] ?? 0n;
  const items = async (url: string): Promise<unknown> => JSON.parse((await desk.get(url)).text)[0];
  return { desk, at, items };
}

describe('history v2', () => {
  it('answers items, first and last timetoken, as the vendor writes them', async () => {
    const { desk, at } = await filled(2);
    await expect(desk.get(`${V2}/ch`)).resolves.toEqual({
      status: 200,
      type: 'javascript',
      text: `[[1,2],${at(1)},${at(2)}]`,
      headers: {},
    });
    expect((await desk.get(`${V2}/ch?include_token=true`)).text).toBe(
      `[[{"message":1,"timetoken":${at(1)}},{"message":2,"timetoken":${at(2)}}],${at(1)},${at(2)}]`,
    );
    expect((await desk.get(`${V2}/ch?include_token=true&string_message_token=true&count=1`)).text).toBe(
      `[[{"message":2,"timetoken":"${at(2)}"}],"${at(2)}","${at(2)}"]`,
    );
    expect((await desk.get(`${V2}/empty`)).text).toBe('[[],0,0]');
  });

  it('includes what was published beside the message, and keeps its very text', async () => {
    const desk = await Desk.open(endpoints);
    await desk.publish('ch', '{"big":12345678901234567890, "a":1.0}', { meta: '{"m":1}' });
    await desk.publish('ch', '"plain"');
    expect((await desk.get(`${V2}/ch?include_meta=true`)).text).toContain(
      '[{"message":{"big":12345678901234567890, "a":1.0},"meta":{"m":1}},{"message":"plain","meta":""}]',
    );
  });

  it.each([
    ['nothing: the newest', '', [3, 4, 5]],
    ['start, exclusive: what is older', 'start=4', [1, 2, 3]],
    ['end, inclusive: what is not older', 'end=4', [4, 5]],
    ['start and end', 'start=5&end=2', [2, 3, 4]],
    ['start before end: the same bounds', 'start=2&end=4', [3, 4]],
    ['reverse: the oldest', 'reverse=true', [1, 2, 3]],
    ['reverse from start on', 'reverse=true&start=3', [4, 5]],
    ['reverse up to end', 'reverse=true&end=2', [1, 2]],
    ['a range of nothing', 'start=3&end=3', []],
  ])('reads by %s', async (_name, query, expected) => {
    const { at, items } = await filled(5);
    const bounds = query.replace(/(start|end)=(\d)/g, (_all, name, n) => `${name}=${at(Number(n))}`);
    expect(await items(`${V2}/ch?count=3&${bounds}`)).toEqual(expected);
  });

  it('walks the whole channel page by page, in both directions, with nothing twice and nothing left out', async () => {
    const { desk } = await filled(25);
    for (const reverse of [false, true]) {
      const seen: number[] = [];
      let start = '';
      for (;;) {
        const text = (await desk.get(`${V2}/ch?count=4&reverse=${reverse}&string_message_token=true${start}`)).text;
        const [items, first, last] = JSON.parse(text);
        if (items.length === 0) break;
        seen.push(...(reverse ? items : items.reverse()));
        start = `&start=${reverse ? last : first}`;
      }
      const all = Array.from({ length: 25 }, (_, n) => n + 1);
      expect(seen).toEqual(reverse ? all : all.reverse());
    }
  });

  it.each(['start=x', 'end=-1', 'count=0', 'count=two', `start=${'9'.repeat(40)}`])('refuses %s', async (query) => {
    const { desk } = await filled(1);
    const what = query.split('=')[0];
    await expect(desk.get(`${V2}/ch?${query}`)).resolves.toMatchObject({
      status: 400,
      text: `{"status":400,"error":true,"error_message":"Invalid Arguments: ${what}","channels":{},"code":"request.malformed"}`,
    });
  });

  it('never gives more than the vendor’s page', async () => {
    const { items } = await filled(7, { settings: { historyPage: 5 } });
    expect(await items(`${V2}/ch?count=1000`)).toEqual([3, 4, 5, 6, 7]);
  });
});

describe('fetch v3', () => {
  it('answers by channel, with what was asked for', async () => {
    const { desk, at } = await filled(1);
    const two = await desk.publish('other', '{"t":"hi"}', {
      principal: stated('ann'),
      meta: '{"m":true}',
      customType: 'greeting',
    });
    expect((await desk.get(`${V3}/ch,other,empty`)).text).toBe(
      `{"status":200,"error":false,"error_message":"","channels":{"ch":[{"message":1,"timetoken":"${at(1)}"}],"other":[{"message":{"t":"hi"},"timetoken":"${two}"}]}}`,
    );
    const all = 'include_meta=true&include_uuid=true&include_message_type=true&include_custom_message_type=true';
    expect((await desk.get(`${V3}/other?${all}`)).text).toBe(
      `{"status":200,"error":false,"error_message":"","channels":{"other":[{"message":{"t":"hi"},"timetoken":"${two}","meta":{"m":true},"uuid":"ann","message_type":null,"custom_message_type":"greeting"}]}}`,
    );
    expect((await desk.get(`${V3}/empty`)).text).toBe('{"status":200,"error":false,"error_message":"","channels":{}}');
  });

  it('says where to go on when there is more, and walks through several channels without a gap', async () => {
    const { desk } = await filled(7);
    for (let n = 1; n <= 4; n++) await desk.publish('other', `"o${n}"`);
    const seen = new Set<unknown>();
    let start = '';
    for (let page = 0; page < 10; page++) {
      const { channels, more } = JSON.parse((await desk.get(`${V3}/ch,other?max=2${start}`)).text);
      for (const items of Object.values(channels))
        for (const item of items as { message: unknown }[]) seen.add(item.message);
      if (more === undefined) break;
      expect(more).toEqual({
        url: `/v3/history/sub-key/sub/channel/ch,other?start=${more.start}&max=2`,
        start: expect.stringMatching(/^\d{17}$/),
        max: 2,
      });
      start = `&start=${more.start}`;
    }
    expect(seen).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 'o1', 'o2', 'o3', 'o4']));
  });

  it('encodes names that are keys, unless it is told not to', async () => {
    const desk = await Desk.open(endpoints);
    await desk.publish('a b:1', '1');
    await desk.publish('__proto__', '2');
    expect((await desk.get(`${V3}/a%20b%3A1,__proto__`)).text).toMatch(/"channels":\{"a%20b%3A1":\[.*"__proto__":\[/);
    expect((await desk.get(`${V3}/a%20b%3A1?encode_channels=false`)).text).toContain('"channels":{"a b:1":[');
  });

  it.each([
    ['one channel', 'ch', 100],
    ['several channels', 'ch,x', 25],
  ])('gives as many of %s as the vendor does', async (_name, channels, count) => {
    const { desk } = await filled(120);
    const { channels: found } = JSON.parse((await desk.get(`${V3}/${channels}?max=500`)).text);
    expect(found.ch).toHaveLength(count);
  });

  it('refuses more channels than allowed', async () => {
    const desk = await Desk.open(endpoints, { settings: { historyChannelsPerCall: 2 } });
    expect(await desk.get(`${V3}/a,b,c`)).toMatchObject({
      status: 400,
      headers: { 'X-Portcullis-Code': 'limit.historyChannelsPerCall' },
    });
    expect((await desk.get(`${V3}/,`)).text).toContain('Invalid Arguments: channel');
  });

  it('holds one page of the largest messages at most, whatever is asked for', async () => {
    const desk = await Desk.open(endpoints, { limits: { message: 100 }, settings: { historyPage: 4 } });
    for (let n = 0; n < 4; n++) for (const ch of ['a', 'b']) await desk.publish(ch, JSON.stringify('x'.repeat(90)));
    const { channels, more } = JSON.parse((await desk.get(`${V3}/a,b`)).text);
    expect([channels.a.length, channels.b.length]).toEqual([2, 2]);
    expect(more.max).toBe(25);
  });
});

describe('message counts', () => {
  it('counts from the timetoken on, that one included', async () => {
    const { desk, at } = await filled(5);
    expect((await desk.get(`${COUNTS}/ch,none?timetoken=${at(3)}`)).text).toBe(
      '{"status":200,"error":false,"error_message":"","channels":{"ch":3,"none":0}}',
    );
    expect((await desk.get(`${COUNTS}/ch,none?channelsTimetoken=${at(5)},${at(1)}`)).text).toContain(
      '{"ch":1,"none":0}',
    );
    expect((await desk.get(`${COUNTS}/ch?timetoken=${at(5) + 1n}`)).text).toContain('{"ch":0}');
  });

  it.each(['', 'timetoken=', 'timetoken=x', 'channelsTimetoken=1,2,3', 'channelsTimetoken=1,'])(
    'refuses «%s»',
    async (query) => {
      const desk = await Desk.open(endpoints);
      expect((await desk.get(`${COUNTS}/a,b?${query}`)).status).toBe(400);
    },
  );
});

describe('delete', () => {
  it.each([
    ['all', '', []],
    ['after start up to end', 'start=2&end=4', [1, 2, 5]],
    ['one message', 'start=2.5&end=3', [1, 2, 4, 5]],
    ['what is older than start', 'start=3', [3, 4, 5]],
    ['what is not older than end', 'end=4', [1, 2, 3]],
  ])('deletes %s', async (_name, query, left) => {
    const { desk, at, items } = await filled(5);
    const bounds = query.replace(/(start|end)=(\d)(\.5)?/g, (_all, name, n, half) => {
      return `${name}=${half ? at(Number(n) + 1) - 1n : at(Number(n))}`;
    });
    await expect(desk.call('DELETE', `${V3}/ch?${bounds}`)).resolves.toMatchObject({
      status: 200,
      text: '{"status":200,"error":false,"error_message":""}',
    });
    expect(await items(`${V2}/ch`)).toEqual(left);
  });

  it('is refused where the app does not offer it, and to whom has not the permission', async () => {
    const off = await Desk.open(endpoints, { features: { deleteHistory: false } });
    expect(await off.call('DELETE', `${V3}/ch`, { as: SERVER })).toMatchObject({
      status: 403,
      text: '{"status":403,"error":true,"error_message":"Do not have permission to delete","code":"operation.not-enabled"}',
    });
    const granted = await Desk.open(endpoints, { access: GRANTS });
    await granted.publish('ch', '1');
    const reader = bearer('ann', { ch: ['read', 'write'] });
    expect(await granted.call('DELETE', `${V3}/ch`, { as: reader })).toMatchObject({
      status: 403,
      text: '{"message":"Forbidden","payload":{"channels":["ch"]},"error":true,"service":"Access Manager","status":403,"code":"grant.missing-permission"}',
    });
    expect((await granted.get(`${V2}/ch`, reader)).text).toMatch(/^\[\[1\]/);
    expect((await granted.call('DELETE', `${V3}/ch`, { as: bearer('eve', { ch: ['delete'] }) })).status).toBe(200);
    expect((await granted.get(`${V2}/ch`, reader)).text).toBe('[[],0,0]');
  });
});

describe('who may read', () => {
  const urls = [`${V2}/a`, `${V3}/a`, `${WITH_ACTIONS}/a`, `${COUNTS}/a?timetoken=0`];

  it.each(urls)('%s needs read on the channel', async (url) => {
    const desk = await Desk.open(endpoints, { access: GRANTS });
    await desk.publish('a', '"secret"');
    for (const as of [
      bearer('ann', {}),
      bearer('ann', { a: ['write', 'delete', 'get'] }),
      bearer('ann', { b: ['read'] }),
    ]) {
      const told = await desk.get(url, as);
      expect(told).toMatchObject({ status: 403, type: 'pam' });
      expect(told.text).not.toContain('secret');
    }
    expect((await desk.get(url, bearer('ann', { a: ['read'] }))).status).toBe(200);
  });

  it('is all or nothing, and names what failed', async () => {
    const desk = await Desk.open(endpoints, { access: GRANTS });
    const told = await desk.get(`${V3}/a,b,c`, bearer('ann', { b: ['read'] }));
    expect(JSON.parse(told.text).payload).toEqual({ channels: ['a', 'c'] });
  });

  it('shows each item to its own audience, and neither counts nor pages tell of the others', async () => {
    const spec = { publicMessaging: { enabled: true, authenticatedOnly: false }, authenticatedMessaging: true };
    const desk = await Desk.open(endpoints, { access: RULES, rules: [ruleOf(1, 'ch', spec)] });
    const inside = { principal: proven('ann'), target: { to: 'authenticated' } };
    const first = await desk.publish('ch', '"open 1"');
    for (let n = 0; n < 30; n++) await desk.publish('ch', '"inside"', inside);
    await desk.publish('ch', '"open 2"');
    expect(JSON.parse((await desk.get(`${V2}/ch?count=2`)).text)[0]).toEqual(['open 1', 'open 2']);
    expect((await desk.get(`${V3}/ch?max=2`)).text).not.toMatch(/more|inside/);
    expect((await desk.get(`${COUNTS}/ch?timetoken=${first}`)).text).toContain('{"ch":2}');
    expect((await desk.get(`${COUNTS}/ch?timetoken=${first}`, proven('bob'))).text).toContain('{"ch":32}');
    expect((await desk.get(`${COUNTS}/ch?timetoken=${first}`, stated('bob'))).text).toContain('{"ch":2}');
  });

  it('reaches no further back than the rule gives, from wherever it reads', async () => {
    const desk = await Desk.open(endpoints, { access: RULES, rules: [ruleOf(1, 'ch', { history: 100 })] });
    const tokens: bigint[] = [];
    for (let n = 1; n <= 40; n++) tokens.push(await desk.publish('ch', `${n}`));
    await desk.define({ rules: [ruleOf(1, 'ch', { history: 5 })] });
    const items = async (query: string) => JSON.parse((await desk.get(`${V2}/ch?${query}`)).text)[0];
    expect(await items('')).toEqual([36, 37, 38, 39, 40]);
    expect(await items(`start=${tokens[36]}`)).toEqual([36]);
    expect(await items('reverse=true')).toEqual([36, 37, 38, 39, 40]);
    expect(await items(`end=${tokens[0]}`)).toEqual([36, 37, 38, 39, 40]);
    expect((await desk.get(`${COUNTS}/ch?timetoken=0`)).text).toContain('{"ch":5}');
    expect((await desk.get(`${V2}/ch`, SERVER)).text).toMatch(/^\[\[1,2,3,/);
  });

  it('decides in the turn of the answer, after the read', async () => {
    const desk = await Desk.open(endpoints, { access: RULES, rules: [ruleOf(1, 'ch')] });
    await desk.publish('ch', '"secret"');
    const { range } = desk.store;
    Object.assign(desk.store, {
      range: async (query: Parameters<typeof range>[0]) => {
        const items = await range.call(desk.store, query);
        await desk.define({ rules: [] });
        return items;
      },
    });
    const told = await desk.get(`${V2}/ch`);
    expect(told.status).toBe(403);
    expect(told.text).not.toContain('secret');
  });

  it('passes over what has expired', async () => {
    const { desk, at } = await filled(1);
    await desk.publish('ch', '"brief"', { ttl: 1 });
    expect((await desk.get(`${V2}/ch`)).text).toContain('brief');
    desk.clock.advance(3_600_001);
    expect((await desk.get(`${V2}/ch`)).text).toBe(`[[1],${at(1)},${at(1)}]`);
  });
});
