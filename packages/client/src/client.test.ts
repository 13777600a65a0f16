import { beforeEach, describe, expect, it } from 'vitest';
import { TestClock, turn } from './clock.fixture.ts';
import { PortcullisError } from './portcullis-error.ts';
import { TestServer } from './testing/test-server.ts';

const RULES = [
  {
    target: 'chatroom/*',
    anonymousClients: true,
    presence: true,
    publicMessaging: { enabled: true, authenticatedOnly: true },
    authenticatedMessaging: true,
    privateMessaging: { enabled: true, authenticatedOnly: true },
    history: 100,
  },
];

let clock: TestClock;
let server: TestServer;
const texts = (channel: { on(event: 'message', listener: (message: { data: unknown }) => void): unknown }) => {
  const heard: unknown[] = [];
  channel.on('message', ({ data }) => heard.push(data));
  return heard;
};
const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'ok',
    (error: unknown) => (error instanceof PortcullisError ? error.code : String(error)),
  );

beforeEach(() => {
  clock = new TestClock();
  server = new TestServer({ rules: RULES, ports: clock.ports });
});

describe('a channel', () => {
  it('is joined once the server says yes, and hears what is published, also its own', async () => {
    const [ada, guest] = [
      server.connect({ user: 'ada' }).channel('chatroom/1'),
      server.connect().channel('chatroom/1'),
    ];
    const heard = texts(guest);
    const own = texts(ada);
    await Promise.all([ada.join(), guest.join()]);
    const { position, timetoken } = await ada.publish({ text: 'hello' });
    await turn();
    expect(position?.offset).toBe(1);
    expect(timetoken).toMatch(/^\d{17}$/);
    expect(heard).toEqual([{ text: 'hello' }]);
    expect(own).toEqual(heard);
  });

  it('refuses with the server’s code, sentence and fix', async () => {
    const guest = server.connect().channel('chatroom/1');
    await guest.join();
    const error = await guest.publish('hi').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PortcullisError);
    expect(error).toMatchObject({ code: 'channel.public-messaging-authenticated-only', channel: 'chatroom/1' });
    expect((error as PortcullisError).reason).not.toBe('');
    expect((error as PortcullisError).fix).toContain('authenticatedOnly');
    expect(await code(server.connect().channel('elsewhere').join())).toBe('channel.no-rule');
  });

  it('is the same object under the same name, and is left with everything that waits for it', async () => {
    const client = server.connect({ user: 'ada' });
    const channel = client.channel('chatroom/1');
    expect(client.channel('chatroom/1')).toBe(channel);
    const joining = code(channel.join());
    await channel.leave();
    expect(await joining).toBe('client.left');
    expect(channel.state).toBe('left');
  });

  it('shows who is here and every change of it', async () => {
    const ada = server.connect({ user: 'ada', extras: { name: 'Ada' } });
    const room = ada.channel('chatroom/1');
    await room.join({ presence: true });
    const bo = server.connect({ user: 'bo' });
    const changes: string[] = [];
    room.on('presence', ({ action, member }) => changes.push(`${action} ${member.user}`));
    await bo.channel('chatroom/1').join();
    await turn();
    expect(room.members.map(({ user }) => user)).toEqual(['ada', 'bo']);
    expect(room.members[0]?.extras).toEqual({ name: 'Ada' });
    await bo.channel('chatroom/1').setState({ typing: true });
    await turn();
    expect(room.members[1]?.state).toEqual({ typing: true });
    bo.close();
    await turn();
    expect(room.members.map(({ user }) => user)).toEqual(['ada']);
    expect(changes).toEqual(['join bo', 'state bo', 'leave bo']);
    expect((await room.roster()).total).toBe(1);
  });

  it('sends in private to a session or a user, and to nobody else', async () => {
    const [ada, bo, eve] = ['ada', 'bo', 'eve'].map((user) => server.connect({ user }));
    const rooms = [ada, bo, eve].map((client) => client?.channel('chatroom/1'));
    await Promise.all(rooms.map((room) => room?.join()));
    const [own, bos, eves] = rooms.map((room) => (room ? texts(room) : []));
    await rooms[0]?.publish('by session', { to: { session: String(bo?.session) } });
    await rooms[0]?.publish('by user', { to: { user: 'bo' } });
    await turn();
    expect(bos).toEqual(['by session', 'by user']);
    expect(own).toEqual([]);
    expect(eves).toEqual([]);
    expect(await code(rooms[0]?.publish('nobody', { to: { user: 'nobody' } }) ?? Promise.resolve())).toBe(
      'channel.peer-not-present',
    );
  });

  it('gives history in pages, and with a join what was said before', async () => {
    const ada = server.connect({ user: 'ada' }).channel('chatroom/1');
    await ada.join();
    for (let n = 1; n <= 5; n += 1) await ada.publish(n);
    const newest = await ada.history({ limit: 2 });
    expect(newest.messages.map(({ data }) => data)).toEqual([4, 5]);
    expect(newest.more).toBe(true);
    const older = await ada.history({ before: String(newest.messages[0]?.timetoken) });
    expect(older.messages.map(({ data }) => data)).toEqual([1, 2, 3]);
    const late = server.connect().channel('chatroom/1');
    const heard: [unknown, boolean][] = [];
    late.on('message', ({ data, replayed }) => heard.push([data, replayed]));
    await late.join({ history: 2 });
    await ada.publish(6);
    await turn();
    expect(heard).toEqual([
      [4, true],
      [5, true],
      [6, false],
    ]);
  });

  it('is lost with the reason when its rule goes, and everything else stays', async () => {
    const client = server.connect({ user: 'ada' });
    const room = client.channel('chatroom/1');
    await room.join();
    const lost: string[] = [];
    room.on('lost', ({ what, error }) => lost.push(`${what} ${error.code}`));
    server.setRules([]);
    await turn();
    expect(lost).toEqual(['channel channel.no-rule']);
    expect([room.state, room.error?.code, client.state]).toEqual(['lost', 'channel.no-rule', 'connected']);
    server.setRules(RULES);
    await room.join();
    expect(room.state).toBe('joined');
  });

  it('loses presence alone when the rule stops sharing it', async () => {
    const room = server.connect({ user: 'ada' }).channel('chatroom/1');
    await room.join({ presence: true });
    await turn();
    expect(room.members).toHaveLength(1);
    const lost: string[] = [];
    room.on('lost', ({ what, error }) => lost.push(`${what} ${error.code}`));
    server.setRules(RULES.map((rule) => ({ ...rule, presence: false })));
    await turn();
    expect(lost).toEqual(['presence channel.presence-off']);
    expect([room.state, room.members.length]).toEqual(['joined', 0]);
  });

  it('is read by iterators, which end when it is left and throw when it is lost', async () => {
    const ada = server.connect({ user: 'ada' });
    const room = ada.channel('chatroom/1');
    await room.join();
    const [one, two] = [room[Symbol.asyncIterator](), room.stream('message')];
    await room.publish('a');
    await room.publish('b');
    await turn();
    expect((await one.next()).value.data).toBe('a');
    await room.leave();
    expect((await one.next()).value.data).toBe('b');
    expect((await one.next()).done).toBe(true);
    await room.join();
    const three = room.stream('message');
    const waiting = code(three.next());
    server.ban('ada', 'chatroom/1');
    await turn();
    expect(await waiting).toBe('identity.banned');
    expect((await two.next()).value.data).toBe('a');
  });

  it('throws in an iterator whose reader is too slow, once that has read what was kept', async () => {
    const room = server.connect({ user: 'ada' }).channel('chatroom/1');
    await room.join();
    const slow = room.stream('message', { buffer: 2 });
    for (const n of [1, 2, 3]) await room.publish(n);
    await turn();
    expect((await slow.next()).value.data).toBe(1);
    expect((await slow.next()).value.data).toBe(2);
    expect(await code(slow.next())).toBe('client.buffer-full');
    expect((await slow.next()).done).toBe(true);
  });

  it('goes on telling the others when one listener throws', async () => {
    const room = server.connect({ user: 'ada' }).channel('chatroom/1');
    const uncaught: unknown[] = [];
    const report = (error: unknown) => uncaught.push(error);
    const before = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', report);
    room.on('message', () => {
      throw new Error('mine');
    });
    const heard = texts(room);
    await room.join();
    await room.publish('on');
    await turn();
    process.off('uncaughtException', report);
    for (const listener of before) process.on('uncaughtException', listener);
    expect(heard).toEqual(['on']);
    expect(uncaught).toEqual([new Error('mine')]);
  });
});

describe('a connection that breaks', () => {
  it('comes back, and recovers exactly what was missed, in order, once', async () => {
    const [ada, bo] = [server.connect({ user: 'ada' }), server.connect({ user: 'bo' })];
    const [adas, bos] = [ada.channel('chatroom/1'), bo.channel('chatroom/1')];
    await Promise.all([adas.join(), bos.join()]);
    const heard = texts(bos);
    const gaps: unknown[] = [];
    bos.on('gap', (gap) => gaps.push(gap));
    await adas.publish(1);
    await turn();
    clock.random = 0.99;
    server.drop();
    await turn();
    expect([bo.state, bos.state]).toEqual(['waiting', 'joining']);
    clock.signs?.wake();
    clock.random = 0.1;
    await clock.pass(600);
    await adas.publish(2);
    await adas.publish(3);
    await clock.pass(600);
    expect(bo.state).toBe('connected');
    expect(heard).toEqual([1, 2, 3]);
    expect(gaps).toEqual([]);
  });

  it('says so when what was missed can no longer be told', async () => {
    const bo = server.connect({ user: 'bo' });
    const room = bo.channel('chatroom/1');
    await room.join();
    await room.publish(1);
    const heard = texts(room);
    const gaps: string[] = [];
    room.on('gap', ({ from, to }) => gaps.push(`${from.epoch}:${from.offset} ${to?.epoch}:${to?.offset}`));
    server.stop();
    await turn();
    server.start({ keepsLogs: false });
    await clock.pass(5_000);
    expect(gaps).toEqual(['log-1:1 log-2:0']);
    await room.publish(2);
    await turn();
    expect(heard).toEqual([2]);
  });

  it('publishes once what was published twice because its answer was lost', async () => {
    const [ada, bo] = [server.connect({ user: 'ada' }), server.connect({ user: 'bo' })];
    await Promise.all([ada.channel('chatroom/1').join(), bo.channel('chatroom/1').join()]);
    const heard = texts(bo.channel('chatroom/1'));
    const published = ada.channel('chatroom/1').publish('once');
    // The server has it, and the connection breaks before the answer arrives.
    await Promise.resolve();
    await Promise.resolve();
    server.drop();
    await clock.pass(5_000);
    const answer = await published;
    expect(answer.repeated).toBe(true);
    expect(answer.position?.offset).toBe(1);
    expect(heard).toEqual(['once']);
  });

  it('refuses to publish meanwhile, unless it was told to queue, and then up to a bound and in order', async () => {
    const plain = server.connect({ user: 'ada' });
    const queueing = server.connect({ user: 'bo' }, { queue: 2 });
    const [adas, bos] = [plain.channel('chatroom/1'), queueing.channel('chatroom/1')];
    await Promise.all([adas.join(), bos.join()]);
    const heard = texts(bos);
    server.stop();
    await turn();
    expect(await code(adas.publish('lost'))).toBe('client.offline');
    const kept = [bos.publish('a'), bos.publish('b')];
    expect(await code(bos.publish('c'))).toBe('client.queue-full');
    server.start();
    await clock.pass(5_000);
    await Promise.all(kept);
    expect(heard).toEqual(['a', 'b']);
  });

  it('gives up what was never answered, and says that it may have been done', async () => {
    const bo = server.connect({ user: 'bo' }, { queue: 10, retryFor: 60_000 });
    await bo.channel('chatroom/1').join();
    server.stop();
    await turn();
    const waiting = code(bo.channel('chatroom/1').publish('x'));
    await clock.pass(120_000);
    expect(await waiting).toBe('client.unanswered');
  });

  it('waits a random while, longer each time, up to a bound', async () => {
    clock.random = 0.999;
    const bo = server.connect({ user: 'bo' }, { backoff: { base: 1_000, max: 8_000 } });
    await bo.connected();
    server.stop();
    await turn();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1) {
      const [next = 0] = clock.pending;
      waits.push(Math.round(next / 1_000));
      await clock.pass(next);
    }
    expect(waits).toEqual([2, 2, 4, 8, 8, 8]);
  });

  it('tries at once when the network or the page comes back', async () => {
    const bo = server.connect({ user: 'bo' });
    await bo.connected();
    server.stop();
    await turn();
    server.start();
    expect(bo.state).toBe('waiting');
    clock.signs?.wake();
    await turn();
    expect(bo.state).toBe('connected');
  });

  it('is over where the server says so, with its reason, and may be opened again', async () => {
    const bo = server.connect({ user: 'bo' });
    const room = bo.channel('chatroom/1');
    await room.join();
    const lost: string[] = [];
    room.on('lost', ({ error }) => lost.push(error.code));
    server.ban('bo');
    await turn();
    expect([bo.state, bo.error?.code, room.state]).toEqual(['closed', 'identity.banned', 'lost']);
    expect(lost).toEqual(['identity.banned']);
    expect(clock.pending).toEqual([]);
    expect(await code(room.publish('x'))).toBe('identity.banned');
    server.unban('bo');
    bo.open();
    await room.join();
    expect(room.state).toBe('joined');
  });

  it('leaves nothing running once it is closed', async () => {
    const bo = server.connect({ user: 'bo' });
    const room = bo.channel('chatroom/1');
    await room.join();
    const reading = room.stream('message');
    bo.close();
    await turn();
    expect([bo.state, room.state, clock.pending, clock.signs]).toEqual(['closed', 'left', [], undefined]);
    expect((await reading.next()).done).toBe(true);
    expect(await code(room.history())).toBe('client.closed');
  });
});

describe('tokens', () => {
  const minutes = (n: number) => n * 60_000;

  it('are renewed on the live connection before they end', async () => {
    const asked: string[] = [];
    const ada = server.connect(undefined, {
      getToken: (reason) => {
        asked.push(reason);
        return server.token({ user: 'ada', ttl: minutes(10) });
      },
    });
    const room = ada.channel('chatroom/1');
    await room.join();
    const session = ada.session;
    const lost: unknown[] = [];
    room.on('lost', (event) => lost.push(event));
    await clock.pass(minutes(25));
    expect(asked.slice(0, 3)).toEqual(['connect', 'refresh', 'refresh']);
    expect([ada.session, room.state, lost]).toEqual([session, 'joined', []]);
  });

  it('are asked for again when one could not be had, and the channels come back with what was missed', async () => {
    let broken = false;
    const ada = server.connect(undefined, {
      getToken: () => {
        if (broken) throw new Error('backend down');
        return server.token({ user: 'ada', ttl: minutes(3) });
      },
    });
    const bo = server.connect({ user: 'bo' });
    const [room, bos] = [ada.channel('chatroom/1'), bo.channel('chatroom/1')];
    await Promise.all([room.join(), bos.join()]);
    const heard = texts(room);
    const errors: string[] = [];
    ada.on('error', ({ code: which }) => errors.push(which));
    broken = true;
    await clock.pass(minutes(3) + 5_000);
    expect(room.state).toBe('joining');
    expect(errors).toContain('client.token-unavailable');
    await bos.publish('meanwhile');
    await turn();
    expect(heard).toEqual([]);
    broken = false;
    await clock.pass(20_000);
    expect([room.state, heard, ada.state]).toEqual(['joined', ['meanwhile'], 'connected']);
  });

  it('are replaced after the server closed the connection over them', async () => {
    const asked: string[] = [];
    let broken = false;
    const ada = server.connect(undefined, {
      getToken: (reason) => {
        asked.push(reason);
        if (broken) throw new Error('backend down');
        return server.token({ user: 'ada', ttl: minutes(3) });
      },
    });
    const room = ada.channel('chatroom/1');
    await room.join();
    broken = true;
    await clock.pass(minutes(4));
    expect(ada.state).not.toBe('connected');
    broken = false;
    await clock.pass(minutes(1));
    expect([ada.state, room.state]).toEqual(['connected', 'joined']);
    expect(asked).toContain('expired');
  });

  it('that end without another to be had take the channel, and then the connection', async () => {
    const ada = server.connect({ user: 'ada', ttl: minutes(1) });
    const room = ada.channel('chatroom/1');
    await room.join();
    await clock.pass(minutes(1) + 1);
    expect([room.state, room.error?.code, ada.state]).toEqual(['lost', 'identity.expired', 'connected']);
    await clock.pass(31_000);
    expect([ada.state, ada.error?.code]).toEqual(['closed', 'identity.expired']);
  });

  it('that are revoked are replaced, and what another does not give back is lost', async () => {
    const ada = server.connect(undefined, { getToken: () => server.token({ user: 'ada' }) });
    const room = ada.channel('chatroom/1');
    await room.join();
    server.revoke('ada');
    await turn();
    expect(room.state).toBe('joining');
    await clock.pass(5_000);
    expect(room.state).toBe('joined');
    server.ban('ada', 'chatroom/1');
    await turn();
    expect([room.state, room.error?.code]).toEqual(['lost', 'identity.banned']);
  });

  it('that the server refuses a moment after they were made end it, instead of asking for ever', async () => {
    let asked = 0;
    const ada = server.connect(undefined, {
      getToken: () => {
        asked += 1;
        return 'nonsense';
      },
    });
    await clock.pass(60_000);
    expect([ada.state, ada.error?.code, asked]).toEqual(['closed', 'identity.malformed', 1]);
  });

  it('are not asked for without pause by a backend that hands out one which is about to end', async () => {
    const token = server.token({ user: 'ada', ttl: minutes(1) });
    let asked = 0;
    const ada = server.connect(undefined, {
      getToken: () => {
        asked += 1;
        return token;
      },
    });
    await ada.channel('chatroom/1').join();
    await clock.pass(minutes(2));
    expect(asked).toBeLessThan(60);
  });

  it('may be swapped by hand when the backend gave more', async () => {
    let grant: { channels: Record<string, ('read' | 'write')[]> } = { channels: { 'chatroom/1': ['read'] } };
    server = new TestServer({ rules: RULES, access: { grants: true }, ports: clock.ports });
    const ada = server.connect(undefined, { getToken: () => server.token({ user: 'ada', grant }) });
    const room = ada.channel('chatroom/1');
    await room.join();
    expect(await code(room.publish('x'))).toBe('grant.missing-permission');
    grant = { channels: { 'chatroom/1': ['read', 'write'] } };
    await ada.renewToken();
    expect(await code(room.publish('x'))).toBe('ok');
  });
});
