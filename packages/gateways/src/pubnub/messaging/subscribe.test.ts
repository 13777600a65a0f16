import { describe, expect, it } from 'vitest';
import type { Answer } from '../http/call.ts';
import { House, proven, REGION, ruleOf, SERVER, stated, textOf } from './house.fixture.ts';

const enc = (value: unknown) => encodeURIComponent(JSON.stringify(value));
const BOB = stated('bob');

/** A poll that hangs, or has been answered. */
class Hanging {
  answer: Answer | null = null;
  readonly #controller = new AbortController();

  constructor(house: House, url: string, principal = BOB) {
    void house.ask(url, { principal, signal: this.#controller.signal }).then((answer) => {
      this.answer = answer;
    });
  }

  close(): void {
    this.#controller.abort();
  }

  get text(): string {
    return this.answer ? textOf(this.answer) : 'it hangs';
  }

  get messages(): { readonly [key: string]: unknown }[] {
    return (JSON.parse(this.text) as { readonly m: { readonly [key: string]: unknown }[] }).m;
  }
}

async function hang(house: House, channels: string, query = '', principal = BOB): Promise<Hanging> {
  const group = query.match(/channel-group=[^&]*/)?.[0] ?? '';
  const tt = await house.handshake(channels, { query: group, principal });
  const hanging = new Hanging(house, `/v2/subscribe/sub/${channels}/0?tt=${tt}&tr=${REGION}&${query}`, principal);
  await house.settle();
  return hanging;
}

async function say(
  house: House,
  channel: string,
  payload: unknown,
  query = '',
  principal = stated('al'),
): Promise<string> {
  const text = await house.text(`/publish/pub/sub/0/${channel}/0/${enc(payload)}?${query}`, { principal });
  await house.settle();
  return (JSON.parse(text) as string[])[2] ?? '';
}

describe('a handshake', () => {
  it.each(['', 'tt=0', 'ee=', 'tt=0&tr=0&ee=1'])(
    '(%s) is answered at once with where the subscriber stands',
    async (query) => {
      const house = await House.open();
      const answer = await house.ask(`/v2/subscribe/sub/c/0?${query}`, { principal: BOB });
      expect(answer).toMatchObject({ status: 200, type: 'javascript' });
      expect(textOf(answer)).toMatch(/^\{"t":\{"t":"\d{17}","r":12\},"m":\[\]\}$/);
    },
  );

  it('is refused as a whole, naming whatever may not be read', async () => {
    const rules = [ruleOf(1, 'open/*'), ruleOf(2, 'quiet', { presence: false })];
    const house = await House.open({ access: { rules: true, open: false }, rules });
    const answer = await house.ask('/v2/subscribe/sub/open%2F1,quiet,quiet-pnpres,secret/0', { principal: BOB });
    expect(answer).toMatchObject({
      status: 403,
      type: 'pam',
      headers: { 'X-Portcullis-Code': 'channel.presence-off' },
    });
    expect(textOf(answer)).toBe(
      '{"message":"Forbidden","payload":{"channels":["quiet-pnpres","secret"]},"error":true,"service":"Access Manager","status":403,"code":"channel.presence-off"}',
    );
  });

  it('names groups with a colon', async () => {
    const house = await House.open({ access: { grants: true, open: false } });
    const answer = await house.ask('/v2/subscribe/sub/c,w.*/0?channel-group=g,h-pnpres', { principal: BOB });
    expect(JSON.parse(textOf(answer))).toMatchObject({
      payload: { channels: ['c', 'w.*'], 'channel-groups': [':g', ':h-pnpres'] },
      status: 403,
      code: 'grant.none',
    });
  });

  it.each([
    ['/v2/subscribe/sub/,/0', 'Channel or channel group is missing'],
    ['/v2/subscribe/sub/c/0?tt=now', 'Invalid timetoken'],
    ['/v2/subscribe/sub/c/0?tt=-1', 'Invalid timetoken'],
    ['/v2/subscribe/sub/c/0?tt=99999999999999999999', 'Invalid timetoken'],
    ['/v2/subscribe/sub/c/0?tt=17000000000000000&tr=x', 'Invalid region'],
    [
      '/v2/subscribe/sub/c/0?filter-expr=a%20%3D%201',
      'Invalid filter expression: unexpected character (at character 3)',
    ],
    ['/v2/subscribe/sub/c/0?state=%7B', 'Invalid JSON specified for state'],
    ['/v2/subscribe/sub/c/0?state=%7B%22c%22%3A1%7D', 'Invalid JSON specified for state'],
  ])('%s is a bad request: %s', async (url, message) => {
    const answer = await (await House.open()).ask(url, { principal: BOB });
    expect(answer).toMatchObject({
      status: 400,
      type: 'javascript',
      headers: { 'X-Portcullis-Code': 'request.malformed' },
    });
    expect(JSON.parse(textOf(answer))).toMatchObject({ message, error: true, status: 400 });
  });

  it.each([
    ['a.b.c.*', 'limit.wildcardDots'],
    ['a..*', 'channel.bad-name'],
    ['*', 'channel.bad-name'],
    ['a.*.b', 'channel.bad-name'],
    ['a%2A', 'channel.bad-name'],
    ['a,,b', 'channel.bad-name'],
  ])('of %s is refused', async (channels, code) => {
    const answer = await (await House.open()).ask(`/v2/subscribe/sub/${channels}/0`, { principal: BOB });
    expect(answer).toMatchObject({ status: 400, headers: { 'X-Portcullis-Code': code } });
  });

  it.each([
    [1, [200, 400, 400]],
    [2, [200, 200, 400]],
    [3, [200, 200, 200]],
  ])('to wildcards has up to %i dots, as the app says', async (wildcardDots, statuses) => {
    const house = await House.open({ access: { wildcardDots } });
    const answers = await Promise.all(
      ['a.*', 'a.b.*', 'a.b.c.*'].map((name) =>
        house.ask(`/v2/subscribe/sub/${name},${name}-pnpres/0`, { principal: BOB }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(statuses);
    const refused = answers.find(({ status }) => status === 400);
    if (refused === undefined) return;
    const { message, payload } = JSON.parse(textOf(refused));
    expect([message, payload.channels.length]).toEqual(['The wildcard has too many dots.', 2]);
  });

  it('to a group without channels is a bad request', async () => {
    const house = await House.open();
    const answer = await house.ask('/v2/subscribe/sub/,/0?channel-group=g', { principal: BOB });
    expect(answer.status).toBe(400);
    expect(JSON.parse(textOf(answer))).toMatchObject({
      message: 'Channel group or groups result in empty subscription set',
      payload: { 'channel-groups': [':g'] },
    });
    expect((await house.ask('/v2/subscribe/sub/c/0?channel-group=g', { principal: BOB })).status).toBe(200);
  });

  it('has limits, and each is named', async () => {
    const house = await House.open({ settings: { groupsPerCall: 2, channelsPerCall: 3, filters: false } });
    const code = async (url: string) => (await house.ask(url, { principal: BOB })).headers?.['X-Portcullis-Code'];
    expect(await code('/v2/subscribe/sub/,/0?channel-group=a,b,c')).toBe('limit.groupsPerCall');
    expect(await code('/v2/subscribe/sub/a,b,c,d/0')).toBe('limit.channelsPerCall');
    // Whoever asks for the presence of a name names it twice.
    expect(await code('/v2/subscribe/sub/,/0?channel-group=a,a-pnpres,b,b-pnpres,c-pnpres')).toBe(
      'limit.groupsPerCall',
    );
    expect(await code('/v2/subscribe/sub/a,a-pnpres,b,b-pnpres,c,c-pnpres/0?tt=0')).toBeUndefined();
    expect(await code('/v2/subscribe/sub/a,a-pnpres/0?tt=0&channel-group=g,g-pnpres,h,h-pnpres')).toBeUndefined();
    expect(await code('/v2/subscribe/sub/a/0?filter-expr=a')).toBe('operation.not-enabled');
    const filters = await House.open({ settings: { filterLength: 9, filterTerms: 1 } });
    const filterCode = async (filter: string) => {
      const url = `/v2/subscribe/sub/a/0?filter-expr=${encodeURIComponent(filter)}`;
      return (await filters.ask(url, { principal: BOB })).headers?.['X-Portcullis-Code'];
    };
    expect(await filterCode('a == 12345')).toBe('limit.filterLength');
    expect(await filterCode('a + 1 < 9')).toBe('limit.filterTerms');
    expect(await filterCode('a < 9')).toBeUndefined();
  });
});

describe('a poll', () => {
  it('hangs until a message comes, byte for byte as the vendor has it', async () => {
    const house = await House.open();
    const hanging = await hang(house, 'c');
    expect(hanging.answer).toBeNull();
    const tt = await say(house, 'c', { text: 'hi' }, `meta=${enc({ lang: 'en' })}&custom_message_type=chat`);
    const cursor = (JSON.parse(hanging.text) as { t: { t: string } }).t.t;
    expect(hanging.text).toBe(
      `{"t":{"t":"${cursor}","r":12},"m":[{"a":"1","f":0,"i":"al","p":{"t":"${tt}","r":12},"k":"sub","c":"c","d":{"text":"hi"},"u":{"lang":"en"},"cmt":"chat","b":"c"}]}`,
    );
    expect(hanging.answer).toMatchObject({ status: 200, type: 'javascript' });
    expect(BigInt(cursor)).toBeGreaterThanOrEqual(BigInt(tt));
  });

  it('is answered with what came in the meantime, once', async () => {
    const house = await House.open();
    const tt = await house.handshake('c', { principal: BOB });
    await say(house, 'c', 1);
    await say(house, 'c', 2);
    const first = new Hanging(house, `/v2/subscribe/sub/c/0?tt=${tt}&tr=12`);
    await house.settle();
    expect(first.messages.map(({ d }) => d)).toEqual([1, 2]);
    const { t } = (JSON.parse(first.text) as { t: { t: string } }).t;
    const second = new Hanging(house, `/v2/subscribe/sub/c/0?tt=${t}&tr=12`);
    await house.settle();
    expect(second.answer).toBeNull();
  });

  it('has at most so many messages, and goes on from there', async () => {
    const house = await House.open({ settings: { pollMessages: 2 } });
    const tt = await house.handshake('c', { principal: BOB });
    for (const payload of [1, 2, 3]) await say(house, 'c', payload);
    const first = new Hanging(house, `/v2/subscribe/sub/c/0?tt=${tt}&tr=12`);
    await house.settle();
    expect(first.messages.map(({ d }) => d)).toEqual([1, 2]);
    const { t } = (JSON.parse(first.text) as { t: { t: string } }).t;
    const second = new Hanging(house, `/v2/subscribe/sub/c/0?tt=${t}&tr=12`);
    await house.settle();
    expect(second.messages.map(({ d }) => d)).toEqual([3]);
  });

  it('ends with nothing after the poll timeout, where it stood or further', async () => {
    const house = await House.open();
    const tt = await house.handshake('c', { principal: BOB });
    const hanging = new Hanging(house, `/v2/subscribe/sub/c/0?tt=${tt}&tr=12`);
    await house.settle();
    house.clock.advance(279_999);
    await house.settle();
    expect(hanging.answer).toBeNull();
    house.clock.advance(1);
    await house.settle();
    expect(hanging.text).toMatch(/^\{"t":\{"t":"\d{17}","r":12\},"m":\[\]\}$/);
    const { t } = (JSON.parse(hanging.text) as { t: { t: string } }).t;
    expect(BigInt(t)).toBeGreaterThanOrEqual(BigInt(tt));
  });

  it('is given up when the client goes away, and leaves no timer behind', async () => {
    const house = await House.open();
    const tt = await house.handshake('c', { principal: { kind: 'anonymous', credentials: [] } });
    const before = house.clock.alarms;
    const hanging = new Hanging(house, `/v2/subscribe/sub/c/0?tt=${tt}&tr=12`, { kind: 'anonymous', credentials: [] });
    await house.settle();
    expect(house.clock.alarms).toBe(before + 1);
    hanging.close();
    await house.settle();
    expect(house.clock.alarms).toBe(before);
    await say(house, 'c', 1);
    expect(hanging.messages).toEqual([]);
  });

  it('of a client that is gone already does not hang', async () => {
    const house = await House.open();
    const tt = await house.handshake('c', { principal: BOB });
    const answer = await house.ask(`/v2/subscribe/sub/c/0?tt=${tt}`, { principal: BOB, signal: AbortSignal.abort() });
    expect(textOf(answer)).toContain('"m":[]');
  });

  it('gives each waiting subscriber the same bytes', async () => {
    const house = await House.open();
    const polls = await Promise.all(['u1', 'u2', 'u3'].map((user) => hang(house, 'c', '', stated(user))));
    await say(house, 'c', 'one for all');
    const [first, ...others] = polls.map(({ answer }) => answer?.body);
    expect(first).toBeInstanceOf(Uint8Array);
    for (const other of others) expect(other).toBe(first);
  });

  it('tells kinds apart as clients do', async () => {
    const house = await House.open();
    const hanging = await hang(house, 'c');
    const draft = { app: 'a', channel: 'c', audience: { to: 'everyone', anonymous: true }, logged: false } as const;
    const sender = { session: '', user: 'al', table: 1, row: 'al', extras: {} };
    await house.text(`/signal/pub/sub/0/c/0/1`, { principal: stated('al') });
    await house.engine.stateless.announce({ ...draft, kind: 'object', sender, data: '{"source":"objects"}' });
    await house.engine.stateless.announce({ ...draft, kind: 'action', sender, data: '{"source":"actions"}' });
    await house.engine.stateless.announce({ ...draft, kind: 'file', sender, data: '{"file":{}}' });
    await house.engine.event({ app: 'a', channel: 'c', data: '{"from":"backend"}', principal: SERVER });
    await house.settle();
    expect(hanging.messages.map(({ e, i, d }) => ({ e, i, d }))).toEqual([
      { e: 1, i: 'al', d: 1 },
      { e: 2, i: undefined, d: { source: 'objects' } },
      { e: 3, i: 'al', d: { source: 'actions' } },
      { e: 4, i: 'al', d: { file: {} } },
      { e: undefined, i: 'server', d: { from: 'backend' } },
    ]);
    expect(hanging.text).not.toContain('"e":0');
  });

  it('hands messages to the authenticated to proven users alone', async () => {
    const house = await House.open();
    const guest = await hang(house, 'c');
    const user = await hang(house, 'c', '', proven('carol'));
    const call = { app: 'a', channel: 'c', kind: 'message', data: '"members"', store: true } as const;
    await house.engine.stateless.publishAs({ ...call, principal: proven('al'), target: { to: 'authenticated' } });
    await house.settle();
    expect(guest.answer).toBeNull();
    expect(user.messages).toMatchObject([{ d: 'members', i: 'al' }]);
  });
});

describe('names', () => {
  it('each give their own copy, with the name as it was asked for', async () => {
    const house = await House.open();
    await house.ask('/v1/channel-registration/sub-key/sub/channel-group/g?add=room.1', { principal: SERVER });
    const nobody = { kind: 'anonymous', credentials: [] } as const;
    const hanging = await hang(house, 'room.1,room.%2A,room.%2A-pnpres', 'channel-group=g,g-pnpres', nobody);
    await say(house, 'room.1', 'x');
    expect(hanging.messages.map(({ c, b }) => ({ c, b }))).toEqual([
      { c: 'room.1', b: 'room.1' },
      { c: 'room.1', b: 'room.*' },
      { c: 'room.1', b: 'g' },
    ]);
  });

  it('with presence tell a subscriber of its own coming', async () => {
    const house = await House.open();
    const hanging = await hang(house, 'c,c-pnpres');
    expect(hanging.messages).toMatchObject([{ b: 'c-pnpres', d: { action: 'join', uuid: 'bob', occupancy: 1 } }]);
  });

  it('of groups follow the group while the poll hangs', async () => {
    const house = await House.open();
    const group = '/v1/channel-registration/sub-key/sub/channel-group/g';
    await house.ask(`${group}?add=c1`, { principal: SERVER });
    const hanging = await hang(house, ',', 'channel-group=g');
    await house.ask(`${group}?add=c2`, { principal: SERVER });
    await house.ask(`${group}?remove=c1`, { principal: SERVER });
    await say(house, 'c1', 'gone');
    expect(hanging.answer).toBeNull();
    await say(house, 'c2', 'new');
    expect(hanging.messages).toMatchObject([{ c: 'c2', b: 'g', d: 'new' }]);
  });

  it('tell presence on the twin', async () => {
    const house = await House.open();
    const hanging = await hang(house, 'c-pnpres,w.*-pnpres', '', { kind: 'anonymous', credentials: [] });
    await house.ask(`/v2/presence/sub-key/sub/channel/c/heartbeat?state=${enc({ c: { mood: 'ok' } })}`, {
      principal: stated('al'),
    });
    await house.settle();
    const [join] = hanging.messages;
    const [, tt = ''] = /"p":\{"t":"(\d{17})"/.exec(hanging.text) ?? [];
    const timestamp = Math.floor(Number(tt.slice(0, 13)) / 1000);
    const precise = Number(tt.slice(0, 13));
    expect(JSON.stringify(join)).toBe(
      `{"a":"1","f":0,"p":{"t":"${tt}","r":12},"k":"sub","c":"c-pnpres","d":{"action":"join","uuid":"al","timestamp":${timestamp},"precise_timestamp":${precise},"occupancy":1,"data":{"mood":"ok"}},"u":{"pn_state_mood":"ok","pn_channel":"c","pn_ispresence":1,"pn_timestamp":${timestamp},"pn_precise_timestamp":${precise},"pn_action":"join","pn_uuid":"al","pn_occupancy":1},"b":"c-pnpres"}`,
    );
  });
});

describe('authority', () => {
  it('that a hanging poll loses ends it at once with a 403 that names what failed', async () => {
    const rules = [ruleOf(1, 'kept')];
    const house = await House.open({ access: { rules: true, open: false }, rules });
    await house.engine.commit('a', [{ type: 'rule.put', rule: { ...ruleOf(1_000_001, 'lost'), origin: 'store' } }]);
    const hanging = await hang(house, 'kept,lost');
    expect(hanging.answer).toBeNull();
    await house.engine.commit('a', [{ type: 'rule.delete', id: 1_000_001 }]);
    await house.settle();
    expect(hanging.answer).toMatchObject({ status: 403, headers: { 'X-Portcullis-Code': 'channel.no-rule' } });
    expect(JSON.parse(hanging.text)).toMatchObject({ message: 'Forbidden', payload: { channels: ['lost'] } });
  });

  it('that expires ends it with the vendor’s words', async () => {
    const house = await House.open();
    const hanging = await hang(house, 'c', '', proven('al', { expiresAt: house.clock.now() + 60_000 }));
    house.clock.advance(60_000);
    await house.settle();
    expect(hanging.answer?.status).toBe(403);
    expect(JSON.parse(hanging.text)).toMatchObject({ message: 'Token is expired.', service: 'Access Manager' });
  });

  it('is asked for each channel of a group, and those without are left out', async () => {
    const house = await House.open({ access: { rules: true, open: false }, rules: [ruleOf(1, 'in')] });
    await house.engine.commit('a', [
      { type: 'group.put', group: 'g', channels: ['in', 'out'] },
      { type: 'group.put', group: 'h', channels: ['out'] },
    ]);
    const hanging = await hang(house, ',', 'channel-group=g');
    await house.engine.stateless.announce({
      app: 'a',
      channel: 'out',
      kind: 'message',
      audience: { to: 'everyone', anonymous: true },
      sender: null,
      data: '"hidden"',
      logged: false,
    });
    await house.settle();
    expect(hanging.answer).toBeNull();
    await say(house, 'in', 'shown');
    expect(hanging.messages.map(({ d }) => d)).toEqual(['shown']);
    const none = await house.ask('/v2/subscribe/sub/,/0?channel-group=h', { principal: BOB });
    expect(none.status).toBe(403);
    expect(JSON.parse(textOf(none))).toMatchObject({ payload: { 'channel-groups': [':h'] } });
  });
});

describe('a stream filter', () => {
  it('lets through what it says, by meta, payload and presence', async () => {
    const house = await House.open();
    const filter = encodeURIComponent(`lang == 'en' || data.n > 5 || pn_action == 'leave'`);
    const hanging = await hang(house, 'c,c-pnpres', `filter-expr=${filter}`, { kind: 'anonymous', credentials: [] });
    await say(house, 'c', { n: 1 });
    await say(house, 'c', { n: 1 }, `meta=${enc({ lang: 'de' })}`);
    await house.ask('/v2/presence/sub-key/sub/channel/c/heartbeat', { principal: stated('al') });
    await house.settle();
    expect(hanging.answer).toBeNull();
    await house.ask('/v2/presence/sub-key/sub/channel/c/leave', { principal: stated('al') });
    await house.settle();
    expect(hanging.messages.map(({ d }) => (d as { action: string }).action)).toEqual(['leave']);
    const again = await hang(house, 'c', `filter-expr=${filter}`);
    await say(house, 'c', { n: 6 });
    expect(again.messages).toMatchObject([{ d: { n: 6 } }]);
    const meta = await hang(house, 'c', `filter-expr=${filter}`);
    await say(house, 'c', 'x', `meta=${enc({ lang: 'en' })}`);
    expect(meta.messages).toMatchObject([{ d: 'x' }]);
  });

  it('moves the cursor past what it holds back', async () => {
    const house = await House.open();
    const filter = `filter-expr=${encodeURIComponent("lang == 'en'")}`;
    const hanging = await hang(house, 'c', filter);
    const tt = await say(house, 'c', 1);
    house.clock.advance(280_000);
    await house.settle();
    const { t } = (JSON.parse(hanging.text) as { t: { t: string } }).t;
    expect(BigInt(t)).toBeGreaterThanOrEqual(BigInt(tt));
  });
});

describe('a cursor', () => {
  it('of another region goes back by the margin: it repeats, and skips nothing', async () => {
    const house = await House.open();
    await house.handshake('c', { principal: BOB });
    await say(house, 'c', 'long ago');
    house.clock.advance(6_000);
    await say(house, 'c', 'just now');
    const tt = await house.handshake('c', { principal: BOB });
    const own = new Hanging(house, `/v2/subscribe/sub/c/0?tt=${tt}&tr=12`);
    const foreign = new Hanging(house, `/v2/subscribe/sub/c/0?tt=${tt}&tr=7`);
    const unsaid = new Hanging(house, `/v2/subscribe/sub/c/0?tt=${tt}`);
    await house.settle();
    expect(own.answer).toBeNull();
    expect(unsaid.answer).toBeNull();
    expect(foreign.messages.map(({ d }) => d)).toEqual(['just now']);
  });

  it('of this region from before this process goes back as well: another process had the same', async () => {
    const house = await House.open();
    await say(house, 'c', 'just now');
    house.clock.advance(1_000);
    const before = BigInt(house.clock.now() - 500) * 10_000n;
    house.clock.advance(1_000);
    const older = new Hanging(house, `/v2/subscribe/sub/c/0?tt=${before}&tr=12`);
    await house.settle();
    expect(older.messages.map(({ d }) => d)).toEqual(['just now']);
  });

  it('that is a publish timetoken begins there', async () => {
    const house = await House.open();
    await house.handshake('c', { principal: BOB });
    const first = await say(house, 'c', 1);
    await say(house, 'c', 2);
    const hanging = new Hanging(house, `/v2/subscribe/sub/c/0?tt=${first}&tr=12`);
    await house.settle();
    expect(hanging.messages.map(({ d }) => d)).toContain(2);
  });

  it('from the future is taken for the head', async () => {
    const house = await House.open();
    const hanging = new Hanging(house, '/v2/subscribe/sub/c/0?tt=99999999999999999&tr=12');
    await house.settle();
    await say(house, 'c', 1);
    expect(hanging.messages.map(({ d }) => d)).toEqual([1]);
  });
});

describe('subscribing', () => {
  it('marks the user present, with its state, for as long as it says', async () => {
    const house = await House.open();
    const here = async () => house.json('/v2/presence/sub-key/sub/channel/c?state=1', { principal: SERVER });
    await house.handshake('c,c-pnpres,w.*', {
      principal: BOB,
      query: `heartbeat=60&state=${enc({ c: { mood: 'ok' } })}`,
    });
    expect(await here()).toMatchObject({ uuids: [{ uuid: 'bob', state: { mood: 'ok' } }], occupancy: 1 });
    await house.handshake('c', { principal: BOB, query: `heartbeat=60&state=${enc({})}` });
    expect(await here()).toMatchObject({ uuids: [{ uuid: 'bob', state: { mood: 'ok' } }] });
    house.clock.advance(62_000);
    await house.settle();
    expect(await here()).toMatchObject({ occupancy: 0 });
  });

  it('is no presence of the anonymous, nor on a refused channel', async () => {
    const house = await House.open({ access: { rules: true, open: false }, rules: [ruleOf(1, 'c')] });
    await house.ask('/v2/subscribe/sub/c/0');
    await house.ask('/v2/subscribe/sub/c,d/0', { principal: BOB });
    expect(await house.json('/v2/presence/sub-key/sub/channel/c', { principal: SERVER })).toMatchObject({
      occupancy: 0,
    });
  });

  it('marks the user present on the channels of its groups', async () => {
    const house = await House.open({ access: { rules: true, open: false }, rules: [ruleOf(1, 'in')] });
    await house.engine.commit('a', [{ type: 'group.put', group: 'g', channels: ['in', 'out'] }]);
    await house.handshake(',', { principal: BOB, query: 'channel-group=g,g-pnpres' });
    expect(await house.json('/v2/presence/sub-key/sub/channel/in', { principal: SERVER })).toMatchObject({
      uuids: ['bob'],
    });
  });

  it('ends at once for a client that closes its poll, where the app says so', async () => {
    const house = await House.open({ settings: { leaveOnDisconnect: true } });
    const occupancy = async () =>
      ((await house.json('/v2/presence/sub-key/sub/channel/c', { principal: SERVER })) as { occupancy: number })
        .occupancy;
    const hanging = await hang(house, 'c');
    hanging.close();
    await house.settle();
    house.clock.advance(1_999);
    expect(await occupancy()).toBe(1);
    const back = await hang(house, 'c');
    house.clock.advance(1);
    expect(await occupancy()).toBe(1);
    back.close();
    await house.settle();
    house.clock.advance(2_000);
    expect(await occupancy()).toBe(0);
  });
});
