import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { denied, GrantHouse, outcome } from './grant-house.fixture.ts';

let house: GrantHouse;
beforeAll(async () => {
  house = await GrantHouse.open();
});
afterAll(() => house?.close());
afterEach(() => house.sendAllAway());

let names = 0;
const fresh = (kind: string) => `${kind}-${String(++names).padStart(3, '0')}`;
const stamp = { updated: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/), eTag: expect.any(String) };

describe('app context through the SDK', () => {
  it('describes a user and a channel', async () => {
    const { objects } = house.backend();
    const [uuid, channel] = [fresh('user'), fresh('room')];
    const whole = {
      name: 'Ann',
      email: 'a@x',
      externalId: 'e',
      profileUrl: 'p',
      type: 't',
      status: 's',
      custom: { n: 1 },
    };
    const set = await objects.setUUIDMetadata({ uuid, data: whole, include: { customFields: true } });
    expect(set).toEqual({ status: 200, data: { id: uuid, ...whole, ...stamp } });
    expect(await objects.getUUIDMetadata({ uuid })).toEqual(set);
    await objects.setChannelMetadata({ channel, data: { name: 'Room' } });
    expect((await objects.getChannelMetadata({ channel })).data).toEqual({
      id: channel,
      name: 'Room',
      description: null,
      type: null,
      status: null,
      custom: null,
      ...stamp,
    });
    expect(await objects.removeUUIDMetadata({ uuid })).toEqual({ status: 200, data: null });
    expect(await outcome(objects.getUUIDMetadata({ uuid }))).toMatchObject({ statusCode: 404 });
  });

  it('writes only over the version it was told to', async () => {
    const { objects } = house.backend();
    const uuid = fresh('user');
    const { data } = await objects.setUUIDMetadata({ uuid, data: { name: 'one' } });
    await objects.setUUIDMetadata({ uuid, data: { name: 'two' }, ifMatchesEtag: data.eTag });
    const stale = objects.setUUIDMetadata({ uuid, data: { name: 'three' }, ifMatchesEtag: data.eTag });
    expect(await outcome(stale)).toMatchObject({ statusCode: 412, code: 'request.conflict' });
  });

  it('lists, filters, sorts and pages', async () => {
    const { objects } = house.backend();
    const mark = fresh('mark');
    for (const [at, name] of ['Zoe', 'Ann', 'Max'].entries()) {
      await objects.setChannelMetadata({ channel: fresh('c'), data: { name, custom: { mark, at } } });
    }
    const list = (more: object) =>
      objects.getAllChannelMetadata({ filter: `custom.mark == '${mark}'`, sort: { name: 'asc' }, ...more });
    const first = await list({ limit: 2, include: { totalCount: true } });
    expect([first.data.map(({ name }) => name), first.totalCount]).toEqual([['Ann', 'Max'], 3]);
    const second = await list({ limit: 2, page: { next: first.next } });
    expect(second.data.map(({ name }) => name)).toEqual(['Zoe']);
    const back = await list({ limit: 2, page: { prev: second.prev } });
    expect(back.data).toEqual(first.data);
    expect((await list({ sort: { name: 'desc', updated: null } })).data.map(({ name }) => name)).toEqual([
      'Zoe',
      'Max',
      'Ann',
    ]);
    expect(
      (await list({ filter: `custom.mark == '${mark}' && name LIKE '*a*'` })).data.map(({ name }) => name),
    ).toEqual(['Max']);
  });

  it('sets, lists and removes memberships and members', async () => {
    const { objects } = house.backend();
    const [uuid, one, other] = [fresh('user'), fresh('room'), fresh('room')];
    await objects.setChannelMetadata({ channel: one, data: { name: 'One' } });
    const set = await objects.setMemberships({
      uuid,
      channels: [{ id: one, custom: { role: 'host' } }, other],
      include: { customFields: true, channelFields: true, totalCount: true },
    });
    expect(set).toMatchObject({ status: 200, totalCount: 2 });
    expect(set.data).toMatchObject([
      { channel: { id: one, name: 'One' }, custom: { role: 'host' } },
      { channel: { id: other } },
    ]);
    const members = await objects.getChannelMembers({ channel: one, include: { UUIDFields: true } });
    expect(members.data).toMatchObject([{ uuid: { id: uuid } }]);
    const left = await objects.removeMemberships({ uuid, channels: [one] });
    expect(left.data).toMatchObject([{ channel: { id: other } }]);
    await objects.setChannelMembers({ channel: one, uuids: [uuid, fresh('user')] });
    await objects.removeChannelMembers({ channel: one, uuids: [uuid] });
    expect((await objects.getChannelMembers({ channel: one })).data).toHaveLength(1);
  });

  it('tells who listens', async () => {
    const { objects } = house.backend();
    const [uuid, channel] = [fresh('user'), fresh('room')];
    const token = house.mint({ channels: { [channel]: ['read'], [uuid]: ['read'] } }, { user: 'bob' });
    const listener = house.listener('bob', token);
    await listener.subscribed({ channels: [channel, uuid] });
    await objects.setChannelMetadata({ channel, data: { name: 'Room' } });
    await objects.setUUIDMetadata({ uuid, data: { name: 'Ann' } });
    await objects.setMemberships({ uuid, channels: [channel] });
    await objects.removeMemberships({ uuid, channels: [channel] });
    const event = (type: string, name: string) => ({
      message: { source: 'objects', version: '2.0', event: name, type },
    });
    await expect.poll(() => listener.of('objects').length, { timeout: 10_000 }).toBe(6);
    expect(listener.of('objects')).toMatchObject([
      { channel, ...event('channel', 'set') },
      { channel: uuid, ...event('uuid', 'set') },
      { channel, ...event('membership', 'set') },
      { channel: uuid, ...event('membership', 'set') },
      { channel, ...event('membership', 'delete') },
      { channel: uuid, ...event('membership', 'delete') },
    ]);
  });
});

describe('whose app context', () => {
  it('setting a membership needs both the user and the channel', async () => {
    const [user, channel] = [fresh('user'), fresh('room')];
    const join = { channels: { [channel]: ['join'] } } as const;
    const update = { uuids: { [user]: ['update'] } } as const;
    const set = (granted: object) =>
      outcome(house.client(user, house.mint(granted, { user })).objects.setMemberships({ channels: [channel] }));
    expect(await set(update)).toEqual(denied('grant.not-covered'));
    expect(await set(join)).toEqual(denied('grant.not-covered'));
    expect(await set({ ...join, ...update })).toMatchObject({ status: 200 });
  });

  it('listing everybody is for servers', async () => {
    const client = house.client('ann', house.mint({ uuids: { ann: ['get', 'update', 'delete'] } }, { user: 'ann' }));
    expect(await outcome(client.objects.getAllUUIDMetadata())).toEqual(denied('operation.server-only'));
    expect(await outcome(client.objects.getAllChannelMetadata())).toEqual(denied('operation.server-only'));
  });

  it('an impostor who only states an id changes nothing of the proven user', async () => {
    const user = fresh('user');
    const owner = house.client(user, house.mint({ uuids: { [user]: ['get', 'update'] } }, { user }));
    await owner.objects.setUUIDMetadata({ data: { name: 'Mine' } });
    const impostor = house.client(user);
    expect(await outcome(impostor.objects.setUUIDMetadata({ data: { name: 'Theirs' } }))).toEqual(denied('grant.none'));
    const bystander = house.mint({ channels: { c: ['read'] } });
    const stating = house.client(user, bystander);
    expect(await outcome(stating.objects.setUUIDMetadata({ data: { name: 'Theirs' } }))).toEqual(
      denied('grant.not-covered'),
    );
    expect((await owner.objects.getUUIDMetadata()).data).toMatchObject({ name: 'Mine' });
  });
});
