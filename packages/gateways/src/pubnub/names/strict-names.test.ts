import { beforeEach, describe, expect, it } from 'vitest';
import { createAccessEndpoints } from '../access/index.ts';
import { endpoints } from '../endpoints.ts';
import { Stage } from '../http/door.fixture.ts';
import { respond } from '../http/respond.fixture.ts';
import type { Identity } from '../identity/identified.ts';
import { existsHere } from './exists-here.ts';

const LONG = `${'é'.repeat(46)}x`;
const OUTSIDE = ['room:1', 'room/1', 'back\\slash', 'a b', 'a\u00a0b', LONG];
const INSIDE = ['room', 'room.1', 'Zürich_1-2', 'é'.repeat(46)];

const PRESENCE = '/v2/presence/sub-key/{sub}';
const GROUPS = '/v1/channel-registration/sub-key/{sub}/channel-group';
const FILES = '/v1/files/{sub}/channels/{channel}';
const ACTIONS = '/v1/message-actions/{sub}/channel/{channel}';

/** Endpoint, where in a call to it the name is, and a body where it takes one. */
type Row = readonly [method: string, path: string, more?: string, body?: object];
const CHANNELS: readonly Row[] = [
  ['GET', '/publish/{pub}/{sub}/0/{channel}/0/{message}'],
  ['POST', '/publish/{pub}/{sub}/0/{channel}/0', '', {}],
  ['GET', '/signal/{pub}/{sub}/0/{channel}/0/{message}'],
  ['POST', '/signal/{pub}/{sub}/0/{channel}/0', '', {}],
  ['GET', '/v2/subscribe/{sub}/{channelsCsv}/0'],
  ['GET', `${PRESENCE}/channel/{channelsCsv}/heartbeat`],
  ['GET', `${PRESENCE}/channel/{channelsCsv}/leave`],
  ['GET', `${PRESENCE}/channel/{channelsCsv}`],
  ['GET', '/v2/presence/sub_key/{sub}/channel/{channelsCsv}'],
  ['GET', `${PRESENCE}/channel/{channelsCsv}/uuid/{uuid}`],
  ['GET', `${PRESENCE}/channel/{channelsCsv}/uuid/{uuid}/data`, 'state=%7B%7D'],
  ['GET', '/v2/history/sub-key/{sub}/channel/{channel}'],
  ['GET', '/v3/history/sub-key/{sub}/channel/{channelsCsv}'],
  ['GET', '/v3/history-with-actions/sub-key/{sub}/channel/{channelsCsv}'],
  ['GET', '/v3/history/sub-key/{sub}/message-counts/{channelsCsv}', 'timetoken=1'],
  ['DELETE', '/v3/history/sub-key/{sub}/channel/{channel}'],
  ['POST', `${ACTIONS}/message/{message}`, '', { type: 't', value: 'v' }],
  ['GET', ACTIONS],
  ['DELETE', `${ACTIONS}/message/{message}/action/{action}`],
  ['GET', `${GROUPS}/g`, 'add={channel}'],
  ['GET', `${GROUPS}/g`, 'remove={channel}'],
  ['GET', '/v2/objects/{sub}/channels/{channel}'],
  ['PATCH', '/v2/objects/{sub}/channels/{channel}', '', { name: 'n' }],
  ['DELETE', '/v2/objects/{sub}/channels/{channel}'],
  ['GET', '/v2/objects/{sub}/channels/{channel}/uuids'],
  ['PATCH', '/v2/objects/{sub}/channels/{channel}/uuids', '', { set: [] }],
  ['POST', `${FILES}/generate-upload-url`, '', { name: 'f.txt' }],
  ['GET', '/v1/files/publish-file/{pub}/{sub}/0/{channel}/0/{message}'],
  ['GET', `${FILES}/files`],
  ['GET', `${FILES}/files/{id}/{name}`],
  ['DELETE', `${FILES}/files/{id}/{name}`],
];
const GROUP_PATHS: readonly Row[] = [
  ['GET', `${GROUPS}/{group}`],
  ['GET', `${GROUPS}/{group}`, 'add=room'],
  ['GET', `${GROUPS}/{group}`, 'remove=room'],
  ['GET', `${GROUPS}/{group}/remove`],
  ['GET', '/v2/subscribe/{sub}/room/0', 'channel-group={group}'],
  ['GET', `${PRESENCE}/channel/room/heartbeat`, 'channel-group={group}'],
  ['GET', `${PRESENCE}/channel/room/leave`, 'channel-group={group}'],
  ['GET', `${PRESENCE}/channel/room`, 'channel-group={group}'],
  ['GET', `${PRESENCE}/channel/room/uuid/u`, 'channel-group={group}'],
  ['GET', `${PRESENCE}/channel/room/uuid/u/data`, 'state=%7B%7D&channel-group={group}'],
];
const USERS: readonly Row[] = [
  ['GET', `${PRESENCE}/uuid/{uuid}`],
  ['GET', `${PRESENCE}/channel/room/uuid/{uuid}`],
  ['GET', '/v2/objects/{sub}/uuids/{uuid}'],
  ['PATCH', '/v2/objects/{sub}/uuids/{uuid}', '', { name: 'n' }],
  ['DELETE', '/v2/objects/{sub}/uuids/{uuid}'],
  ['GET', '/v2/objects/{sub}/uuids/{uuid}/channels'],
  ['PATCH', '/v2/objects/{sub}/uuids/{uuid}/channels', '', { set: [] }],
];

const named = (rows: readonly Row[]) => rows.map(([method, path, more = '', body]) => ({ method, path, more, body }));

const FILLED = new Map([
  ['pub', 'pub-c-1'],
  ['sub', 'sub-c-1'],
  ['uuid', 'u'],
  ['message', '1'],
]);
const fill = (pattern: string, name: string, as: RegExp): string =>
  pattern.replace(/\{(\w+)\}/g, (_, key) => (as.test(key) ? encodeURIComponent(name) : (FILLED.get(key) ?? 'x')));

let strict: Stage;
let wide: Stage;

beforeEach(async () => {
  strict = await Stage.open({ settings: { strictNames: true } });
  wide = await Stage.open();
});

/** Signed: nothing stands in its way but the name. */
async function send(stage: Stage, method: string, target: string, body?: object) {
  const text = body === undefined ? '' : JSON.stringify(body);
  const signedText = target.startsWith('/publish') ? '' : text;
  const as = target.startsWith('/publish') ? 'GET' : method;
  const { status, headers, json } = await respond(stage.door, method, stage.signed(as, target, signedText), {
    body: text,
  });
  return { status, code: headers.get('X-Portcullis-Code'), json };
}

describe('with strictNames', () => {
  it.each(OUTSIDE)('there is no name %s', (name) => {
    for (const spelled of [name, `${name}-pnpres`, `${name}.*`]) expect(existsHere(spelled, strict.app)).toBe(false);
    expect(existsHere(name, wide.app)).toBe(true);
  });

  it.each(INSIDE)('there is a name %s', (name) => {
    for (const spelled of [name, `${name}-pnpres`, `${name}.*`]) expect(existsHere(spelled, strict.app)).toBe(true);
  });

  it.each(named(CHANNELS))(
    '$method $path knows no channel but the vendor’s $more',
    async ({ method, path, more, body }) => {
      const target = (name: string) => fill(`${path}?uuid=u&${more}`, name, /^channel/);
      for (const name of OUTSIDE) {
        const answer = await send(strict, method, target(name), body);
        expect([answer.status, answer.code]).toEqual([400, 'channel.bad-name']);
        expect(answer.json.payload).toEqual({ channels: [name] });
        expect((await send(wide, method, target(name), body)).code).not.toBe('channel.bad-name');
      }
      expect((await send(strict, method, target('room'), body)).code).not.toBe('channel.bad-name');
    },
  );

  it.each(named(GROUP_PATHS))('$path knows no group but the vendor’s $more', async ({ path, more }) => {
    const target = (name: string) => fill(`${path}?uuid=u&${more}`, name, /^group/);
    for (const name of OUTSIDE) {
      const answer = await send(strict, 'GET', target(name));
      expect([answer.status, answer.code]).toEqual([400, 'request.malformed']);
      expect(answer.json).toMatchObject({
        message: 'Invalid channel group name',
        payload: { 'channel-groups': [`:${name}`] },
      });
    }
    expect((await send(strict, 'GET', target('g'))).status).toBe(200);
  });

  it.each(named(USERS))('$method $path knows no longer user ids than the vendor', async ({ method, path, body }) => {
    const answer = await send(strict, method, fill(`${path}?uuid=u`, LONG, /^uuid/), body);
    expect([answer.status, answer.json.message]).toEqual([400, 'Invalid UUID']);
    const good = await send(strict, method, fill(`${path}?uuid=u`, 'someone: else', /^uuid/), body);
    expect(good.json.message).not.toBe('Invalid UUID');
  });

  it('this table names every endpoint that takes a name', () => {
    const all = [...endpoints, ...createAccessEndpoints({ nonce: () => '', identity: NO_IDENTITY })];
    const takes = all.filter(({ path }) => /\{(?:channel|channelsCsv|group|uuid)\}/.test(path));
    const here = new Set([...CHANNELS, ...GROUP_PATHS, ...USERS].map(([method, path]) => `${method} ${path}`));
    expect(takes.map(({ method, path }) => `${method} ${path}`).filter((one) => !here.has(one))).toEqual([]);
  });

  it.each([
    ['channels', 'room:1'],
    ['channels', 'room:1-pnpres'],
    ['channels', 'a b.*'],
    ['groups', 'g:1'],
    ['uuids', LONG],
  ])('no grant names %s %s', async (section, name) => {
    const permissions = { resources: { [section]: { [name]: section === 'uuids' ? 32 : 1 } }, patterns: {}, meta: {} };
    const target = '/v3/pam/sub-c-1/grant?uuid=admin';
    const body = { ttl: 1, permissions };
    const answer = await send(strict, 'POST', target, body);
    expect(answer).toMatchObject({ status: 400, code: 'grant.invalid' });
    expect(answer.json.error.details[0]).toMatchObject({ location: `permissions.resources.${section}.${name}` });
    expect((await send(wide, 'POST', target, body)).status).toBe(200);
  });

  it('grants name groups with a colon before them, and patterns as they like', async () => {
    const permissions = { resources: { groups: { ':g': 1 } }, patterns: { channels: { 'room:.*': 1 } }, meta: {} };
    const answer = await send(strict, 'POST', '/v3/pam/sub-c-1/grant?uuid=admin', { ttl: 1, permissions });
    expect(answer.status).toBe(200);
  });

  it('memberships hold no such channel, and lists show none', async () => {
    const change = { set: [{ channel: { id: 'room' } }, { channel: { id: 'room:1' } }] };
    const path = '/v2/objects/sub-c-1/uuids/u/channels?uuid=u';
    expect(await send(strict, 'PATCH', path, change)).toMatchObject({ status: 400, code: 'request.malformed' });
    // As before the setting was made.
    const row = { fields: {}, etag: 'e', updated: 1 };
    for (const id of ['a:1', 'room', 'z 1']) {
      await strict.store.putObject('a', 'channel', { ...row, id }, null);
      await strict.store.putMemberships('a', [{ ...row, user: 'u', channel: id, expectedEtag: null }]);
    }
    const ids = async (url: string) => {
      const { json } = await send(strict, 'GET', `${url}?uuid=u&count=true`);
      return [json.totalCount, JSON.stringify(json.data).match(/"id":"[^"]*"/g)];
    };
    expect(await ids('/v2/objects/sub-c-1/channels')).toEqual([1, ['"id":"room"']]);
    expect(await ids('/v2/objects/sub-c-1/uuids/u/channels')).toEqual([1, ['"id":"room"']]);
  });
});

describe('what other doors keep under other names', () => {
  it('is reached by no group, wildcard or list of who is where', async () => {
    const commit = (group: string, channels: readonly string[]) =>
      strict.engine.commit('a', [{ type: 'group.put', group, channels }]);
    await commit('g', ['room.1', 'room.a:1']);
    await commit('none', ['room.a:1']);
    await commit('odd:group', ['room.1']);
    for (const channel of ['room.1', 'room.a:1']) {
      strict.engine.stateless.heartbeat({
        app: 'a',
        principal: { kind: 'server', name: 's', as: 'u', credentials: [] },
        channels: [channel],
        usual: 9_999,
      });
    }
    const get = async (target: string) => (await send(strict, 'GET', target)).json;
    const hello = await get('/v2/subscribe/sub-c-1/room.*/0?uuid=u&channel-group=g');
    for (const channel of ['room.1', 'room.a:1']) {
      await strict.engine.stateless.publishAs({
        app: 'a',
        principal: { kind: 'server', name: 's', credentials: [] },
        channel,
        target: { to: 'everyone' },
        kind: 'message',
        data: '1',
        store: false,
      });
    }
    const { m } = await get(`/v2/subscribe/sub-c-1/room.*/0?uuid=u&channel-group=g&tt=${hello.t.t}&tr=${hello.t.r}`);
    expect(m.map((one: { c: string; b: string }) => [one.c, one.b])).toEqual([
      ['room.1', 'room.*'],
      ['room.1', 'g'],
    ]);
    expect(await get('/v2/subscribe/sub-c-1/,/0?uuid=u&channel-group=none')).toMatchObject({ status: 400 });
    expect(
      Object.keys((await get(`/v2/presence/sub-key/sub-c-1/channel/,?uuid=u&channel-group=g`)).payload.channels),
    ).toEqual(['room.1']);
    expect(Object.keys((await get('/v2/presence/sub-key/sub-c-1?uuid=u')).payload.channels)).toEqual(['room.1']);
    expect((await get('/v2/presence/sub-key/sub-c-1/uuid/u?uuid=u')).payload.channels).toEqual(['room.1']);
    expect((await get('/v1/channel-registration/sub-key/sub-c-1/channel-group/g?uuid=u')).payload.channels).toEqual([
      'room.1',
    ]);
    expect((await get('/v1/channel-registration/sub-key/sub-c-1/channel-group?uuid=u')).payload.groups).toEqual([
      'g',
      'none',
    ]);
  });
});

const NO_IDENTITY: Pick<Identity, 'credentialsOf'> = {
  credentialsOf: () => ({ ok: false, code: 'identity.malformed', reason: '' }),
};
