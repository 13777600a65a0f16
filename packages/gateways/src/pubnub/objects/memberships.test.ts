import { describe, expect, it } from 'vitest';
import { bearer, Desk, GRANTS, proven, RULES, ruleOf, SERVER, stated } from '../ask/desk.fixture.ts';
import { endpoints } from './index.ts';

const MINE = '/v2/objects/sub/uuids/ann/channels';
const THEIRS = '/v2/objects/sub/channels/room/uuids';

const patch = (desk: Desk, url: string, body: unknown, more: object = {}) =>
  desk.call('PATCH', url, { as: SERVER, body: JSON.stringify(body), ...more });
const channel = (id: string, more: object = {}) => ({ channel: { id }, ...more });
const uuid = (id: string, more: object = {}) => ({ uuid: { id }, ...more });
const rowsOf = (text: string) => JSON.parse(text).data;

describe('memberships', () => {
  it('are set and listed from both sides', async () => {
    const desk = await Desk.open(endpoints);
    const told = await patch(desk, `${MINE}?include=status,type,custom&count=true`, {
      set: [channel('room', { status: 'in', custom: { role: 'host' } }), channel('other')],
    });
    const row = { updated: '2023-11-14T22:13:20.000000Z', eTag: expect.any(String) };
    expect(told).toMatchObject({ status: 200, type: 'json' });
    expect(JSON.parse(told.text)).toEqual({
      status: 200,
      data: [
        { channel: { id: 'other' }, type: null, status: null, custom: null, ...row },
        { channel: { id: 'room' }, type: null, status: 'in', custom: { role: 'host' }, ...row },
      ],
      totalCount: 2,
      next: 'Mg',
    });
    expect(rowsOf((await desk.get(`${THEIRS}?include=custom`)).text)).toEqual([
      { uuid: { id: 'ann' }, custom: { role: 'host' }, ...row },
    ]);
  });

  it('embed of the other side what is asked for', async () => {
    const desk = await Desk.open(endpoints);
    await patch(desk, '/v2/objects/sub/channels/room', { name: 'Room', type: 'chat', custom: { a: 1 } });
    await patch(desk, MINE, { set: [channel('room'), channel('bare')] });
    const embedded = async (include: string) =>
      rowsOf((await desk.get(`${MINE}?include=${include}&sort=channel.id:desc`)).text).map(
        (row: { channel: object }) => row.channel,
      );
    expect(await embedded('status')).toEqual([{ id: 'room' }, { id: 'bare' }]);
    expect(await embedded('channel.status,channel.type,status')).toEqual([
      { id: 'room', type: 'chat', status: null },
      { id: 'bare' },
    ]);
    const [room] = await embedded('channel,channel.custom');
    expect(Object.keys(room)).toEqual(['id', 'name', 'description', 'custom', 'updated', 'eTag']);
  });

  it('are set and removed by one call, and what one entry leaves out stays', async () => {
    const desk = await Desk.open(endpoints);
    await patch(desk, MINE, { set: [channel('a', { status: 's', custom: { x: 1 } }), channel('b')] });
    const told = await patch(desk, `${MINE}?include=status,custom`, {
      set: [channel('a', { custom: null }), channel('c')],
      delete: [channel('b', { custom: { ignored: 1 } }), channel('never')],
    });
    expect(rowsOf(told.text)).toMatchObject([
      { channel: { id: 'a' }, status: 's', custom: null },
      { channel: { id: 'c' } },
    ]);
  });

  it('tell the channel and the channel named like the user, of what has changed alone', async () => {
    const desk = await Desk.open(endpoints);
    const heard = await desk.heard(['room', 'ann'], async () => {
      await patch(desk, MINE, { set: [channel('room', { custom: { x: 1 } })] });
      await patch(desk, MINE, { set: [channel('room')] });
      await patch(desk, THEIRS, { delete: [uuid('ann'), uuid('nobody')] });
    });
    const ids = { channel: { id: 'room' }, uuid: { id: 'ann' } };
    const set = { ...ids, custom: { x: 1 }, updated: expect.any(String), eTag: expect.any(String) };
    const event = { source: 'objects', version: '2.0', type: 'membership' };
    const told = { kind: 'object', to: 'everyone', by: undefined };
    expect(heard).toEqual([
      { ...told, channel: 'room', data: { ...event, event: 'set', data: set } },
      { ...told, channel: 'ann', data: { ...event, event: 'set', data: set } },
      { ...told, channel: 'room', data: { ...event, event: 'delete', data: ids } },
      { ...told, channel: 'ann', data: { ...event, event: 'delete', data: ids } },
    ]);
  });

  it.each([
    ["filter=channel.name%20LIKE%20'R*'", ['room']],
    ["filter=channel.id%20%3D%3D%20'b'", ['b']],
    ["filter=status%20%3D%3D%20'in'", ['a']],
    ['sort=channel.name', ['room', 'a', 'b']],
    ['sort=channel.id:desc', ['room', 'b', 'a']],
    ['sort=status&limit=1', ['a']],
  ])('are listed by %s', async (query, expected) => {
    const desk = await Desk.open(endpoints);
    await patch(desk, '/v2/objects/sub/channels/room', { name: 'Room' });
    await patch(desk, MINE, { set: [channel('room'), channel('a', { status: 'in' }), channel('b')] });
    const rows = rowsOf((await desk.get(`${MINE}?${query}`)).text);
    expect(rows.map((row: { channel: { id: string } }) => row.channel.id)).toEqual(expected);
  });

  it.each([
    '[]',
    '{"set":{}}',
    '{"set":[1]}',
    '{"set":[{}]}',
    '{"set":[{"channel":"room"}]}',
    '{"set":[{"channel":{"id":"a,b"}}]}',
    '{"set":[{"channel":{"id":"a"},"custom":{"x":[]}}]}',
    '{"delete":[{"channel":{}}]}',
  ])('refuse %s', async (body) => {
    const desk = await Desk.open(endpoints);
    expect((await desk.call('PATCH', MINE, { as: SERVER, body })).status).toBe(400);
    expect(await desk.store.countMemberships('a', { user: 'ann' })).toBe(0);
  });

  it('are bounded for each user, from both sides', async () => {
    const desk = await Desk.open(endpoints, { settings: { membershipsPerUser: 2 } });
    const over = { status: 400, headers: { 'X-Portcullis-Code': 'limit.membershipsPerUser' } };
    expect(await patch(desk, MINE, { set: [channel('a'), channel('b'), channel('c')] })).toMatchObject(over);
    expect((await patch(desk, MINE, { set: [channel('a'), channel('b')] })).status).toBe(200);
    expect((await patch(desk, MINE, { set: [channel('a', { status: 'x' })] })).status).toBe(200);
    expect(await patch(desk, THEIRS, { set: [uuid('bob'), uuid('ann')] })).toMatchObject(over);
    expect(await desk.store.countMemberships('a', { channel: 'room' })).toBe(0);
  });
});

describe('who may', () => {
  it('set memberships: update on the user and join on every channel, all or nothing', async () => {
    const desk = await Desk.open(endpoints, { access: GRANTS });
    const body = { set: [channel('a'), channel('b')], delete: [channel('c')] };
    const all = { a: ['join'], b: ['join'], c: ['join'] } as const;
    const told = async (as: ReturnType<typeof bearer>) => patch(desk, MINE, body, { as });
    expect((await told(bearer('ann', all, { ann: ['update'] }))).status).toBe(200);
    await patch(desk, MINE, { delete: [channel('a'), channel('b')] });
    for (const [channels, uuids, payload] of [
      [all, { ann: ['get'] }, { uuids: ['ann'] }],
      [{ ...all, b: ['read', 'write', 'get'] }, { ann: ['update'] }, { channels: ['b'] }],
      [{ a: ['join'] }, {}, { channels: ['b', 'c'], uuids: ['ann'] }],
    ] as const) {
      const refused = await told(bearer('ann', channels, uuids));
      expect(refused.status).toBe(403);
      expect(JSON.parse(refused.text).payload).toEqual(payload);
      expect(await desk.store.countMemberships('a', { user: 'ann' })).toBe(0);
    }
  });

  it('whoever may set but not get is shown what it set alone', async () => {
    const desk = await Desk.open(endpoints, { access: GRANTS });
    await patch(desk, MINE, { set: [channel('hidden')] });
    const as = bearer('ann', { a: ['join'] }, { ann: ['update'] });
    const told = await patch(desk, MINE, { set: [channel('a')] }, { as });
    expect(rowsOf(told.text)).toMatchObject([{ channel: { id: 'a' } }]);
  });

  it.each([
    ['GET', MINE, {}, { ann: ['get'] }, 200],
    ['GET', MINE, { ann: ['get'] }, { ann: ['update', 'delete'] }, 403],
    ['GET', THEIRS, { room: ['get'] }, {}, 200],
    ['GET', THEIRS, { room: ['read', 'manage', 'join'] }, {}, 403],
    ['PATCH', THEIRS, { room: ['manage'] }, {}, 200],
    ['PATCH', THEIRS, { room: ['get', 'update', 'join', 'write'] }, { bob: ['update'] }, 403],
  ] as const)('%s %s with %j and %j: %d', async (method, url, channels, uuids, status) => {
    const desk = await Desk.open(endpoints, { access: GRANTS });
    const as = bearer('ann', channels, uuids);
    expect((await desk.call(method, url, { as, body: '{"set":[{"uuid":{"id":"bob"}}]}' })).status).toBe(status);
  });

  it('by rules alone, a proven user changes its own memberships of channels it may join', async () => {
    const rules = [ruleOf(1, 'room'), ruleOf(2, 'closed', { anonymousClients: false })];
    const desk = await Desk.open(endpoints, { access: RULES, rules });
    const status = async (as: typeof SERVER, id: string) =>
      (await patch(desk, MINE, { set: [channel(id)] }, { as })).status;
    expect(await status(proven('ann'), 'room')).toBe(200);
    expect(await status(proven('ann'), 'nowhere')).toBe(403);
    expect(await status(proven('bob'), 'room')).toBe(403);
    expect(await status(stated('ann'), 'room')).toBe(403);
    expect((await patch(desk, THEIRS, { set: [uuid('ann')] }, { as: proven('ann') })).status).toBe(403);
  });
});
