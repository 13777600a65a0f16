import { ANONYMOUS } from '@portcullis/policy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bearer, Desk, GRANTS, proven, RULES, ruleOf, SERVER, stated } from '../ask/desk.fixture.ts';
import { endpoints } from './index.ts';

const ALL = '?include=status,type,custom';
const UUIDS = '/v2/objects/sub/uuids';
const CHANNELS = '/v2/objects/sub/channels';

const patch = (desk: Desk, url: string, body: unknown, more: object = {}) =>
  desk.call('PATCH', url, { as: SERVER, body: JSON.stringify(body), ...more });
const objectOf = (text: string) => JSON.parse(text).data;

describe('metadata', () => {
  it('is written and read as the vendor shows it', async () => {
    const desk = await Desk.open(endpoints);
    const told = await patch(desk, `${UUIDS}/ann${ALL}`, { name: 'Ann', type: 'admin', custom: { age: 42 } });
    const { eTag } = objectOf(told.text);
    const text = `{"status":200,"data":{"id":"ann","name":"Ann","externalId":null,"profileUrl":null,"email":null,"type":"admin","status":null,"custom":{"age":42},"updated":"2023-11-14T22:13:20.000000Z","eTag":"${eTag}"}}`;
    expect(told).toEqual({ status: 200, type: 'json', text, headers: {} });
    expect((await desk.get(`${UUIDS}/ann${ALL}`)).text).toBe(text);
    expect(objectOf((await desk.get(`${UUIDS}/ann`)).text)).not.toHaveProperty('custom');
    expect(Object.keys(objectOf((await patch(desk, `${CHANNELS}/c`, {})).text))).toEqual([
      'id',
      'name',
      'description',
      'updated',
      'eTag',
    ]);
  });

  it('keeps absent fields, clears null ones, and replaces custom as a whole', async () => {
    const desk = await Desk.open(endpoints);
    await patch(desk, `${UUIDS}/ann`, { name: 'Ann', email: 'a@x', custom: { a: 1, b: 2 } });
    await patch(desk, `${UUIDS}/ann`, { email: null, custom: { c: 3 }, id: 'other', unknown: 1 });
    expect(objectOf((await desk.get(`${UUIDS}/ann${ALL}`)).text)).toMatchObject({
      id: 'ann',
      name: 'Ann',
      email: null,
      custom: { c: 3 },
    });
  });

  it('changes etag and time with the content alone', async () => {
    const desk = await Desk.open(endpoints);
    const set = async (body: object) => {
      desk.clock.advance(5);
      const { eTag, updated } = objectOf((await patch(desk, `${UUIDS}/ann`, body)).text);
      return { eTag, updated };
    };
    const first = await set({ name: 'Ann', custom: { a: 1, b: 2 } });
    expect(await set({ custom: { b: 2, a: 1 } })).toEqual(first);
    const second = await set({ name: 'Bea' });
    expect(second.eTag).not.toBe(first.eTag);
    expect(second.updated > first.updated).toBe(true);
    expect((await set({ name: 'Ann' })).eTag).toBe(first.eTag);
  });

  it('is changed so often a second by one user, memberships counted with it, and read as often as anybody likes', async () => {
    const desk = await Desk.open(endpoints, { settings: { rateObjects: 3 } });
    const ann = { as: proven('ann') };
    const set = () => patch(desk, `${UUIDS}/ann`, { name: 'Ann' }, ann);
    expect((await set()).status).toBe(200);
    expect((await patch(desk, `${UUIDS}/ann/channels`, { set: [{ channel: { id: 'c' } }] }, ann)).status).toBe(200);
    expect((await desk.call('DELETE', `${UUIDS}/ann`, ann)).status).toBe(200);
    const told = await set();
    expect([told.status, told.headers['X-Portcullis-Code']]).toEqual([429, 'limit.rateObjects']);
    expect((await desk.get(`${UUIDS}/ann/channels`, ann.as)).status).toBe(200);
    expect((await patch(desk, `${CHANNELS}/c`, { name: 'C' })).status).toBe(200);
    desk.clock.advance(1_000);
    expect((await set()).status).toBe(200);
  });

  it('writes only over what it was told to expect', async () => {
    const desk = await Desk.open(endpoints);
    const { eTag } = objectOf((await patch(desk, `${CHANNELS}/c`, { name: 'one' })).text);
    const wrong = await patch(desk, `${CHANNELS}/c`, { name: 'two' }, { headers: { 'if-match': 'else' } });
    expect(wrong).toMatchObject({
      status: 412,
      text: '{"status":412,"error":{"message":"Channel to update has been modified after it was read.","source":"objects"},"code":"request.conflict"}',
    });
    expect((await patch(desk, `${CHANNELS}/c`, { name: 'two' }, { headers: { 'if-match': eTag } })).status).toBe(200);
    const absent = await patch(desk, `${UUIDS}/new`, { name: 'x' }, { headers: { 'if-match': eTag } });
    expect(absent).toMatchObject({ status: 412, text: expect.stringContaining('User to update') });
  });

  it('loses no change to another that comes at the same time', async () => {
    const desk = await Desk.open(endpoints);
    const fields = ['name', 'email', 'externalId', 'profileUrl'];
    await Promise.all(fields.map((field) => patch(desk, `${UUIDS}/ann`, { [field]: field })));
    expect(objectOf((await desk.get(`${UUIDS}/ann`)).text)).toMatchObject(
      Object.fromEntries(fields.map((f) => [f, f])),
    );
  });

  it('is removed once and for all, and what is not there is not found', async () => {
    const desk = await Desk.open(endpoints);
    await patch(desk, `${UUIDS}/ann`, { name: 'Ann' });
    for (let time = 0; time < 2; time++) {
      expect(await desk.call('DELETE', `${UUIDS}/ann`)).toMatchObject({
        status: 200,
        text: '{"status":200,"data":null}',
      });
    }
    expect(await desk.get(`${UUIDS}/ann`)).toMatchObject({
      status: 404,
      text: '{"status":404,"error":{"message":"Requested object was not found.","source":"objects"},"code":"not-found"}',
    });
  });

  it.each([
    ['[]', 'body', 'Not a JSON object', 'request.malformed'],
    ['{', 'body', 'Not a JSON object', 'request.malformed'],
    ['{"name":1}', 'name', 'Not a string', 'request.malformed'],
    [`{"name":"${'ä'.repeat(1_025)}"}`, 'name', 'More than 2048 bytes', 'limit.objectText'],
    ['{"name":"\\ud800"}', 'name', 'Not well-formed Unicode', 'request.malformed'],
    ['{"custom":[]}', 'custom', 'Not an object', 'request.malformed'],
    ['{"custom":{"a":{}}}', 'custom.a', 'Not a string, number or boolean', 'request.malformed'],
    ['{"custom":{"a":[1]}}', 'custom.a', 'Not a string, number or boolean', 'request.malformed'],
    [`{"custom":{"a":"${'x'.repeat(2_048)}"}}`, 'custom', 'More than 2048 bytes', 'limit.objectCustom'],
  ])('refuses %s', async (body, location, message, code) => {
    const desk = await Desk.open(endpoints);
    const told = await desk.call('PATCH', `${UUIDS}/ann`, { as: SERVER, body });
    expect(told.status).toBe(400);
    expect(JSON.parse(told.text)).toMatchObject({
      error: { source: 'objects', details: [{ location, message }] },
      code,
    });
    expect((await desk.get(`${UUIDS}/ann`)).status).toBe(404);
  });

  it('takes keys of custom that mean something in JavaScript as any others', async () => {
    const desk = await Desk.open(endpoints);
    const body = '{"custom":{"__proto__":"a","constructor":"b"}}';
    const told = await desk.call('PATCH', `${UUIDS}/ann${ALL}`, { body });
    expect(told.text).toContain('"custom":{"__proto__":"a","constructor":"b"}');
  });

  it('tells who listens on the channel, or on the one named like the user', async () => {
    const desk = await Desk.open(endpoints);
    const heard = await desk.heard(['c', 'ann'], async () => {
      await patch(desk, `${CHANNELS}/c`, { name: 'Room', custom: { a: 1 } });
      await patch(desk, `${CHANNELS}/c`, { name: 'Room' });
      await patch(desk, `${UUIDS}/ann`, { email: 'a@x' });
      await desk.call('DELETE', `${UUIDS}/ann`);
      await desk.call('DELETE', `${UUIDS}/ann`);
      await patch(desk, `${UUIDS}/no*name`, { name: 'star' });
    });
    const set = { eTag: expect.any(String), updated: expect.any(String) };
    const event = { source: 'objects', version: '2.0' };
    expect(heard.map((told) => (told as { data: unknown }).data)).toEqual([
      { ...event, event: 'set', type: 'channel', data: { id: 'c', name: 'Room', custom: { a: 1 }, ...set } },
      { ...event, event: 'set', type: 'uuid', data: { id: 'ann', email: 'a@x', ...set } },
      { ...event, event: 'delete', type: 'uuid', data: { id: 'ann' } },
    ]);
  });
});

describe('who may', () => {
  const table = [
    ['GET', `${UUIDS}/bob`, 'get'],
    ['PATCH', `${UUIDS}/bob`, 'update'],
    ['DELETE', `${UUIDS}/bob`, 'delete'],
    ['GET', `${CHANNELS}/bob`, 'get'],
    ['PATCH', `${CHANNELS}/bob`, 'update'],
    ['DELETE', `${CHANNELS}/bob`, 'delete'],
  ] as const;
  const permissions = ['read', 'write', 'manage', 'delete', 'get', 'update', 'join'] as const;

  it.each(table)('%s %s needs its own permission and no other', async (method, url, needed) => {
    const desk = await Desk.open(endpoints, { access: GRANTS });
    await patch(desk, url, { name: 'x' });
    const [section, other] = url.startsWith(UUIDS)
      ? (['uuids', 'channels'] as const)
      : (['channels', 'uuids'] as const);
    for (const permission of permissions) {
      if (section === 'uuids' && !['delete', 'get', 'update'].includes(permission)) continue;
      const grants = { channels: {}, uuids: {}, [section]: { bob: [permission] } };
      const told = await desk.call(method, url, { as: bearer('ann', grants.channels, grants.uuids), body: '{}' });
      expect([permission, told.status]).toEqual([permission, permission === needed ? 200 : 403]);
      if (permission === needed) await patch(desk, url, { name: 'x' });
      else expect(JSON.parse(told.text).payload).toEqual({ [section]: ['bob'] });
    }
    const elsewhere = { channels: {}, uuids: {}, [other]: { bob: ['get', 'update', 'delete'] } };
    const as = bearer('ann', elsewhere.channels, elsewhere.uuids);
    expect((await desk.call(method, url, { as, body: '{}' })).status).toBe(403);
    expect((await desk.call(method, url, { as: bearer('bob', {}, {}), body: '{}' })).status).toBe(403);
  });

  it('whoever may change but not read is not shown what was there', async () => {
    const desk = await Desk.open(endpoints, { access: GRANTS });
    await patch(desk, `${UUIDS}/bob`, { name: 'Bob', email: 'secret@x', custom: { pin: 'secret' } });
    const as = bearer('ann', {}, { bob: ['update'] });
    const told = await patch(desk, `${UUIDS}/bob${ALL}`, { name: 'Rob' }, { as });
    expect(told.text).not.toContain('secret');
    expect(objectOf(told.text)).toMatchObject({ name: 'Rob', email: null });
  });

  it('by rules alone, a proven user its own, a server all, and nobody who only states an id', async () => {
    const desk = await Desk.open(endpoints, { access: RULES, rules: [ruleOf(1, 'ann'), ruleOf(2, 'c')] });
    const body = '{"name":"x"}';
    const status = async (as: typeof SERVER, url: string) => (await desk.call('PATCH', url, { as, body })).status;
    expect(await status(proven('ann'), `${UUIDS}/ann`)).toBe(200);
    expect(await status(proven('bob'), `${UUIDS}/ann`)).toBe(403);
    expect(await status(stated('ann'), `${UUIDS}/ann`)).toBe(403);
    expect(await status(ANONYMOUS, `${UUIDS}/ann`)).toBe(403);
    expect(await status(proven('ann'), `${CHANNELS}/c`)).toBe(403);
    expect(await status(SERVER, `${CHANNELS}/c`)).toBe(200);
    expect((await desk.get(`${UUIDS}/ann`, stated('ann'))).status).toBe(403);
  });

  it('lists everything only as far as the app offers it', async () => {
    for (const [listAll, ann, server] of [
      ['server', 403, 200],
      [true, 200, 200],
      [false, 403, 403],
    ] as const) {
      const desk = await Desk.open(endpoints, { access: GRANTS, features: { listAll } });
      for (const url of [UUIDS, CHANNELS]) {
        expect((await desk.get(url, bearer('ann', {}))).status).toBe(ann);
        expect((await desk.get(url, SERVER)).status).toBe(server);
      }
    }
  });

  it('is decided again when what was read arrives', async () => {
    const desk = await Desk.open(endpoints, { features: { listAll: true } });
    await patch(desk, `${UUIDS}/ann`, { name: 'secret' });
    const { object, objects } = desk.store;
    const off = { features: { appContext: false, listAll: false } };
    Object.assign(desk.store, {
      object: async (...which: Parameters<typeof object>) => [await object(...which), await desk.define(off)][0],
      objects: async (...which: Parameters<typeof objects>) => [await objects(...which), await desk.define(off)][0],
    });
    expect(await desk.get(UUIDS)).toMatchObject({ status: 403, text: expect.not.stringContaining('secret') });
    await desk.define({ features: { listAll: true } });
    expect(await desk.get(`${UUIDS}/ann`)).toMatchObject({ status: 403, text: expect.not.stringContaining('secret') });
  });
});

describe('listing metadata', () => {
  async function peopled() {
    const desk = await Desk.open(endpoints);
    const names = [
      ['a', 'Zoe', 3],
      ['b', 'Ann', 1],
      ['c', 'Max', 2],
      ['d', undefined, 2],
      ['e', 'ann', undefined],
    ] as const;
    for (const [id, name, rank] of names) {
      await patch(desk, `${UUIDS}/${id}`, { ...(name && { name }), ...(rank && { custom: { rank } }) });
      desk.clock.advance(1);
    }
    const ids = async (query: string) => {
      const told = JSON.parse((await desk.get(`${UUIDS}?${query}`, SERVER)).text);
      return told.data.map((row: { id: string }) => row.id).join('');
    };
    return { desk, ids };
  }

  it('answers rows, count and cursors', async () => {
    const { desk } = await peopled();
    const told = JSON.parse((await desk.get(`${UUIDS}?limit=2&count=true`, SERVER)).text);
    expect(told).toMatchObject({ status: 200, data: [{ id: 'a' }, { id: 'b' }], totalCount: 5, next: 'Mg' });
    expect(told).not.toHaveProperty('prev');
    const none = await desk.get(`${CHANNELS}?count=True`, SERVER);
    expect(none.text).toBe('{"status":200,"data":[],"totalCount":0}');
  });

  it.each([
    ['', 'abcde'],
    ['limit=2', 'ab'],
    ['limit=2&start=Mg', 'cd'],
    ['limit=2&start=NA', 'e'],
    ['limit=2&end=NA', 'cd'],
    ['limit=2&end=MQ', 'a'],
    ['sort=name', 'bcaed'],
    ['sort=name:desc', 'deacb'],
    ['sort=updated:desc&limit=2', 'ed'],
    ['sort=name&sort=id:desc&limit=2&start=Mg', 'ae'],
    ['sort=name,id', 'bcaed'],
    ["filter=name%20LIKE%20'*n*'", 'be'],
    ['filter=custom.rank%20%3E%3D%202&sort=id:desc', 'dca'],
    ['filter=custom.rank%20%3D%3D%20null', 'e'],
    ['filter=custom.rank%20%3D%3D%202&limit=1&start=MQ', 'd'],
  ])('by %s: %s', async (query, expected) => {
    const { ids } = await peopled();
    expect(await ids(query)).toBe(expected);
  });

  it('counts what the filter lets through', async () => {
    const { desk } = await peopled();
    const told = await desk.get(`${UUIDS}?count=true&limit=1&filter=custom.rank%20%3D%3D%202`, SERVER);
    expect(JSON.parse(told.text).totalCount).toBe(2);
  });

  it.each([
    'limit=0',
    'limit=x',
    'start=!',
    'start=YQ',
    'end=LTE',
    'sort=custom',
    'sort=name:up',
    'sort=nme',
    'filter=name',
  ])('refuses or passes %s without a fault', async (query) => {
    const { desk } = await peopled();
    const told = await desk.get(`${UUIDS}?${query}`, SERVER);
    expect(told.status).toBe(query === 'filter=name' ? 200 : 400);
  });

  it('pages through all that match, once each, in the order that sorting in one go gives', async () => {
    const row = fc.record({ name: fc.constantFrom('x', 'y', 'z', null), rank: fc.integer({ min: 0, max: 3 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 25 }),
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom('', 'sort=name', 'sort=name:desc&sort=updated', 'filter=custom.rank%20%3C%202'),
        async (rows, limit, query) => {
          const desk = await Desk.open(endpoints);
          for (const [at, { name, rank }] of rows.entries()) {
            await patch(desk, `${UUIDS}/u${String(at).padStart(2, '0')}`, { name, custom: { rank } });
          }
          const whole = JSON.parse((await desk.get(`${UUIDS}?${query}`, SERVER)).text).data;
          const paged: unknown[] = [];
          let start = '';
          for (;;) {
            const { data, next } = JSON.parse(
              (await desk.get(`${UUIDS}?limit=${limit}&${query}${start}`, SERVER)).text,
            );
            if (next === undefined) break;
            paged.push(...data);
            start = `&start=${next}`;
          }
          expect(paged).toEqual(whole);
        },
      ),
      { numRuns: 25 },
    );
  });
});
