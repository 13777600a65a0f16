import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { denied, GrantHouse, KEYS, outcome } from './grant-house.fixture.ts';
import { allBut, exactly, freshUser, placeFor, SECTIONS } from './method-place.fixture.ts';
import { FOR_SERVERS, METHODS } from './methods.fixture.ts';

/**
 * Each method of the vendor's SDK under the Access Manager: with a token that holds exactly the permissions that the
 * vendor's mapping names, with one that holds every permission but one of those, without a token, and signed.
 */
let house: GrantHouse;

beforeAll(async () => {
  house = await GrantHouse.open();
});
afterAll(() => house?.close());
afterEach(() => house.sendAllAway());

describe.each(METHODS.map((method) => [method.name, method] as const))('%s', (_, method) => {
  const { call, needs, answers } = method;

  it('answers whoever has just what it needs', async () => {
    const place = await placeFor(house, method);
    const token = house.mint(exactly(method, place), { user: place.user });
    expect(await outcome(call(house.client(place.user, token), place))).toEqual(answers(place));
  });

  it.each(SECTIONS.filter((section) => needs[section] !== undefined))(
    'refuses whoever has everything but its permission on %s',
    async (missing) => {
      const place = await placeFor(house, method);
      const client = house.client(place.user, house.mint(allBut(needs, missing, place), { user: place.user }));
      expect(await outcome(call(client, place))).toEqual(denied('grant.missing-permission'));
    },
  );

  it('refuses whoever has everything somewhere else, or has no token', async () => {
    const place = await placeFor(house, method);
    const elsewhere = {
      channel: 'elsewhere',
      group: 'elsewhere',
      user: 'elsewhere',
      message: '',
      action: '',
      file: '',
    };
    const token = house.mint(allBut({}, 'channels', elsewhere), { user: place.user });
    expect(await outcome(call(house.client(place.user, token), place))).toEqual(denied('grant.not-covered'));
    expect(await outcome(call(house.client(place.user), place))).toEqual(denied('grant.none'));
  });

  it('answers a server with the secret key', async () => {
    const place = await placeFor(house, method, freshUser('server'));
    expect(await outcome(call(house.backend(place.user), place))).toEqual(answers(place));
  });
});

describe.each(FOR_SERVERS.map((method) => [method.name, method] as const))('%s', (_, { call, answers }) => {
  it('is for servers alone', async () => {
    const { channel, user, ...rest } = await placeFor(house, { name: '', needs: {}, call, answers: () => answers });
    const token = house.mint(allBut({}, 'channels', { channel, user, ...rest }), { user });
    expect(await outcome(call(house.client(user, token)))).toEqual(denied('operation.server-only'));
    expect(await outcome(call(house.client(user)))).toEqual(denied('operation.server-only'));
    expect(await outcome(call(house.backend()))).toEqual(answers);
  });
});

describe('calls that need no permission', () => {
  it('are answered for anybody: the time, leaving, and asking where a user is', async () => {
    const nobody = house.client('nobody');
    expect(await outcome(nobody.time())).toEqual({ timetoken: expect.anything() });
    expect(await outcome(nobody.whereNow({ uuid: 'anybody' }))).toEqual({ channels: [] });
    const left = await fetch(`${house.server.url}/v2/presence/sub-key/${KEYS.subscribe}/channel/any/leave?uuid=nobody`);
    expect(await left.json()).toMatchObject({ status: 200, action: 'leave', service: 'Presence' });
  });

  it('tell where a user is as far as the asker may see it', async () => {
    const ada = house.listener('ada', house.mint({ channels: { 'where-a': ['read'], 'where-b': ['read'] } }));
    await ada.subscribed({ channels: ['where-a', 'where-b'] });
    const asking = house.client('bo', house.mint({ channels: { 'where-a': ['read'] } }, { user: 'bo' }));
    expect(await outcome(asking.whereNow({ uuid: 'ada' }))).toEqual({ channels: ['where-a'] });
  });
});

describe('granting and revoking', () => {
  it('are for those who sign with the app’s secret', async () => {
    const forger = house.client('forger', undefined, { secretKey: 'sec-another-0123456789abcdef01234567' });
    const resources = { channels: { room: { read: true } } };
    expect(await outcome(forger.grantToken({ ttl: 5, resources }))).toMatchObject({
      category: 'PNAccessDeniedCategory',
      statusCode: 403,
    });
    const token = house.mint({ channels: { room: ['write'] } });
    expect(await outcome(forger.revokeToken(token))).toMatchObject({
      category: 'PNAccessDeniedCategory',
      statusCode: 403,
    });
    expect(await outcome(house.client('ada', token).publish({ channel: 'room', message: 1 }))).toHaveProperty(
      'timetoken',
    );
  });

  it('give tokens that the SDK reads as they were granted', async () => {
    const backend = house.backend();
    const token = await backend.grantToken({
      ttl: 15,
      authorized_uuid: 'ada',
      resources: {
        channels: { room: { read: true, write: true, join: true } },
        groups: { crew: { read: true, manage: true } },
        uuids: { ada: { get: true, update: true } },
      },
      patterns: { channels: { '^team-[a-z]+$': { read: true, delete: true } } },
      meta: { role: 'editor', level: 3 },
    });
    const no = { read: false, write: false, manage: false, delete: false, get: false, update: false, join: false };
    expect(backend.parseToken(token)).toMatchObject({
      version: 2,
      ttl: 15,
      authorized_uuid: 'ada',
      resources: {
        channels: { room: { ...no, read: true, write: true, join: true } },
        groups: { crew: { ...no, read: true, manage: true } },
        uuids: { ada: { ...no, get: true, update: true } },
      },
      patterns: { channels: { '^team-[a-z]+$': { ...no, read: true, delete: true } } },
      meta: { role: 'editor', level: 3 },
    });
    expect(token.length % 4).toBe(0);
    const ada = house.client('ada', token);
    expect(await outcome(ada.deleteMessages({ channel: 'team-blue' }))).not.toHaveProperty('category');
    expect(await outcome(ada.deleteMessages({ channel: 'x-team-blue' }))).toEqual(denied('grant.not-covered'));
  });

  it('give tokens that end with their time, and with a revocation', async () => {
    const late = house.mint({ channels: { room: ['write'] } }, { ttl: 1, now: Date.now() - 61_000 });
    const publish = (token: string) => outcome(house.client('ada', token).publish({ channel: 'room', message: 1 }));
    expect(await publish(late)).toEqual(denied('identity.expired'));
    const token = house.mint({ channels: { room: ['write'] } });
    expect(await publish(token)).toHaveProperty('timetoken');
    await house.backend().revokeToken(token);
    expect(await publish(token)).toEqual(denied('identity.revoked'));
    expect(await outcome(house.backend().revokeToken(late))).toMatchObject({ category: 'PNBadRequestCategory' });
  });

  it('give tokens for one user that no other and no altered id may use', async () => {
    const token = house.mint({ channels: { room: ['write'] } }, { user: 'ada' });
    const publishAs = (user: string) => outcome(house.client(user, token).publish({ channel: 'room', message: 1 }));
    expect(await publishAs('ada')).toHaveProperty('timetoken');
    for (const user of ['bo', 'Ada', 'ada ', 'ad\u0430']) {
      expect(await publishAs(user), user).toEqual(denied('identity.user-mismatch'));
    }
  });
});
