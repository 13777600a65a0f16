import { FEATURES } from '@portcullis/engine/testing';
import { ANONYMOUS, BIT, type Grant, type Principal } from '@portcullis/policy';
import { describe, expect, it } from 'vitest';
import { House, type HouseOptions, proven, ruleOf, SERVER, stated, textOf } from '../messaging/house.fixture.ts';

const P = '/v2/presence/sub-key/sub';
const enc = (value: unknown) => encodeURIComponent(JSON.stringify(value));

async function beat(house: House, channels: string, user: string | Principal, query = ''): Promise<string> {
  const principal = typeof user === 'string' ? stated(user) : user;
  return house.text(`${P}/channel/${channels}/heartbeat?${query}`, { principal });
}

async function house(options: HouseOptions = {}, users: readonly (readonly [string, string])[] = []): Promise<House> {
  const opened = await House.open(options);
  for (const [channel, user] of users) await beat(opened, channel, user);
  return opened;
}

describe('a heartbeat', () => {
  it('marks the user present until it falls silent', async () => {
    const h = await house();
    expect(await beat(h, 'c,c-pnpres,w.%2A', 'al', 'heartbeat=20&state=%7B%7D')).toBe(
      '{"status":200,"message":"OK","service":"Presence"}',
    );
    h.clock.advance(19_000);
    await beat(h, 'c', 'al', 'heartbeat=20');
    h.clock.advance(19_000);
    expect(await h.json(`${P}/channel/c`)).toMatchObject({ uuids: ['al'] });
    h.clock.advance(3_000);
    expect(await h.json(`${P}/channel/c`)).toMatchObject({ uuids: [] });
  });

  it.each([
    ['heartbeat=0', 300],
    ['heartbeat=-5', 300],
    ['heartbeat=soon', 300],
    ['', 300],
    ['heartbeat=1', 3],
    ['heartbeat=9999999', 3_600],
  ])('with %s holds for %i s', async (query, seconds) => {
    const h = await house();
    await beat(h, 'c', 'al', query);
    h.clock.advance(seconds * 1_000 - 1);
    expect(await h.json(`${P}/channel/c`)).toMatchObject({ occupancy: 1 });
    h.clock.advance(2_000);
    expect(await h.json(`${P}/channel/c`)).toMatchObject({ occupancy: 0 });
  });

  it('that does not say how long it holds, and a poll that does not, keep to what was said', async () => {
    const h = await house();
    await beat(h, 'c,d', 'al', 'heartbeat=20');
    await beat(h, 'c', 'al');
    await beat(h, 'd', 'al', 'heartbeat=-1');
    const cursor = await h.handshake('c', { principal: stated('al') });
    const gone = new AbortController();
    void h.ask(`/v2/subscribe/sub/c/0?tt=${cursor}`, { principal: stated('al'), signal: gone.signal });
    h.clock.advance(21_000);
    gone.abort();
    expect(await h.json(`${P}/uuid/al`)).toMatchObject({ payload: { channels: [] } });
    // What is over is forgotten with it.
    await beat(h, 'c', 'al');
    h.clock.advance(299_000);
    expect(await h.json(`${P}/uuid/al`)).toMatchObject({ payload: { channels: ['c'] } });
  });

  it('erases no state that it does not name', async () => {
    const h = await house();
    await beat(h, 'c', 'al', `state=${enc({ c: { mood: 'ok' } })}`);
    await beat(h, 'c', 'al', 'state=%7B%7D');
    await beat(h, 'c', 'al', `state=${enc({ c: {} })}`);
    expect(await h.json(`${P}/channel/c?state=1`)).toMatchObject({ uuids: [{ uuid: 'al', state: { mood: 'ok' } }] });
  });

  it('is refused as a whole, naming what failed', async () => {
    const h = await house({ access: { rules: true, open: false }, rules: [ruleOf(1, 'c')] });
    const answer = await h.ask(`${P}/channel/c,d,e.%2A/heartbeat`, { principal: stated('al') });
    expect(answer.status).toBe(403);
    expect(JSON.parse(textOf(answer))).toMatchObject({ payload: { channels: ['d'] }, code: 'channel.no-rule' });
    expect(await h.json(`${P}/channel/c`, { principal: SERVER })).toMatchObject({ occupancy: 0 });
    const grants = await house({ access: { grants: true, open: false } });
    const all = await grants.ask(`${P}/channel/c/heartbeat?channel-group=g`, { principal: stated('al') });
    expect(JSON.parse(textOf(all))).toMatchObject({ payload: { channels: ['c'], 'channel-groups': [':g'] } });
  });

  it('reaches the channels of groups, without those that are refused', async () => {
    const h = await house({ access: { rules: true, open: false }, rules: [ruleOf(1, 'in')] });
    await h.engine.commit('a', [{ type: 'group.put', group: 'g', channels: ['in', 'out'] }]);
    expect(JSON.parse(await beat(h, ',', 'al', 'channel-group=g'))).toMatchObject({ status: 200 });
    expect(await h.json(`${P}/channel/in`, { principal: SERVER })).toMatchObject({ uuids: ['al'] });
    expect(await h.json(`${P}/channel/out`, { principal: SERVER })).toMatchObject({ uuids: [] });
    await h.engine.commit('a', [{ type: 'group.put', group: 'g', channels: ['out'] }]);
    expect(JSON.parse(await beat(h, ',', 'al', 'channel-group=g'))).toMatchObject({
      status: 403,
      payload: { 'channel-groups': [':g'] },
    });
  });

  it('takes a state as it is, for each channel that it names', async () => {
    const h = await house();
    expect(JSON.parse(await beat(h, 'c,d,c-pnpres', 'al', `state=${enc({ mood: 'ok', at: { x: 1 } })}`))).toMatchObject(
      {
        status: 200,
      },
    );
    for (const channel of ['c', 'd']) {
      expect(await h.json(`${P}/channel/${channel}?state=1`)).toMatchObject({
        uuids: [{ uuid: 'al', state: { mood: 'ok', at: { x: 1 } } }],
      });
    }
    const grouped = await beat(h, 'c', 'al', `channel-group=g&state=${enc({ mood: 'ok' })}`);
    expect(JSON.parse(grouped)).toMatchObject({ status: 400, message: 'Invalid JSON specified for state' });
  });

  it.each([
    ['state=%5B%5D', 'Invalid JSON specified for state'],
    [`state=${enc({ c: 'x' })}`, 'Invalid JSON specified for state'],
  ])('with %s is a bad request', async (query, message) => {
    expect(JSON.parse(await beat(await house(), 'c', 'al', query))).toMatchObject({
      message,
      error: true,
      service: 'Presence',
      status: 400,
    });
  });

  it('of the anonymous is no presence', async () => {
    const h = await house();
    expect(JSON.parse(await beat(h, 'c', ANONYMOUS))).toMatchObject({ status: 200 });
    expect(await h.json(`${P}/channel/c`)).toMatchObject({ occupancy: 0 });
  });
});

describe('leave', () => {
  it('ends presence where it is said, and passes over what is not there', async () => {
    const h = await house({}, [['c,d,e', 'al']]);
    await h.engine.commit('a', [{ type: 'group.put', group: 'g', channels: ['e'] }]);
    const left = await h.text(`${P}/channel/c,c-pnpres,x/leave?channel-group=g,g-pnpres`, { principal: stated('al') });
    expect(left).toBe('{"status":200,"message":"OK","service":"Presence","action":"leave"}');
    expect(await h.json(`${P}/uuid/al`)).toMatchObject({ payload: { channels: ['d'] } });
  });

  it('of a user with several tokens ends it for all of them, and is told once', async () => {
    const h = await house();
    const [phone, laptop] = [proven('al'), proven('al')];
    await beat(h, 'c', phone);
    await beat(h, 'c', laptop);
    expect(await h.json(`${P}/channel/c`)).toMatchObject({ uuids: ['al'], occupancy: 1 });
    const cursor = await h.handshake('c-pnpres', { principal: stated('bo') });
    await h.text(`${P}/channel/c/leave`, { principal: phone });
    expect(await h.json(`${P}/channel/c`)).toMatchObject({ uuids: [], occupancy: 0 });
    const told = await h.json(`/v2/subscribe/sub/c-pnpres/0?tt=${cursor}`, { principal: stated('bo') });
    expect(told).toMatchObject({ m: [{ d: { action: 'leave', uuid: 'al', occupancy: 0 } }] });
    expect((told as { m: unknown[] }).m).toHaveLength(1);
  });

  it('by someone who only states the name ends nothing of the proven user', async () => {
    const h = await house();
    await beat(h, 'c', proven('al'));
    await h.text(`${P}/channel/c/leave`, { principal: stated('al') });
    expect(await h.json(`${P}/channel/c`)).toMatchObject({ uuids: ['al'] });
  });
});

describe('here-now', () => {
  const crowd: [string, string][] = [
    ['c', 'u1'],
    ['c,d', 'u2'],
    ['c', 'u3'],
  ];

  it('of one channel lists its users in the order they came', async () => {
    const h = await house({}, crowd);
    expect(await h.text(`${P}/channel/c`)).toBe(
      '{"status":200,"message":"OK","service":"Presence","uuids":["u1","u2","u3"],"occupancy":3}',
    );
    expect(await h.text(`${P}/channel/nobody`)).toBe(
      '{"status":200,"message":"OK","service":"Presence","uuids":[],"occupancy":0}',
    );
  });

  it('pages, or leaves the users out', async () => {
    const h = await house({}, crowd);
    const uuids = async (query: string) => ((await h.json(`${P}/channel/c?${query}`)) as { uuids?: unknown }).uuids;
    expect(await uuids('limit=2')).toEqual(['u1', 'u2']);
    expect(await uuids('limit=2&offset=2')).toEqual(['u3']);
    expect(await uuids('limit=0')).toEqual([]);
    expect(await uuids('limit=5000')).toEqual(['u1', 'u2', 'u3']);
    expect(await uuids('limit=x&offset=-1')).toEqual(['u1', 'u2', 'u3']);
    expect(await h.text(`${P}/channel/c?disable_uuids=1`)).toBe(
      '{"status":200,"message":"OK","service":"Presence","occupancy":3}',
    );
    const few = await house({ settings: { hereNowPage: 1 } }, crowd);
    expect(await few.json(`${P}/channel/c`)).toMatchObject({ uuids: ['u1'], occupancy: 3 });
  });

  it('tells states where it is asked to', async () => {
    const h = await house({}, [['c', 'u1']]);
    await beat(h, 'c', 'u2', `state=${enc({ c: { n: 1 } })}`);
    expect(await h.json(`${P}/channel/c?state=1`)).toMatchObject({
      uuids: [{ uuid: 'u1' }, { uuid: 'u2', state: { n: 1 } }],
    });
  });

  it('of several channels and groups answers by name', async () => {
    const h = await house({}, crowd);
    await h.engine.commit('a', [{ type: 'group.put', group: 'g', channels: ['d', 'empty'] }]);
    expect(await h.text(`${P}/channel/c,__proto__,1?disable_uuids=1`)).toBe(
      '{"status":200,"message":"OK","payload":{"channels":{"c":{"occupancy":3},"__proto__":{"occupancy":0},"1":{"occupancy":0}},"total_channels":3,"total_occupancy":3},"service":"Presence"}',
    );
    expect(await h.json(`${P}/channel/,?channel-group=g`)).toMatchObject({
      payload: {
        channels: { d: { uuids: ['u2'], occupancy: 1 }, empty: { uuids: [], occupancy: 0 } },
        total_channels: 2,
        total_occupancy: 1,
      },
    });
  });

  it('of all channels is for servers', async () => {
    const h = await house({}, crowd);
    expect(await h.json(P, { principal: SERVER })).toMatchObject({
      payload: { channels: { c: { occupancy: 3 }, d: { occupancy: 1 } }, total_channels: 2, total_occupancy: 4 },
    });
    const refused = await h.ask(P, { principal: stated('u1') });
    expect(refused.status).toBe(403);
    const open = await house({ access: { features: { ...FEATURES, globalHereNow: true } } }, crowd);
    expect(await open.json(`${P}?limit=1`, { principal: stated('u1') })).toMatchObject({
      payload: { channels: { c: { uuids: ['u1'], occupancy: 3 } } },
    });
  });

  it('is refused as a whole, naming what failed', async () => {
    const rules = [ruleOf(1, 'c'), ruleOf(2, 'quiet', { presence: false })];
    const h = await house({ access: { rules: true, open: false }, rules });
    const answer = await h.ask(`${P}/channel/c,quiet,none`, { principal: stated('al') });
    expect(JSON.parse(textOf(answer))).toMatchObject({ status: 403, payload: { channels: ['quiet', 'none'] } });
  });

  it('lists a Xano client by its session, apart from users', async () => {
    const h = await house({}, crowd);
    const session = h.engine.connect({
      app: 'a',
      principal: ANONYMOUS,
      outlet: { write() {}, buffered: () => 0, cork() {}, uncork() {}, end() {} },
      codec: { name: 'none', publications: () => new Uint8Array(), notice: () => new Uint8Array() },
      door: 'xano',
      address: '127.0.0.1',
    });
    if ('ok' in session) throw new Error(session.code);
    await session.join('c', { presence: false, history: false });
    expect(await h.json(`${P}/channel/c`)).toMatchObject({
      uuids: ['u1', 'u2', 'u3', expect.stringMatching(/^anon-s/)],
    });
  });
});

describe('by the name of a group', () => {
  const none = new Map<string, number>();
  const grant: Grant = {
    id: 'g1',
    key: 'k',
    issuedAt: 1_700_000_000,
    ttl: 60,
    resources: { channels: none, groups: new Map([['g', BIT.read]]), uuids: none },
    patterns: { channels: none, groups: none, uuids: none },
    meta: {},
  };
  const reader = proven('al', { grant });

  it('heartbeats, here-now and state need what the group needs, and leave out what no rule admits to', async () => {
    const rules = [ruleOf(1, 'c'), ruleOf(2, 'quiet', { presence: false })];
    const h = await house({ access: { rules: true, grants: true, open: false }, rules });
    const channels = ['c', 'quiet', 'none'];
    await h.engine.commit('a', [
      { type: 'group.put', group: 'g', channels },
      { type: 'group.put', group: 'other', channels },
    ]);
    const get = (path: string, group: string, query = '') =>
      h.ask(`${P}/channel/,${path}?channel-group=${group}&${query}`, { principal: reader });
    for (const [path, query] of [
      ['/heartbeat', ''],
      ['/uuid/al/data', `state=${enc({ mood: 'ok' })}`],
      ['', 'state=1'],
      ['/uuid/al', ''],
    ] as const) {
      expect((await get(path, 'g', query)).status).toBe(200);
      expect(JSON.parse(textOf(await get(path, 'other', query)))).toMatchObject({
        status: 403,
        payload: { 'channel-groups': [':other'] },
      });
    }
    const here = { uuids: [{ uuid: 'al', state: { mood: 'ok' } }], occupancy: 1 };
    expect(JSON.parse(textOf(await get('', 'g', 'state=1')))).toMatchObject({ payload: { channels: { c: here } } });
    expect(JSON.parse(textOf(await get('/uuid/al', 'g'))).payload).toEqual({ channels: { c: { mood: 'ok' } } });
    // The same channel by its own name needs its own permission.
    expect((await h.ask(`${P}/channel/c`, { principal: reader })).status).toBe(403);
  });

  it('presence outlasts edits of rules that leave it allowed, and no other', async () => {
    const h = await house({ access: { rules: true, grants: true, open: false }, rules: [ruleOf(1, 'other')] });
    const rule = (id: number, target: string, more = {}) =>
      ({ type: 'rule.put', rule: { ...ruleOf(id, target), ...more, origin: 'store' } }) as const;
    const hereIn = async (channel: string) =>
      (await h.json(`${P}/channel/${channel}`, { principal: SERVER })) as { uuids: unknown };
    await h.engine.commit('a', [
      rule(1_000_001, 'c'),
      rule(1_000_002, 'd'),
      rule(1_000_003, 'e'),
      { type: 'group.put', group: 'g', channels: ['c', 'd', 'e'] },
    ]);
    await beat(h, ',', reader, 'channel-group=g');
    await h.engine.commit('a', [{ type: 'group.put', group: 'g', channels: ['c', 'd'] }]);
    await h.engine.commit('a', [
      rule(1_000_001, 'c', { history: 5 }),
      rule(1_000_003, 'e', { history: 5 }),
      { type: 'rule.delete', id: 1_000_002 },
    ]);
    expect((await hereIn('c')).uuids).toEqual(['al']);
    expect((await hereIn('e')).uuids).toEqual([]);
    await h.engine.commit('a', [rule(1_000_002, 'd')]);
    expect((await hereIn('d')).uuids).toEqual([]);
  });
});

describe('where-now', () => {
  it('lists the channels of a user whose presence the asker may see', async () => {
    const rules = [ruleOf(1, 'c'), ruleOf(2, 'quiet', { presence: false })];
    const h = await house({ access: { rules: true, open: false }, rules }, [['c,quiet', 'al']]);
    expect(await h.text(`${P}/uuid/al`, { principal: stated('bo') })).toBe(
      '{"status":200,"message":"OK","service":"Presence","payload":{"channels":["c"]}}',
    );
    expect(await h.json(`${P}/uuid/nobody`)).toMatchObject({ payload: { channels: [] } });
  });
});

describe('state', () => {
  it('is set on each channel and read back', async () => {
    const h = await house({}, [['c,d', 'al']]);
    const set = await h.text(`${P}/channel/c,d/uuid/al/data?state=${enc({ mood: 'ok' })}`, { principal: stated('al') });
    expect(set).toBe('{"status":200,"message":"OK","service":"Presence","payload":{"mood":"ok"}}');
    expect(await h.text(`${P}/channel/c/uuid/al`)).toBe(
      '{"status":200,"uuid":"al","service":"Presence","message":"OK","payload":{"mood":"ok"},"channel":"c"}',
    );
    expect(await h.text(`${P}/channel/c,e/uuid/al`)).toBe(
      '{"status":200,"uuid":"al","service":"Presence","message":"OK","payload":{"channels":{"c":{"mood":"ok"},"e":{}}}}',
    );
    await h.engine.commit('a', [{ type: 'group.put', group: 'g', channels: ['d'] }]);
    expect(await h.json(`${P}/channel/,/uuid/al?channel-group=g`)).toMatchObject({
      payload: { channels: { d: { mood: 'ok' } } },
    });
  });

  it('is kept for a user who is not there yet, so long and so many of them', async () => {
    const h = await house({ settings: { keptStates: 2, presenceTimeout: 60_000 } });
    const set = (channels: string) =>
      h.text(`${P}/channel/${channels}/uuid/al/data?state=${enc({ at: channels })}`, { principal: stated('al') });
    await set('c');
    expect(await h.json(`${P}/channel/c/uuid/al`)).toMatchObject({ payload: { at: 'c' } });
    expect(await h.json(`${P}/channel/c`)).toMatchObject({ occupancy: 0 });
    await beat(h, 'c', 'al');
    expect(await h.json(`${P}/channel/c?state=1`)).toMatchObject({ uuids: [{ uuid: 'al', state: { at: 'c' } }] });
    await set('d,e,f');
    expect(await h.json(`${P}/channel/d,e,f/uuid/al`)).toMatchObject({
      payload: { channels: { d: {}, e: { at: 'd,e,f' }, f: { at: 'd,e,f' } } },
    });
    h.clock.advance(60_000);
    expect(await h.json(`${P}/channel/e,f/uuid/al`)).toMatchObject({ payload: { channels: { e: {}, f: {} } } });
  });

  it('that is kept for one who only states the name is not shown where the proven user says something or is', async () => {
    const h = await house();
    const [al, forger] = [proven('al'), stated('al')];
    const set = (principal: Principal, state: object) =>
      h.ask(`${P}/channel/c/uuid/al/data?state=${enc(state)}`, { principal });
    await set(al, { by: 'al' });
    await set(forger, { by: 'forger' });
    expect(await h.json(`${P}/channel/c/uuid/al`)).toMatchObject({ payload: { by: 'al' } });
    await beat(h, 'c', al);
    expect(await h.json(`${P}/channel/c?state=1`)).toMatchObject({ uuids: [{ uuid: 'al', state: { by: 'al' } }] });
    await h.ask(`${P}/channel/c/leave`, { principal: al });
    await beat(h, 'c', al);
    expect(await h.text(`${P}/channel/c/uuid/al`)).not.toContain('forger');
  });

  it('is changed by its own user alone', async () => {
    const h = await house({}, [['c', 'al']]);
    const other = await h.ask(`${P}/channel/c/uuid/al/data?state=${enc({ a: 1 })}`, { principal: stated('bo') });
    expect(other).toMatchObject({ status: 403, headers: { 'X-Portcullis-Code': 'operation.not-own' } });
    expect(await h.json(`${P}/channel/c/uuid/al`)).toMatchObject({ payload: {} });
    await beat(h, 'c', proven('carol'));
    await h.ask(`${P}/channel/c/uuid/carol/data?state=${enc({ a: 1 })}`, { principal: stated('carol') });
    expect(await h.json(`${P}/channel/c/uuid/carol`)).toMatchObject({ payload: {} });
  });

  it('is set by servers for anybody, and a server that goes by a user id is there itself', async () => {
    const h = await house({}, [['c', 'al']]);
    const bot: Principal = { kind: 'server', name: 'secret', as: 'bot', credentials: [] };
    await h.ask(`${P}/channel/c/uuid/al/data?state=${enc({ by: 'server' })}`, { principal: bot });
    expect(await h.json(`${P}/channel/c/uuid/al`)).toMatchObject({ payload: { by: 'server' } });
    await beat(h, 'c', bot, `state=${enc({ c: { busy: false } })}`);
    await h.ask(`${P}/channel/c/uuid/bot/data?state=${enc({ busy: true })}`, { principal: bot });
    expect(await h.json(`${P}/channel/c?state=1`)).toMatchObject({
      uuids: [
        { uuid: 'al', state: { by: 'server' } },
        { uuid: 'bot', state: { busy: true } },
      ],
    });
    expect(await h.json(`${P}/channel/c/uuid/bot`)).toMatchObject({ payload: { busy: true } });
    expect(await h.json(`${P}/uuid/bot`)).toMatchObject({ payload: { channels: ['c'] } });
    await h.ask(`${P}/channel/c/leave`, { principal: bot });
    expect(await h.json(`${P}/channel/c`)).toMatchObject({ uuids: ['al'] });
  });

  it.each([
    ['', 400, 'request.malformed'],
    ['state=x', 400, 'request.malformed'],
    ['state=%5B1%5D', 400, 'request.malformed'],
    [`state=${enc({ a: 'x'.repeat(2_048) })}`, 400, 'limit.state'],
  ])('(%s) is refused with %i %s', async (query, status, code) => {
    const h = await house({}, [['c', 'al']]);
    const answer = await h.ask(`${P}/channel/c/uuid/al/data?${query}`, { principal: stated('al') });
    expect(answer.headers?.['X-Portcullis-Code']).toBe(code);
    expect(answer.status).toBe(status);
  });
});
