import { ANONYMOUS } from '@portcullis/policy';
import { describe, expect, it } from 'vitest';
import { bearer, Desk, GRANTS, proven, RULES, ruleOf, SERVER, stated } from '../ask/desk.fixture.ts';
import { endpoints as storage } from '../storage/index.ts';
import { endpoints as reactions } from './index.ts';

const endpoints = [...reactions, ...storage];
const BASE = '/v1/message-actions/sub/channel';
const SMILE = '{"type":"reaction","value":"smile"}';
const ann = proven('ann');

const add = (desk: Desk, message: bigint, as = ann as Parameters<Desk['get']>[1], body = SMILE, query = '') =>
  desk.call('POST', `${BASE}/ch/message/${message}${query}`, { body, ...(as ? { as } : {}) });
const remove = (desk: Desk, message: bigint, action: string, as: Parameters<Desk['get']>[1] = ann, query = '') =>
  desk.call('DELETE', `${BASE}/ch/message/${message}/action/${action}${query}`, { ...(as ? { as } : {}) });
const timetokenOf = (text: string): string => JSON.parse(text).data.actionTimetoken;

describe('adding a reaction', () => {
  it('answers it whole, as the vendor writes it', async () => {
    const desk = await Desk.open(endpoints);
    const message = await desk.publish('ch', '1');
    const told = await add(desk, message);
    const action = timetokenOf(told.text);
    expect(action).toMatch(/^\d{17}$/);
    expect(told).toEqual({
      status: 200,
      type: 'javascript',
      text: `{"status":200,"data":{"messageTimetoken":"${message}","type":"reaction","uuid":"ann","value":"smile","actionTimetoken":"${action}"}}`,
      headers: {},
    });
    expect((await desk.get(`${BASE}/ch`)).text).toBe(`{"status":200,"data":[${told.text.slice(21, -1)}]}`);
    expect((await desk.get('/v3/history-with-actions/sub-key/sub/channel/ch')).text).toContain(
      `"actions":{"reaction":{"smile":[{"uuid":"ann","actionTimetoken":"${action}"}]}}`,
    );
  });

  it('tells whoever sees the message', async () => {
    const desk = await Desk.open(endpoints);
    const message = await desk.publish('ch', '1');
    let action = '';
    const heard = await desk.heard(['ch'], async () => {
      action = timetokenOf((await add(desk, message, stated('bob'))).text);
      await remove(desk, message, action, stated('bob'));
    });
    const data = { messageTimetoken: `${message}`, actionTimetoken: action, type: 'reaction', value: 'smile' };
    const told = { kind: 'action', channel: 'ch', to: 'everyone', by: 'bob' };
    expect(heard).toEqual([
      { ...told, data: { source: 'actions', version: '1.0', event: 'added', data } },
      { ...told, data: { source: 'actions', version: '1.0', event: 'removed', data } },
    ]);
  });

  it('takes the same of the same user once, and tells a proven user from one who only states the name', async () => {
    const desk = await Desk.open(endpoints);
    const message = await desk.publish('ch', '1');
    await add(desk, message);
    expect(await add(desk, message)).toMatchObject({
      status: 409,
      text: '{"status":409,"error":{"source":"actions","message":"Action Already Added"},"code":"request.conflict"}',
    });
    expect((await add(desk, message, stated('ann'))).status).toBe(200);
    expect((await add(desk, message, ann, '{"type":"reaction","value":"frown"}')).status).toBe(200);
  });

  it.each([
    ['{"type":"t"}', 'Missing field', 'value', 'request.malformed'],
    ['{"value":"v"}', 'Missing field', 'type', 'request.malformed'],
    ['{"type":1,"value":"v"}', 'Not a string', 'type', 'request.malformed'],
    ['{"type":"","value":"v"}', 'Missing field', 'type', 'request.malformed'],
    ['{"type":"0123456789abcdef","value":"v"}', 'Too long', 'type', 'limit.reactionType'],
    [`{"type":"t","value":"${'v'.repeat(1_001)}"}`, 'Too long', 'value', 'limit.reactionValue'],
    ['', 'Not a JSON object', 'body', 'request.malformed'],
    ['[]', 'Not a JSON object', 'body', 'request.malformed'],
    ['{"type":"t","value":', 'Not a JSON object', 'body', 'request.malformed'],
    [`${'['.repeat(1_000)}`, 'Nested too deeply', 'body', 'request.malformed'],
  ])('refuses %s', async (body, problem, location, code) => {
    const desk = await Desk.open(endpoints);
    const told = await add(desk, await desk.publish('ch', '1'), ann, body);
    expect(told).toMatchObject({ status: 400, headers: { 'X-Portcullis-Code': code } });
    expect(JSON.parse(told.text)).toEqual({
      status: 400,
      error: {
        source: 'actions',
        message: 'Request payload contained invalid input.',
        details: [{ message: problem, location, locationType: 'body' }],
      },
      code,
    });
  });

  it('needs a user, whose it then is; a server reacts for the user it names', async () => {
    const desk = await Desk.open(endpoints);
    const message = await desk.publish('ch', '1');
    expect((await add(desk, message, ANONYMOUS)).status).toBe(400);
    expect((await add(desk, message, SERVER)).status).toBe(400);
    expect((await add(desk, message, SERVER, SMILE, '?uuid=bot')).text).toContain('"uuid":"bot"');
  });

  it('finds no message that is not there, not a timetoken, or in another channel', async () => {
    const desk = await Desk.open(endpoints);
    const elsewhere = await desk.publish('other', '1');
    for (const message of [1n, elsewhere]) {
      expect(await add(desk, message)).toMatchObject({ status: 404 });
    }
    const told = await desk.call('POST', `${BASE}/ch/message/x`, { as: ann, body: SMILE });
    expect(told).toMatchObject({ status: 400, text: expect.stringContaining('"location":"messageTimetoken"') });
  });

  it('gives each of many at once a timetoken of its own', async () => {
    const desk = await Desk.open(endpoints);
    const message = await desk.publish('ch', '1');
    const told = await Promise.all(Array.from({ length: 50 }, (_, n) => add(desk, message, proven(`user-${n}`))));
    expect(new Set(told.map(({ text }) => timetokenOf(text))).size).toBe(50);
  });
});

describe('bounds of reactions', () => {
  it('a message takes so many, whoever adds them', async () => {
    const desk = await Desk.open(endpoints, { settings: { reactionsPerMessage: 2 } });
    const message = await desk.publish('ch', '1');
    const other = await desk.publish('ch', '2');
    const first = timetokenOf((await add(desk, message)).text);
    await add(desk, message, proven('bob'));
    const told = await add(desk, message, proven('eve'));
    expect([told.status, told.headers['X-Portcullis-Code']]).toEqual([400, 'limit.reactionsPerMessage']);
    expect((await add(desk, message)).status).toBe(409);
    expect((await add(desk, other, proven('eve'))).status).toBe(200);
    await remove(desk, message, first);
    expect((await add(desk, message, proven('eve'))).status).toBe(200);
  });

  it('a user adds and removes so many a second, and no other user pays for it', async () => {
    const desk = await Desk.open(endpoints, { settings: { rateReactions: 2 } });
    const message = await desk.publish('ch', '1');
    const first = timetokenOf((await add(desk, message)).text);
    expect((await remove(desk, message, first)).status).toBe(200);
    const told = await add(desk, message);
    expect([told.status, told.headers['X-Portcullis-Code']]).toEqual([429, 'limit.rateReactions']);
    expect((await add(desk, message, stated('ann'))).status).toBe(200);
    desk.clock.advance(500);
    expect((await add(desk, message)).status).toBe(200);
  });
});

describe('who may react', () => {
  it.each([
    [['read', 'write'], 200],
    [['write'], 200],
    [['read'], 403],
    [['read', 'delete', 'manage'], 403],
    [[], 403],
  ] as const)('a grant of %j gets %d', async (permissions, status) => {
    const desk = await Desk.open(endpoints, { access: GRANTS });
    const message = await desk.publish('ch', '1');
    expect((await add(desk, message, bearer('ann', { ch: permissions }))).status).toBe(status);
  });

  it('nobody reacts to, sees reactions of, or hears about what it may not see', async () => {
    const spec = { publicMessaging: { enabled: true, authenticatedOnly: false }, authenticatedMessaging: true };
    const desk = await Desk.open(endpoints, { access: RULES, rules: [ruleOf(1, 'ch', spec)] });
    const inside = await desk.publish('ch', '1', { principal: ann, target: { to: 'authenticated' } });
    const open = await desk.publish('ch', '2');
    const guest = stated('guest');
    expect((await add(desk, inside, guest)).status).toBe(404);
    expect((await add(desk, open, guest)).status).toBe(200);
    const heard = await desk.heard(['ch'], () => add(desk, inside), guest);
    expect(heard).toEqual([]);
    expect(JSON.parse((await desk.get(`${BASE}/ch`, guest)).text).data).toHaveLength(1);
    expect(JSON.parse((await desk.get(`${BASE}/ch`, ann)).text).data).toHaveLength(2);
    const fetched = await desk.get('/v3/history-with-actions/sub-key/sub/channel/ch', guest);
    expect(fetched.text).not.toContain('"ann"');
  });

  it('tells the authenticated alone where everyone may not be sent to any more', async () => {
    const desk = await Desk.open(endpoints, { access: RULES, rules: [ruleOf(1, 'ch')] });
    const message = await desk.publish('ch', '1');
    const off = { publicMessaging: { enabled: false, authenticatedOnly: false }, authenticatedMessaging: true };
    await desk.define({ rules: [ruleOf(1, 'ch', off)] });
    const heard = await desk.heard(['ch'], () => add(desk, message), proven('bob'));
    expect(heard).toMatchObject([{ to: 'authenticated' }]);
    await desk.define({ rules: [ruleOf(1, 'ch', { ...off, authenticatedMessaging: false })] });
    expect((await add(desk, message, proven('bob'))).status).toBe(403);
  });

  it('reaches no message beyond what the rule gives', async () => {
    const desk = await Desk.open(endpoints, { access: RULES, rules: [ruleOf(1, 'ch')] });
    const old = await desk.publish('ch', '1');
    await add(desk, old);
    const fresh = await desk.publish('ch', '2');
    await add(desk, fresh);
    await desk.define({ rules: [ruleOf(1, 'ch', { history: 1 })] });
    expect((await add(desk, old, proven('bob'))).status).toBe(404);
    expect((await add(desk, fresh, proven('bob'))).status).toBe(200);
    const { data } = JSON.parse((await desk.get(`${BASE}/ch`, ann)).text);
    expect(data.map((action: { messageTimetoken: string }) => action.messageTimetoken)).toEqual([
      `${fresh}`,
      `${fresh}`,
    ]);
  });

  it('is decided when the reaction is written, not only when it is asked for', async () => {
    const desk = await Desk.open(endpoints, { access: RULES, rules: [ruleOf(1, 'ch')] });
    const message = await desk.publish('ch', '1');
    const found = desk.store.message;
    Object.assign(desk.store, {
      message: async (...which: Parameters<typeof found>) => {
        const answer = await found.apply(desk.store, which);
        await desk.define({ rules: [] });
        return answer;
      },
    });
    expect((await add(desk, message)).status).toBe(403);
    expect(await desk.store.actionsOf('a', 'ch', [message])).toEqual([]);
  });
});

describe('removing a reaction', () => {
  it('answers an empty object', async () => {
    const desk = await Desk.open(endpoints);
    const message = await desk.publish('ch', '1');
    const action = timetokenOf((await add(desk, message)).text);
    expect(await remove(desk, message, action)).toEqual({
      status: 200,
      type: 'javascript',
      text: '{"status":200,"data":{}}',
      headers: {},
    });
    expect((await remove(desk, message, action)).status).toBe(404);
    expect((await desk.get(`${BASE}/ch`)).text).toBe('{"status":200,"data":[]}');
  });

  it('is the owner’s alone, proven or stated as it was when it was added; and servers’', async () => {
    const desk = await Desk.open(endpoints);
    const message = await desk.publish('ch', '1');
    const action = timetokenOf((await add(desk, message)).text);
    for (const other of [proven('bob'), stated('ann'), undefined]) {
      const told = other
        ? await remove(desk, message, action, other)
        : await desk.call('DELETE', `${BASE}/ch/message/${message}/action/${action}`);
      expect(told).toMatchObject({
        status: 400,
        text: '{"status":400,"error":{"source":"actions","message":"Not deleting message action: wrong uuid specified"},"code":"operation.not-own"}',
      });
    }
    expect((await remove(desk, message, action, SERVER)).status).toBe(200);
  });

  it.each([
    [['read', 'delete'], 200],
    [['delete'], 200],
    [['read', 'write'], 403],
  ] as const)('with a grant of %j gets %d', async (permissions, status) => {
    const desk = await Desk.open(endpoints, { access: GRANTS });
    const message = await desk.publish('ch', '1');
    const action = timetokenOf((await add(desk, message, bearer('ann', { ch: ['read', 'write'] }))).text);
    expect((await remove(desk, message, action, bearer('ann', { ch: permissions }))).status).toBe(status);
  });

  it('finds nothing under what is no timetoken', async () => {
    const desk = await Desk.open(endpoints);
    expect((await remove(desk, 1n, 'x')).status).toBe(404);
    expect((await remove(desk, 1n, '2')).status).toBe(404);
  });
});

describe('listing reactions', () => {
  it('pages from the newest back: start exclusive, end inclusive', async () => {
    const desk = await Desk.open(endpoints);
    const message = await desk.publish('ch', '1');
    const tokens: string[] = [];
    for (let n = 0; n < 5; n++) tokens.push(timetokenOf((await add(desk, message, proven(`u${n}`))).text));
    const list = async (query: string) => {
      const { data, more } = JSON.parse((await desk.get(`${BASE}/ch?${query}`)).text);
      return { at: data.map((one: { actionTimetoken: string }) => tokens.indexOf(one.actionTimetoken)), more };
    };
    expect((await list('')).at).toEqual([0, 1, 2, 3, 4]);
    expect((await list(`start=${tokens[3]}&end=${tokens[1]}`)).at).toEqual([1, 2]);
    const { at, more } = await list(`limit=2&end=${tokens[1]}`);
    expect(at).toEqual([3, 4]);
    expect(more).toEqual({
      url: `${BASE}/ch?start=${tokens[3]}&end=${tokens[1]}&limit=2`,
      start: tokens[3],
      end: tokens[1],
      limit: 2,
    });
    expect(await list(more.url.split('?')[1])).toEqual({ at: [1, 2], more: undefined });
  });

  it.each(['start=x', 'end=x', 'limit=0', 'limit=many'])('refuses %s', async (query) => {
    const desk = await Desk.open(endpoints);
    expect((await desk.get(`${BASE}/ch?${query}`)).status).toBe(400);
  });

  it('needs read on the channel', async () => {
    const desk = await Desk.open(endpoints, { access: GRANTS });
    expect((await desk.get(`${BASE}/ch`, bearer('ann', { ch: ['write', 'delete'] }))).status).toBe(403);
    expect((await desk.get(`${BASE}/ch`, bearer('ann', { ch: ['read'] }))).status).toBe(200);
  });
});

it('deleting messages deletes what was said of them', async () => {
  const desk = await Desk.open(endpoints);
  await add(desk, await desk.publish('ch', '1'));
  await desk.call('DELETE', '/v3/history/sub-key/sub/channel/ch', { as: SERVER });
  expect((await desk.get(`${BASE}/ch`)).text).toBe('{"status":200,"data":[]}');
});
