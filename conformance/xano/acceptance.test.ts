import { afterEach, describe, expect, it } from 'vitest';
import { APP, HASH, House, type RuleWords, SERVER } from './house.fixture.ts';
import { Listening, pause, SdkUser, until } from './sdk-user.fixture.ts';

const ON = { enabled: true, authenticatedOnly: false };
const SIGNED_IN = { enabled: true, authenticatedOnly: true };
const OPEN: RuleWords = { target: 'room', anonymousClients: true, presence: true, publicMessaging: ON };
/** Long enough for anything wrongly sent to arrive. */
const A_WHILE = 60;

const opened: House[] = [];
const met: SdkUser[] = [];
afterEach(async () => {
  for (const one of met.splice(0)) one.leaveForGood();
  for (const house of opened.splice(0)) await house.stop();
});

async function open(...rules: RuleWords[]): Promise<House> {
  const house = await House.open(...rules);
  opened.push(house);
  return house;
}

function meet(house: House, token?: string, hash = HASH): SdkUser {
  const one = new SdkUser(house.port, hash, token);
  met.push(one);
  return one;
}

describe('1: the handshake', () => {
  it('succeeds without a token, and nothing is selected', async () => {
    const house = await open(OPEN);
    const someone = meet(house);
    await someone.join('room');
    expect(house.knocks).toEqual([undefined]);
    expect(someone.socket.protocol).toBe('');
  });

  it('succeeds with a token, which is echoed', async () => {
    const house = await open(OPEN);
    const ada = meet(house, 'ada');
    const room = await ada.join('room');
    expect(ada.socket.protocol).toBe('ada');
    expect(room.of('join')[0]?.client).toEqual({
      socketId: room.socketId,
      extras: { name: 'ada' },
      permissions: { dbo_id: 7, row_id: 1 },
    });
  });

  it('succeeds with a bad token: anonymous, told once, connected', async () => {
    const house = await open(OPEN);
    const someone = meet(house, 'forged.token');
    const room = await someone.join('room');
    expect(someone.socket.protocol).toBe('forged.token');
    expect(room.errors.map(({ payload }) => payload.code)).toEqual(['identity.bad-signature']);
    expect(room.of('join')[0]?.client?.permissions).toEqual({ dbo_id: 0, row_id: 0 });
  });
});

describe('2: a wrong hash', () => {
  it('gives one error and no storm of retries', async () => {
    const house = await open(OPEN);
    const lost = meet(house, undefined, 'wrong');
    const room = await lost.channel('room');
    expect((await room.nextError()).payload).toEqual({
      message: 'Unknown key or connection hash.',
      code: 'app.unknown-key',
    });
    await until(() => room.statuses.includes('disconnected'), 'it is closed');
    expect(lost.socket.closedWith).toBe(4404);
    await pause(2_500);
    expect(lost.sockets).toHaveLength(1);
    expect(room.errors).toHaveLength(1);
  });
});

describe('3: joining', () => {
  it('is acknowledged', async () => {
    const house = await open(OPEN);
    const room = await meet(house).join('room');
    expect(room.of('join')).toHaveLength(1);
    expect(room.of('join')[0]).toMatchObject({ options: { channel: 'room' }, payload: {} });
  });

  it('without a token where that is not allowed reaches onError', async () => {
    const house = await open({ ...OPEN, anonymousClients: false });
    const room = await meet(house).channel('room');
    expect(await room.nextError()).toMatchObject({
      action: 'error',
      options: { channel: 'room' },
      payload: { message: 'Anonymous clients cannot join this channel.', code: 'channel.anonymous-not-allowed' },
    });
    expect(room.actions).toEqual([]);
  });

  it('a channel that no rule covers is refused', async () => {
    const house = await open(OPEN);
    const room = await meet(house, 'ada').channel('elsewhere');
    expect((await room.nextError()).payload.code).toBe('channel.no-rule');
  });
});

describe('4: a message to everyone', () => {
  it('reaches the sender and all others, with its sender', async () => {
    const house = await open(OPEN);
    const ada = await meet(house, 'ada').join('room');
    const bob = await meet(house, 'bob').join('room');
    const anon = await meet(house).join('room');
    ada.channel.message({ text: 'hi', deep: [1, null, { ü: '\ud83d\ude00' }] });
    for (const each of [ada, bob, anon]) {
      const message = await each.next('message');
      expect(message.payload).toEqual({ text: 'hi', deep: [1, null, { ü: '\ud83d\ude00' }] });
      expect(message.client).toEqual({
        socketId: ada.socketId,
        extras: { name: 'ada' },
        permissions: { dbo_id: 7, row_id: 1 },
      });
      expect(message.options).toMatchObject({ authenticated: false, socketId: null, channel: 'room' });
    }
    anon.channel.message('from a stranger');
    const stranger = await ada.next('message', 2);
    expect(stranger.client).toEqual({ socketId: anon.socketId, extras: {}, permissions: { dbo_id: 0, row_id: 0 } });
  });

  it.each([null, undefined, true, 0, -1.5, '', 'text', [], {}, [[]]])('may be %j', async (payload) => {
    const house = await open(OPEN);
    const ada = await meet(house, 'ada').join('room');
    ada.channel.message(payload);
    expect((await ada.next('message')).payload).toEqual(payload ?? null);
  });

  it('queued before the connection is open comes right after the join', async () => {
    const house = await open(OPEN);
    const ada = meet(house, 'ada');
    const room = new Listening(ada.client.channel('room', { queueOfflineActions: true }), 'room');
    room.channel.message(1);
    room.channel.message(2);
    await room.next('message', 2);
    expect(room.actions.map(({ action }) => action)).toEqual(['join', 'message', 'message']);
    expect(room.payloads()).toEqual([1, 2]);
    expect(ada.socket.sent.map((text) => JSON.parse(text).action)).toEqual(['join', 'message', 'message']);
  });

  it('is refused where only the authenticated may send, and the connection stays', async () => {
    const house = await open({ ...OPEN, publicMessaging: SIGNED_IN });
    const someone = meet(house);
    const anon = await someone.join('room');
    const ada = await meet(house, 'ada').join('room');
    anon.channel.message('no');
    expect(await anon.nextError()).toMatchObject({
      options: { channel: 'room' },
      payload: { code: 'channel.public-messaging-authenticated-only' },
    });
    ada.channel.message('yes');
    await anon.next('message');
    expect(ada.payloads()).toEqual(['yes']);
    expect(someone.socket.closedWith).toBeUndefined();
  });
});

describe('5: a message to the authenticated', () => {
  it('skips the anonymous and comes back to its sender', async () => {
    const house = await open({ ...OPEN, authenticatedMessaging: true });
    const ada = await meet(house, 'ada').join('room');
    const bob = await meet(house, 'bob').join('room');
    const anon = await meet(house).join('room');
    ada.channel.message('for members', { authenticated: true });
    expect((await ada.next('message')).options).toMatchObject({ authenticated: true, socketId: null, channel: 'room' });
    await bob.next('message');
    ada.channel.message('for all');
    await anon.next('message');
    expect(anon.payloads()).toEqual(['for all']);
    anon.channel.message('from outside', { authenticated: true });
    expect((await anon.nextError()).payload.code).toBe('channel.authenticated-messaging-off');
  });

  it('is what an unflagged one becomes where only that is allowed', async () => {
    const house = await open({ target: 'room', anonymousClients: true, authenticatedMessaging: true });
    const ada = await meet(house, 'ada').join('room');
    const anon = await meet(house).join('room');
    ada.channel.message('plain');
    expect((await ada.next('message')).options).toMatchObject({ authenticated: true });
    await pause(A_WHILE);
    expect(anon.actions.filter(({ action }) => action === 'message')).toEqual([]);
  });
});

describe('6: a private message', () => {
  it('reaches one socket and no other, nor its sender', async () => {
    const house = await open({ ...OPEN, privateMessaging: ON });
    const ada = await meet(house, 'ada').join('room', { presence: true });
    const bob = await meet(house, 'bob').join('room', { presence: true });
    const anon = await meet(house).join('room', { presence: true });
    await until(() => ada.present().length === 3, 'all are seen');
    ada.peer(bob.socketId).message('psst');
    const secret = await bob.next('message');
    expect(secret).toMatchObject({
      payload: 'psst',
      client: { socketId: ada.socketId },
      options: { authenticated: false, socketId: bob.socketId, channel: 'room' },
    });
    ada.channel.message('hey', { socketId: anon.socketId });
    expect((await anon.next('message')).payload).toBe('hey');
    await pause(A_WHILE);
    expect([ada.payloads(), bob.payloads(), anon.payloads()]).toEqual([[], ['psst'], ['hey']]);
  });

  it('to nobody is an error', async () => {
    const house = await open({ ...OPEN, privateMessaging: ON });
    const ada = await meet(house, 'ada').join('room');
    ada.channel.message('hello?', { socketId: 'nobody' });
    ada.channel.message('myself', { socketId: ada.socketId });
    await ada.nextError(2);
    expect(ada.errors.map(({ payload }) => payload.code)).toEqual(Array(2).fill('channel.peer-not-present'));
    expect(ada.errors[0]?.payload).toEqual(ada.errors[1]?.payload);
  });

  it('with authenticated-only needs both ends signed in', async () => {
    const house = await open({ ...OPEN, privateMessaging: SIGNED_IN });
    const ada = await meet(house, 'ada').join('room');
    const bob = await meet(house, 'bob').join('room');
    const anon = await meet(house).join('room');
    ada.channel.message('1', { socketId: bob.socketId });
    ada.channel.message('2', { socketId: anon.socketId });
    anon.channel.message('3', { socketId: ada.socketId });
    await bob.next('message');
    expect((await ada.nextError()).payload.code).toBe('channel.private-messaging-authenticated-only');
    expect((await anon.nextError()).payload.code).toBe('channel.private-messaging-authenticated-only');
    await pause(A_WHILE);
    expect([ada.payloads(), bob.payloads(), anon.payloads()]).toEqual([[], ['1'], []]);
  });
});

describe('7: presence', () => {
  it('is told whole once, then by updates, and never oneself twice', async () => {
    const house = await open(OPEN);
    const ada = await meet(house, 'ada').join('room', { presence: true });
    await ada.next('presence_full');
    expect(ada.present()).toEqual([ada.socketId]);
    const bobs = meet(house, 'bob');
    const bob = await bobs.join('room', { presence: true });
    await bob.next('presence_full');
    expect(bob.present()).toEqual([ada.socketId, bob.socketId]);
    const update = await ada.next('presence_update');
    expect(update).toMatchObject({
      options: { channel: 'room' },
      payload: {
        action: 'join',
        presence: { socketId: bob.socketId, extras: { name: 'bob' }, permissions: { dbo_id: 7, row_id: 2 } },
      },
    });
    expect(update.client).toBeUndefined();
    expect(ada.present()).toEqual([ada.socketId, bob.socketId]);
    bobs.leaveForGood();
    expect((await ada.next('presence_update', 2)).payload).toMatchObject({
      action: 'leave',
      presence: { socketId: bob.socketId },
    });
    expect(ada.present()).toEqual([ada.socketId]);
    await pause(A_WHILE);
    expect([ada.of('presence_full').length, bob.of('presence_full').length]).toEqual([1, 1]);
    expect(bob.of('presence_update')).toEqual([]);
  });

  it('of two channels is kept apart', async () => {
    const house = await open(OPEN, { ...OPEN, target: 'hall' });
    const adas = meet(house, 'ada');
    const room = await adas.join('room', { presence: true });
    const hall = await adas.join('hall', { presence: true });
    const bob = await meet(house, 'bob').join('hall', { presence: true });
    await until(() => hall.present().length === 2, 'bob is seen in the hall');
    expect(room.present()).toEqual([room.socketId]);
    expect(hall.present()).toEqual([hall.socketId, bob.socketId]);
    expect(room.socketId).toBe(hall.socketId);
  });

  it('comes only to those who asked, and lists those who did not', async () => {
    const house = await open(OPEN);
    const quiet = await meet(house, 'ada').join('room', { presence: false });
    const bob = await meet(house, 'bob').join('room', { presence: true });
    await until(() => bob.present().length === 2, 'both are listed');
    expect(bob.present()).toEqual([quiet.socketId, bob.socketId]);
    expect(quiet.actions.map(({ action }) => action)).toEqual(['join']);
  });

  it('that the rule does not offer is not sent, and the join succeeds', async () => {
    const house = await open({ ...OPEN, presence: false });
    const ada = await meet(house, 'ada').join('room', { presence: true });
    await meet(house, 'bob').join('room', { presence: true });
    await pause(A_WHILE);
    expect(ada.actions.map(({ action }) => action)).toEqual(['join']);
    expect(ada.errors).toEqual([]);
  });
});

describe('8: history', () => {
  const kept = { ...OPEN, authenticatedMessaging: true, history: 25 };

  it('comes on join, oldest first, as whole frames', async () => {
    const house = await open(kept);
    const ada = await meet(house, 'ada').join('room');
    for (let count = 1; count <= 30; count++) ada.channel.message(count);
    await ada.next('message', 30);
    const bob = await meet(house, 'bob').join('room', { history: true });
    const history = await bob.nextHistory();
    expect(history.map(({ payload }) => payload)).toEqual(Array.from({ length: 25 }, (_, n) => n + 6));
    expect(history.at(-1)).toEqual({ ...JSON.parse(JSON.stringify(ada.of('message').at(-1))) });
    expect(bob.payloads()).toEqual([]);
  });

  it('comes on demand', async () => {
    const house = await open(kept);
    const ada = await meet(house, 'ada').join('room');
    ada.channel.history();
    expect((await ada.next('history')).payload).toEqual({ history: [] });
    ada.channel.message('x');
    await ada.next('message');
    ada.channel.history();
    expect(await ada.nextHistory(2)).toHaveLength(1);
  });

  it('holds for the anonymous only what was for them', async () => {
    const house = await open(kept);
    const ada = await meet(house, 'ada').join('room');
    ada.channel.message('all');
    ada.channel.message('members', { authenticated: true });
    await ada.next('message', 2);
    const anon = await meet(house).join('room', { history: true });
    const bob = await meet(house, 'bob').join('room', { history: true });
    const read = async (who: typeof anon) => (await who.nextHistory()).map(({ payload }) => payload);
    expect(await read(anon)).toEqual(['all']);
    expect(await read(bob)).toEqual(['all', 'members']);
  });

  it('holds no private message of others, and those of the two for the two', async () => {
    const house = await open({ ...kept, privateMessaging: ON });
    const ada = await meet(house, 'ada').join('room', { presence: true });
    const bob = await meet(house, 'bob').join('room', { presence: true });
    ada.channel.message('secret', { socketId: bob.socketId });
    await bob.next('message');
    const cyd = await meet(house, 'cyd').join('room', { history: true });
    expect(await cyd.nextHistory()).toEqual([]);
    bob.peer(ada.socketId).history();
    const between = await bob.nextHistory();
    expect(between.map(({ payload }) => payload)).toEqual(['secret']);
  });

  it('where none is kept is not sent on join, and refused on demand', async () => {
    const house = await open(OPEN);
    const ada = await meet(house, 'ada').join('room', { history: true });
    ada.channel.history();
    expect((await ada.nextError()).payload.code).toBe('channel.history-off');
    expect(ada.of('history')).toEqual([]);
  });
});

describe('9: a server event', () => {
  const event = (house: House, data: unknown, to: object = {}) =>
    house.engine.event({ app: APP, channel: 'room', data: JSON.stringify(data), principal: SERVER, ...to });

  it('comes as an event with its data in payload.data, though nobody may send', async () => {
    const house = await open({ target: 'room', anonymousClients: true });
    const ada = await meet(house, 'ada').join('room');
    const anon = await meet(house).join('room');
    await event(house, { price: 12 });
    for (const each of [ada, anon]) {
      const action = await each.next('event');
      expect(action.payload).toEqual({ data: { price: 12 }, dbo_id: 0, row_id: 0 });
      expect(action.client).toBeUndefined();
      expect(action.options).toMatchObject({ channel: 'room' });
    }
  });

  it('reaches the authenticated of a table, or one row of it', async () => {
    const house = await open({ target: 'room', anonymousClients: true });
    const ada = await meet(house, 'ada').join('room');
    const cyd = await meet(house, 'cyd').join('room');
    const anon = await meet(house).join('room');
    await event(house, 'table', { table: 7 });
    await event(house, 'another table', { table: 8 });
    await event(house, 'row', { table: 7, row: 'c0ffee' });
    await event(house, 'all');
    await anon.next('event');
    await ada.next('event', 2);
    await cyd.next('event', 3);
    const heard = (who: typeof ada) => who.payloads('event').map((payload) => (payload as { data: string }).data);
    expect([heard(ada), heard(cyd), heard(anon)]).toEqual([['table', 'all'], ['table', 'row', 'all'], ['all']]);
    expect(cyd.of('event')[1]?.payload).toEqual({ data: 'row', dbo_id: 7, row_id: 'c0ffee' });
  });
});

describe('11: realtimeReconnect', () => {
  it('comes back with the new token, as somebody else', async () => {
    const house = await open(OPEN);
    const adas = meet(house);
    const room = await adas.join('room', { presence: true });
    const watcher = await meet(house, 'bob').join('room', { presence: true });
    const before = room.socketId;
    adas.client.setRealtimeAuthToken('ada');
    adas.client.realtimeReconnect();
    await room.next('join', 2);
    expect(adas.sockets[0]?.closedWith).toBe(4000);
    expect(room.socketId).not.toBe(before);
    expect(room.of('join')[1]?.client?.permissions).toEqual({ dbo_id: 7, row_id: 1 });
    await watcher.next('presence_update', 2);
    expect(watcher.payloads('presence_update')).toMatchObject([
      { action: 'leave', presence: { socketId: before } },
      { action: 'join', presence: { socketId: room.socketId } },
    ]);
  });
});

describe('12: a restart', () => {
  it('closes with 1012, and clients are back and joined within two seconds', async () => {
    const house = await open(OPEN);
    const adas = meet(house, 'ada');
    const ada = await adas.join('room');
    const bob = await meet(house, 'bob').join('room');
    const started = performance.now();
    await house.restart(300);
    await ada.next('join', 2);
    await bob.next('join', 2);
    expect(performance.now() - started).toBeLessThan(2_500);
    expect(adas.sockets[0]?.closedWith).toBe(1012);
    expect(ada.errors).toEqual([]);
    ada.channel.message('back');
    await bob.next('message');
  });
});

describe('13: a second join', () => {
  it('tells no one else and sends the snapshots again', async () => {
    const house = await open({ ...OPEN, history: 25 });
    const watcher = await meet(house, 'bob').join('room', { presence: true });
    const adas = meet(house, 'ada');
    const room = await adas.join('room', { presence: true, history: true });
    await room.next('presence_full');
    // A second channel object of the same name joins again at once, and once more with its first handler.
    const again = await adas.channel('room', { presence: true, history: true });
    await again.next('presence_full');
    await again.next('history');
    await until(() => adas.socket.sent.length >= 2, 'it joined again');
    watcher.channel.message('fence');
    await room.next('message');
    await again.next('message');
    expect([room.payloads(), again.payloads()]).toEqual([['fence'], ['fence']]);
    expect(watcher.payloads('presence_update')).toHaveLength(1);
    expect(room.present()).toEqual([watcher.socketId, room.socketId]);
  });
});

describe('14: WeWeb', () => {
  it('names every option: false and null mean absent', async () => {
    const house = await open({ ...OPEN, authenticatedMessaging: true });
    const ada = await meet(house, 'ada').join('room');
    const anon = await meet(house).join('room');
    anon.channel.message('hi', { authenticated: false, socketId: null });
    ada.channel.message('ho', { authenticated: true, socketId: null });
    await ada.next('message', 2);
    expect(ada.of('message').map(({ options }) => options)).toMatchObject([
      { authenticated: false, socketId: null, channel: 'room' },
      { authenticated: true, socketId: null, channel: 'room' },
    ]);
    expect(anon.payloads()).toEqual(['hi']);
  });
});

describe('15: nested names', () => {
  it('are one rule and many channels, two levels deep too', async () => {
    const house = await open({ ...OPEN, target: 'hotel/*', nested: true });
    const adas = meet(house, 'ada');
    const one = await adas.join('hotel/1');
    const deep = await adas.join('hotel/1/spa');
    const bob = await meet(house, 'bob').join('hotel/1/spa');
    bob.channel.message('steam');
    expect((await deep.next('message')).options).toMatchObject({ channel: 'hotel/1/spa' });
    expect(one.payloads()).toEqual([]);
    for (const name of ['hotel', 'hotel/', 'hotels/1', 'Hotel/1']) {
      const refused = await adas.channel(name);
      expect((await refused.nextError()).payload.code).toBe('channel.no-rule');
    }
    const star = await adas.channel('hotel/*');
    expect((await star.nextError()).payload.code).toBe('channel.bad-name');
  });

  it('hold whatever a name may hold', async () => {
    const house = await open({ ...OPEN, target: 'räume/*', nested: true });
    const names = ['räume/"quoted"', 'räume/\\back', 'räume/\ud83d\ude00', 'räume/a b', 'räume/<b>', "räume/'x'"];
    const ada = meet(house, 'ada');
    for (const name of names) {
      const room = await ada.join(name);
      room.channel.message(name);
      expect(await room.next('message')).toMatchObject({ payload: name, options: { channel: name } });
    }
  });
});

describe('16: leaving', () => {
  it('and closing with 1000 is one leave for the others', async () => {
    const house = await open(OPEN);
    const watcher = await meet(house, 'bob').join('room', { presence: true });
    const adas = meet(house, 'ada');
    const room = await adas.join('room', { presence: true });
    await watcher.next('presence_update');
    room.channel.destroy();
    await until(() => adas.socket.closedWith !== undefined, 'it is closed');
    expect(adas.socket.closedWith).toBe(1000);
    await pause(A_WHILE);
    expect(watcher.payloads('presence_update')).toMatchObject([
      { action: 'join' },
      { action: 'leave', presence: { socketId: room.socketId } },
    ]);
    expect(watcher.present()).toEqual([watcher.socketId]);
    await pause(1_300);
    expect(adas.sockets).toHaveLength(1);
  });
});

describe('a rule that changes', () => {
  it('takes the channel from those it now refuses, with the reason, and from no one else', async () => {
    const house = await open(OPEN);
    const ada = await meet(house, 'ada').join('room', { presence: true });
    const someone = meet(house);
    const anon = await someone.join('room', { presence: true });
    await ada.next('presence_update');
    await house.setRules({ ...OPEN, anonymousClients: false });
    expect(await anon.nextError()).toMatchObject({ options: { channel: 'room' } });
    await anon.next('leave');
    ada.channel.message('members now');
    await ada.next('message');
    await pause(A_WHILE);
    expect(anon.payloads()).toEqual([]);
    expect(someone.socket.closedWith).toBeUndefined();
    expect(ada.present()).toEqual([ada.socketId]);
  });

  it('a kick closes with a code the SDK does not come back after', async () => {
    const house = await open(OPEN);
    const adas = meet(house, 'ada');
    const room = await adas.join('room');
    await house.engine.kick(APP, room.socketId, 0, 'enough');
    expect((await room.nextError()).payload.code).toBe('session.kicked');
    await until(() => adas.socket.closedWith !== undefined, 'it is closed');
    expect(adas.socket.closedWith).toBe(4403);
    await pause(1_300);
    expect(adas.sockets).toHaveLength(1);
  });
});
