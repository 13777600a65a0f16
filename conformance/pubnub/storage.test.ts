import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { denied, GrantHouse, outcome } from './grant-house.fixture.ts';

let house: GrantHouse;
beforeAll(async () => {
  house = await GrantHouse.open();
});
afterAll(() => house?.close());
afterEach(() => house.sendAllAway());

let rooms = 0;
const everything = ['read', 'write', 'manage', 'delete', 'get', 'update', 'join'] as const;
const all = (channel: string, user = 'ann') => house.mint({ channels: { [channel]: everything } }, { user });

/** A room with `count` messages `1`, `2`, …, and their timetokens. */
async function filled(count: number) {
  const channel = `room ${++rooms}:x`;
  const client = house.client('ann', all(channel));
  const tokens: string[] = [];
  for (let n = 1; n <= count; n++) {
    const { timetoken } = await client.publish({ channel, message: n, meta: { n }, customMessageType: 'counted' });
    tokens.push(String(timetoken));
  }
  return { channel, client, tokens };
}

describe('what the SDK reads of the past', () => {
  it('history pages back and forth', async () => {
    const { channel, client, tokens } = await filled(5);
    const entries = async (more: object) => {
      const { messages } = await client.history({ channel, count: 2, stringifiedTimeToken: true, ...more });
      return messages.map(({ entry }) => entry);
    };
    expect(await entries({})).toEqual([4, 5]);
    expect(await entries({ start: tokens[3] })).toEqual([2, 3]);
    expect(await entries({ start: tokens[3], end: tokens[2] })).toEqual([3]);
    expect(await entries({ reverse: true })).toEqual([1, 2]);
    expect(await entries({ reverse: true, start: tokens[1] })).toEqual([3, 4]);
    const { startTimeToken, endTimeToken } = await client.history({ channel, stringifiedTimeToken: true });
    expect([startTimeToken, endTimeToken]).toEqual([tokens[0], tokens[4]]);
  });

  it('fetchMessages brings what was published beside each message, under the encoded name', async () => {
    const { channel, client, tokens } = await filled(1);
    const { channels } = await client.fetchMessages({
      channels: [channel],
      includeMeta: true,
      includeCustomMessageType: true,
    });
    expect(channels).toEqual({
      [encodeURIComponent(channel)]: [
        {
          channel: encodeURIComponent(channel),
          timetoken: tokens[0],
          message: 1,
          // The SDK's own number for what has no type.
          messageType: -1,
          customMessageType: 'counted',
          uuid: 'ann',
          meta: { n: 1 },
        },
      ],
    });
  });

  it('fetchMessages goes on where `more` points, through several channels', async () => {
    const [one, other] = [await filled(6), await filled(3)];
    const token = house.mint({ channels: { [one.channel]: ['read'], [other.channel]: ['read'] } }, { user: 'bob' });
    const client = house.client('bob', token);
    const seen: unknown[] = [];
    let start: string | undefined;
    for (let page = 0; page < 5; page++) {
      const answer = await client.fetchMessages({
        channels: [one.channel, other.channel],
        count: 2,
        ...(start === undefined ? {} : { start }),
      });
      seen.push(...(answer.channels[encodeURIComponent(one.channel)] ?? []).map(({ message }) => message));
      start = (answer as { more?: { start: string } }).more?.start;
      if (start === undefined) break;
    }
    expect(new Set(seen)).toEqual(new Set([1, 2, 3, 4, 5, 6]));
  });

  it('messageCounts counts from each channel’s own timetoken on', async () => {
    const [one, other] = [await filled(4), await filled(2)];
    const token = house.mint({ channels: { [one.channel]: ['read'], [other.channel]: ['read'] } }, { user: 'bob' });
    const answer = await house.client('bob', token).messageCounts({
      channels: [one.channel, other.channel],
      channelTimetokens: [one.tokens[2] ?? '', other.tokens[0] ?? ''],
    });
    expect(answer.channels).toEqual({ [encodeURIComponent(one.channel)]: 2, [encodeURIComponent(other.channel)]: 2 });
  });

  it('deleteMessages deletes one message the way the vendor documents it', async () => {
    const { channel, client, tokens } = await filled(3);
    const [, second = '0'] = tokens;
    await client.deleteMessages({ channel, start: String(BigInt(second) - 1n), end: second });
    const { messages } = await client.history({ channel });
    expect(messages.map(({ entry }) => entry)).toEqual([1, 3]);
  });

  it('what is deleted is gone for listeners that come back too', async () => {
    const { channel, client, tokens } = await filled(3);
    const [first = '0', second = '0'] = tokens;
    await client.deleteMessages({ channel, start: first, end: second });
    const late = house.listener('ann', all(channel));
    late.client.subscribe({ channels: [channel], timetoken: String(BigInt(first) - 1n) });
    await late.seen('message', { message: 3 });
    expect(late.of('message').map(({ message }) => message)).toEqual([1, 3]);
  });

  it('is all or nothing, and the SDK is told which channels failed', async () => {
    const { channel } = await filled(1);
    const client = house.client('bob', house.mint({ channels: { [channel]: ['read'] } }, { user: 'bob' }));
    const call = client.fetchMessages({ channels: [channel, 'closed-1', 'closed-2'] });
    const error = await call.then(
      () => undefined,
      (thrown: { status?: { errorData?: { payload?: unknown } } }) => thrown.status?.errorData?.payload,
    );
    expect(error).toEqual({ channels: ['closed-1', 'closed-2'] });
  });
});

describe('reactions', () => {
  it('reach listeners, and are the owner’s to take back', async () => {
    const channel = `room-${++rooms}`;
    const { client } = { client: house.client('ann', all(channel)) };
    const listener = house.listener('bob', all(channel, 'bob'));
    await listener.subscribed({ channels: [channel] });
    const { timetoken } = await client.publish({ channel, message: 'hi' });
    const messageTimetoken = String(timetoken);
    const action = { type: 'reaction', value: 'smile' };
    const { data } = await client.addMessageAction({ channel, messageTimetoken, action });
    await listener.seen('messageAction', { event: 'added' });
    const { actionTimetoken } = data;
    expect(await outcome(client.addMessageAction({ channel, messageTimetoken, action }))).toMatchObject({
      statusCode: 409,
    });
    const bob = house.client('bob', all(channel, 'bob'));
    expect(await outcome(bob.removeMessageAction({ channel, messageTimetoken, actionTimetoken }))).toMatchObject({
      statusCode: 400,
      code: 'operation.not-own',
    });
    await client.removeMessageAction({ channel, messageTimetoken, actionTimetoken });
    const removed = await listener.seen('messageAction', { event: 'removed' });
    expect(removed).toMatchObject({
      channel,
      publisher: 'ann',
      data: { messageTimetoken, actionTimetoken, ...action },
    });
    expect((await client.getMessageActions({ channel })).data).toEqual([]);
  });

  it('need write and nothing to read by, and tell who may only write nothing more', async () => {
    const { channel, tokens } = await filled(1);
    const blind = house.client('bob', house.mint({ channels: { [channel]: ['write'] } }, { user: 'bob' }));
    const [messageTimetoken = ''] = tokens;
    const action = { type: 'reaction', value: 'smile' };
    expect(await outcome(blind.addMessageAction({ channel, messageTimetoken, action }))).toMatchObject({
      data: { messageTimetoken, ...action, uuid: 'bob' },
    });
    expect(await outcome(blind.getMessageActions({ channel }))).toEqual(denied('grant.missing-permission'));
    expect(await outcome(blind.addMessageAction({ channel, messageTimetoken: '1', action }))).toMatchObject({
      statusCode: 404,
    });
    const reader = house.client('eve', house.mint({ channels: { [channel]: ['read'] } }, { user: 'eve' }));
    expect(await outcome(reader.addMessageAction({ channel, messageTimetoken, action }))).toEqual(
      denied('grant.missing-permission'),
    );
  });
});
