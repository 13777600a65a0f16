import type { Item } from '@portcullis/protocol';
import { describe, expect, it } from 'vitest';
import { turn } from './clock.fixture.ts';
import { PortcullisError } from './portcullis-error.ts';
import { Script } from './script.fixture.ts';

const item = (offset: number): Item => ({ offset, timetoken: String(offset), data: offset });
const heardBy = ({ client }: Script) => {
  const heard: unknown[] = [];
  client.channel('c').on('message', ({ data }) => heard.push(data));
  return heard;
};
const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'ok',
    (error: unknown) => (error instanceof PortcullisError ? error.code : String(error)),
  );

describe('on the wire', () => {
  it('the door is dialled with the key and the sub-protocol, and asked to let in first', async () => {
    const script = new Script({ token: 'secret', user: 'ada' });
    await turn();
    expect([script.socket.url, script.socket.protocol]).toEqual([
      'wss://example.org/v1/connect?key=sub%20demo',
      'portcullis.v1',
    ]);
    expect(script.socket.frames).toEqual([]);
    script.socket.onopen?.();
    await turn();
    expect(script.socket.said).toEqual([{ type: 'connect', id: 1, token: 'secret', user: 'ada' }]);
  });

  it('what is said in one turn shares a frame, up to what the server takes', async () => {
    const script = await Script.joined();
    const before = script.socket.frames.length;
    for (let n = 0; n < 3; n += 1)
      void script.client
        .channel('c')
        .publish('x'.repeat(500))
        .catch(() => {});
    void script.client
      .channel('c')
      .publish('ü'.repeat(450))
      .catch(() => {});
    await turn();
    const frames = script.socket.frames.slice(before).map((text) => JSON.parse(text) as unknown[]);
    expect(frames.map((frame) => (Array.isArray(frame) ? frame.length : 1))).toEqual([3, 1]);
    for (const text of script.socket.frames) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(2_000);
  });

  it('a frame holds as many messages as the server says it takes', async () => {
    const script = new Script({ queue: 100 });
    await turn();
    await script.socket.letsIn({ maxCommands: 3, maxFrame: 16_000 });
    for (let n = 0; n < 7; n += 1)
      void script.client
        .channel(`c${n}`)
        .join()
        .catch(() => {});
    await turn();
    const sizes = script.socket.frames.map((text) => JSON.parse(text) as unknown);
    expect(sizes.map((frame) => (Array.isArray(frame) ? frame.length : 1))).toEqual([1, 3, 3, 1]);
  });

  it('frames are small until the first channel is joined', async () => {
    const script = new Script();
    await turn();
    await script.socket.letsIn({ maxFrame: 16_000 });
    const join = (n: number) =>
      void script.client
        .channel(`${n}${'c'.repeat(200)}`)
        .join()
        .catch(() => {});
    for (let n = 0; n < 40; n += 1) join(n);
    await turn();
    const sizes = () => script.socket.frames.map((text) => Buffer.byteLength(text));
    expect(Math.max(...sizes())).toBeLessThanOrEqual(4_096);
    const { id, channel } = script.socket.last('join');
    await script.socket.says({ type: 'joined', id, channel, presence: false, position: null });
    for (let n = 40; n < 80; n += 1) join(n);
    await turn();
    expect(Math.max(...sizes())).toBeGreaterThan(4_096);
  });

  it('a publication that the server did not read, because nothing is joined, is refused', async () => {
    const script = new Script();
    await turn();
    await script.socket.letsIn({ maxMessage: 10_000, maxFrame: 16_000 });
    const [small, large] = ['s', 'l'.repeat(5_000)].map((text) => code(script.client.channel('c').publish(text)));
    await turn();
    await script.socket.says({ type: 'error', code: 'limit.frameBeforeJoin', message: 'Too large.' });
    expect(await large).toBe('limit.frameBeforeJoin');
    await script.socket.says({
      type: 'error',
      id: script.socket.last('publish').id - 1,
      code: 'channel.not-joined',
      message: '',
    });
    expect(await small).toBe('channel.not-joined');
  });

  it('a message over the server’s limit is refused here, and the connection stays', async () => {
    const script = await Script.joined();
    const before = script.socket.frames.length;
    expect(await code(script.client.channel('c').publish('ü'.repeat(500)))).toBe('limit.message');
    expect(await code(script.client.channel('c').publish({ toJSON: () => 'y'.repeat(2_000) } as never))).toBe(
      'limit.message',
    );
    expect(script.socket.frames.length).toBe(before);
  });

  it('each publication has a key of its own, or the one it is given', async () => {
    const script = await Script.joined();
    const channel = script.client.channel('c');
    for (const options of [{}, {}, { key: 'mine' }]) void channel.publish(1, options).catch(() => {});
    await turn();
    const keys = script.socket.said.flatMap((message) => (message.type === 'publish' ? [message.key] : []));
    expect(new Set(keys).size).toBe(3);
    expect(keys[2]).toBe('mine');
  });

  it('a frame that is no message breaks the connection, and another is opened', async () => {
    const script = await Script.joined();
    script.socket.onmessage?.({ data: '{' });
    expect([script.client.state, script.socket.closedWith]).toEqual(['waiting', 4000]);
    await script.clock.pass(1_100);
    expect(script.sockets).toHaveLength(2);
  });

  it('whatever a socket says after it was given up is not heard', async () => {
    const script = await Script.joined();
    const heard = heardBy(script);
    const { socket } = script;
    script.client.close();
    await socket.says({ type: 'messages', channel: 'c', epoch: 'e', messages: [item(1)] });
    expect(heard).toEqual([]);
  });
});

describe('messages', () => {
  it('show who sent them, whether each says so or all of them together', async () => {
    const script = await Script.joined(4);
    const heard: unknown[] = [];
    script.client.channel('c').on('message', ({ from, data }) => heard.push([from?.user, data]));
    await script.socket.says(
      { type: 'messages', channel: 'c', epoch: 'e', from: { user: 'ada' }, messages: [item(5), item(6)] },
      { type: 'messages', channel: 'c', epoch: 'e', messages: [{ ...item(7), from: { user: 'bob' } }, item(8)] },
    );
    expect(heard).toEqual([
      ['ada', 5],
      ['ada', 6],
      ['bob', 7],
      [undefined, 8],
    ]);
  });
});

describe('recovery', () => {
  it('asks from the last position heard, and lets nothing through twice', async () => {
    const script = await Script.joined(4);
    const heard = heardBy(script);
    await script.socket.says({ type: 'messages', channel: 'c', epoch: 'e', messages: [item(5), item(6), item(6)] });
    await script.socket.breaks();
    await script.back();
    const join = script.socket.last('join');
    expect(join.recover).toEqual({ epoch: 'e', offset: 6 });
    await script.socket.says(
      {
        type: 'joined',
        presence: false,
        id: join.id,
        channel: 'c',
        position: { epoch: 'e', offset: 9 },
        recovery: 'complete',
      },
      { type: 'history', id: join.id, join: true, channel: 'c', messages: [item(6), item(7)], more: true },
      { type: 'history', id: join.id, join: true, channel: 'c', messages: [item(7), item(8)], more: false },
      { type: 'messages', channel: 'c', epoch: 'e', messages: [item(9), item(10)] },
    );
    // 9 lay before the join and was not among what is for this reader.
    expect(heard).toEqual([5, 6, 7, 8, 10]);
  });

  it('broken again between two pages goes on behind the first', async () => {
    const script = await Script.joined(4);
    await script.socket.breaks();
    await script.back();
    const { id } = script.socket.last('join');
    await script.socket.says(
      { type: 'joined', id, channel: 'c', presence: false, position: { epoch: 'e', offset: 90 }, recovery: 'complete' },
      { type: 'history', id, join: true, channel: 'c', messages: [item(5), item(7)], more: true },
    );
    await script.socket.breaks();
    await script.back();
    expect(script.socket.last('join').recover).toEqual({ epoch: 'e', offset: 7 });
  });

  it('broken before anything was heard goes on from where the channel was entered', async () => {
    const script = await Script.joined(4);
    await script.socket.breaks();
    await script.back();
    expect(script.socket.last('join').recover).toEqual({ epoch: 'e', offset: 4 });
  });

  it('takes a log of another epoch from its beginning, after it told the gap', async () => {
    const script = await Script.joined(4);
    const heard = heardBy(script);
    const gaps: unknown[] = [];
    script.client.channel('c').on('gap', (gap) => gaps.push(gap));
    await script.socket.breaks();
    await script.back();
    const { id } = script.socket.last('join');
    await script.socket.says(
      { type: 'joined', id, channel: 'c', presence: false, position: { epoch: 'f', offset: 2 }, recovery: 'gap' },
      { type: 'history', id, join: true, channel: 'c', messages: [item(1), item(2)], more: false },
      { type: 'messages', channel: 'c', epoch: 'f', messages: [item(3)] },
    );
    expect(gaps).toEqual([{ from: { epoch: 'e', offset: 4 }, to: { epoch: 'f', offset: 2 } }]);
    expect(heard).toEqual([1, 2, 3]);
  });

  it('is left out where the app does not want it', async () => {
    const script = await Script.joined(4);
    void script.client.channel('c').join({ recover: false, history: 10 });
    await turn();
    await script.socket.breaks();
    await script.back();
    expect(script.socket.last('join')).toMatchObject({ history: 10 });
    expect(script.socket.last('join').recover).toBeUndefined();
  });

  it('says again what a proven user was not answered, under the same key, behind the joins', async () => {
    const script = await Script.joined(0, { token: 'ada' });
    const published = script.client.channel('c').publish('x');
    await turn();
    const { key } = script.socket.last('publish');
    await script.socket.breaks();
    await script.back();
    const { socket } = script;
    expect(socket.said.map(({ type }) => type)).toEqual(['connect', 'join', 'publish']);
    expect(socket.last('publish').key).toBe(key);
    await socket.says({
      type: 'published',
      id: socket.last('publish').id,
      position: null,
      timetoken: '1',
      repeated: true,
    });
    expect((await published).repeated).toBe(true);
  });

  it('gives up what an anonymous client said and nobody answered: said again it might be there twice', async () => {
    const script = await Script.joined();
    const unanswered = code(script.client.channel('c').publish('x'));
    await turn();
    await script.socket.breaks();
    expect(await unanswered).toBe('client.unanswered');
    await script.back();
    expect(script.socket.said.map(({ type }) => type)).toEqual(['connect', 'join']);
  });

  it('joins many channels in two waves, and says what waits behind both', async () => {
    const script = await Script.joined(0, { queue: 1 });
    for (let n = 0; n < 250; n += 1)
      script.client
        .channel(`c${n}`)
        .join()
        .catch(() => {});
    await script.socket.breaks();
    void script.client.channel('c249').publish('x');
    await script.back();
    const joins = () => script.socket.said.filter(({ type }) => type === 'join').length;
    expect(joins()).toBe(100);
    const { id } = script.socket.last('join');
    await script.socket.says({ type: 'error', id, channel: 'c98', code: 'channel.no-rule', message: 'No.' });
    expect(joins()).toBe(200);
    const first = script.socket.said.find(({ type }) => type === 'join')?.id ?? 0;
    await script.socket.says({ type: 'joined', presence: false, id: first, channel: 'c', position: null });
    expect(joins()).toBe(251);
    expect(script.socket.said.at(-1)?.type).toBe('publish');
    for (const text of script.socket.frames) {
      const frame: unknown = JSON.parse(text);
      if (Array.isArray(frame)) expect(frame.length).toBeLessThanOrEqual(100);
    }
  });

  it('asks the next server for what one that goes down refused', async () => {
    const script = await Script.joined(0, { token: 'ada' });
    const published = code(script.client.channel('c').publish('x'));
    await turn();
    const { id } = script.socket.last('publish');
    await script.socket.says({ type: 'error', id, channel: 'c', code: 'session.restarting', message: 'Restarting.' });
    await script.socket.breaks(1012);
    await script.back();
    await script.socket.says({
      type: 'published',
      id: script.socket.last('publish').id,
      position: null,
      timetoken: '1',
    });
    expect(await published).toBe('ok');
  });

  it('asks again for a join that was refused for now, and gives up one that was refused', async () => {
    const script = await Script.joined();
    await script.socket.breaks();
    await script.back();
    const first = script.socket.last('join').id;
    await script.socket.says({
      type: 'error',
      id: first,
      channel: 'c',
      code: 'limit.ratePerUser',
      message: 'Too many.',
    });
    expect(script.client.channel('c').state).toBe('joining');
    await script.clock.pass(2_000);
    const second = script.socket.last('join').id;
    expect(second).toBeGreaterThan(first);
    const lost: string[] = [];
    script.client.channel('c').on('lost', ({ error }) => lost.push(error.code));
    await script.socket.says({ type: 'error', id: second, channel: 'c', code: 'channel.no-rule', message: 'No.' });
    expect([script.client.channel('c').state, lost]).toEqual(['lost', ['channel.no-rule']]);
  });
});

describe('a connection', () => {
  it('that is silent for twice the server’s ping is lost; one that answers is not', async () => {
    const script = await Script.joined();
    await script.clock.pass(10_000);
    await script.socket.says({ type: 'pong', id: script.socket.last('ping').id });
    await script.clock.pass(19_000);
    expect(script.client.state).toBe('connected');
    await script.clock.pass(1_000);
    expect([script.client.state, script.client.error?.code]).toEqual(['waiting', 'client.silent']);
    expect(script.sockets[0]?.closedWith).toBe(4000);
  });

  it('that is lost shows the next one to be its own, until the client leaves', async () => {
    const script = await Script.joined();
    await script.socket.breaks();
    await script.back({ resume: 'secret' });
    expect(script.socket.last('connect')).not.toHaveProperty('resume');
    await script.socket.breaks();
    await script.back({ resume: 'secret' });
    expect(script.socket.last('connect')).toMatchObject({ resume: 'secret' });
    script.client.close();
    expect(script.socket.closedWith).toBe(1000);
    script.client.open();
    await script.back();
    expect(script.socket.last('connect')).not.toHaveProperty('resume');
  });

  it('in doubt is asked at once, and lost when it does not answer', async () => {
    const script = await Script.joined();
    script.clock.signs?.doubt();
    await turn();
    await script.socket.says({ type: 'pong', id: script.socket.last('ping').id });
    await script.clock.pass(5_000);
    expect(script.client.state).toBe('connected');
    script.clock.signs?.wake();
    await script.clock.pass(5_000);
    expect(script.client.error?.code).toBe('client.silent');
  });

  it('that does not come about is given up, and tried again', async () => {
    const script = new Script();
    await script.clock.pass(15_000);
    expect(script.client.error?.code).toBe('client.silent');
    await script.clock.pass(1_000);
    expect(script.sockets).toHaveLength(2);
    // A server that many come back to takes its time: the next one is waited for longer.
    await script.clock.pass(28_000);
    expect(script.client.state).toBe('connecting');
    await script.clock.pass(1_300);
    expect(script.client.state).toBe('waiting');
  });

  it.each([
    [1006, 'waiting'],
    [1012, 'waiting'],
    [4408, 'waiting'],
    [4409, 'waiting'],
    [4500, 'closed'],
    [4502, 'closed'],
  ])('closed with %i is %s', async (closeCode, state) => {
    const script = await Script.joined();
    await script.socket.breaks(closeCode);
    expect(script.client.state).toBe(state);
  });

  it('believes what the server says of coming back before it closes', async () => {
    const script = await Script.joined();
    const why = { type: 'closing', code: 'session.kicked', message: 'Off you go.' } as const;
    await script.socket.says({ ...why, reconnect: false });
    await script.socket.breaks(1006);
    expect([script.client.state, script.client.error?.code]).toEqual(['closed', 'session.kicked']);
  });

  it('meets a server that restarts over a longer while than one whose line broke', async () => {
    const waits: (number | undefined)[] = [];
    for (const closeCode of [1006, 1012]) {
      const script = await Script.joined();
      await script.socket.breaks(closeCode);
      waits.push(script.clock.pending[0]);
    }
    expect(waits).toEqual([250, 1_000]);
  });

  it('is told what the server could not tie to anything asked', async () => {
    const script = await Script.joined();
    const errors: string[] = [];
    script.client.on('error', (error) => errors.push(error.code));
    await script.socket.says({ type: 'error', code: 'request.malformed', message: 'No message.' });
    expect(errors).toEqual(['request.malformed']);
  });
});

it('Without any WebSocket the client says how to get one', async () => {
  const { connect } = await import('./connect.ts');
  const global = globalThis as { WebSocket?: unknown };
  const had = global.WebSocket;
  delete global.WebSocket;
  try {
    expect(() => connect({ url: 'http://x', key: 'k' })).toThrow(/client\.no-websocket/);
  } finally {
    if (had !== undefined) global.WebSocket = had;
  }
});
