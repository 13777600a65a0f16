import type { Code } from '@portcullis/policy';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stage } from '../http/door.fixture.ts';
import { readQuery } from '../http/query.ts';
import { respond } from '../http/respond.fixture.ts';
import { canonicalQuery } from './canonical-query.ts';
import { signV2 } from './sign.ts';

const GRANT = '/v3/pam/sub-c-1/grant';
const BODY = JSON.stringify({ ttl: 1, permissions: { resources: { channels: { a: 3 } }, patterns: {}, meta: {} } });
const PUBLISH = '/publish/pub-c-1/sub-c-1/0/a/0';

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open();
});
afterEach(() => expect(stage.faults).toEqual([]));

const send = (method: string, target: string, body = '') =>
  respond(stage.door, method, target, body === '' ? {} : { body });
const REPLAYED = { message: 'This signature was used already.', code: 'identity.replayed', status: 403 };

/** [what, method, path, body]: everything that changes something. */
const CHANGES: readonly (readonly [string, string, string, string])[] = [
  ['a grant', 'POST', GRANT, BODY],
  ['a publication', 'GET', `${PUBLISH}/1`, ''],
  ['a publication by POST', 'POST', PUBLISH, '1'],
  ['a fire', 'GET', `${PUBLISH}/1?store=0&norep=true`, ''],
  ['a signal', 'GET', '/signal/pub-c-1/sub-c-1/0/a/0/1', ''],
  ['a deletion of messages', 'DELETE', '/v3/history/sub-key/sub-c-1/channel/a', ''],
  ['a reaction', 'POST', '/v1/message-actions/sub-c-1/channel/a/message/1', '{"type":"t","value":"v"}'],
  ['the removal of one', 'DELETE', '/v1/message-actions/sub-c-1/channel/a/message/1/action/2', ''],
  ['state', 'GET', '/v2/presence/sub-key/sub-c-1/channel/a/uuid/u/data?state=%7B%7D', ''],
  ['state on a heartbeat', 'GET', '/v2/presence/sub-key/sub-c-1/channel/a/heartbeat?state=%7B%7D', ''],
  ['state on a subscribe', 'GET', '/v2/subscribe/sub-c-1/a/0?state=%7B%7D', ''],
  ['a leave', 'GET', '/v2/presence/sub-key/sub-c-1/channel/a/leave', ''],
  ['a change of a group', 'GET', '/v1/channel-registration/sub-key/sub-c-1/channel-group/g?add=a', ''],
  ['the removal of a group', 'GET', '/v1/channel-registration/sub-key/sub-c-1/channel-group/g/remove', ''],
  ['metadata', 'PATCH', '/v2/objects/sub-c-1/uuids/u', '{"name":"n"}'],
  ['the removal of metadata', 'DELETE', '/v2/objects/sub-c-1/uuids/u', ''],
  ['memberships', 'PATCH', '/v2/objects/sub-c-1/uuids/u/channels', '{"set":[],"delete":[]}'],
  ['the form for a file', 'POST', '/v1/files/sub-c-1/channels/a/generate-upload-url', '{"name":"f"}'],
  ['the message of a file', 'GET', '/v1/files/publish-file/pub-c-1/sub-c-1/0/a/0/%7B%7D', ''],
  ['the deletion of a file', 'DELETE', '/v1/files/sub-c-1/channels/a/files/1/f', ''],
];
const more = (path: string, query: string) => `${path}${path.includes('?') ? '&' : '?'}${query}`;

describe.each(CHANGES)('%s that is signed', (_, method, path, body) => {
  const codeOf = async (target: string) =>
    (await send(method, target, body)).headers.get('x-portcullis-code') ?? 'none';
  // The wire signs every publication as a GET without a body.
  const signs = path.startsWith('/publish/') ? (['GET', ''] as const) : ([method, body] as const);
  const sign = (target: string, seconds = stage.seconds) =>
    stage.signed(signs[0], target, signs[1], 'sec-c-1', seconds);

  it('with an id of its own counts once', async () => {
    const target = sign(more(path, 'uuid=u&requestid=r'));
    expect(await codeOf(target)).not.toMatch(/^identity\./);
    for (const wait of [0, 30_000, 30_000]) {
      stage.clock.advance(wait);
      expect(await codeOf(target)).toBe('identity.replayed');
    }
    stage.clock.advance(1);
    expect(await codeOf(target)).toBe('identity.bad-timestamp');
  });

  it('without one counts for the moment in which two equal calls are signed alike', async () => {
    const target = sign(more(path, 'uuid=u'));
    for (const wait of [0, 500, 1_500]) {
      stage.clock.advance(wait);
      expect(await codeOf(target)).not.toMatch(/^identity\./);
    }
    stage.clock.advance(1);
    expect(await codeOf(target)).toBe('identity.replayed');
    stage.clock.advance(57_999);
    expect(await codeOf(target)).toBe('identity.replayed');
  });

  it('does not count when it was signed before the server started', async () => {
    expect(await codeOf(sign(more(path, 'uuid=u'), stage.seconds - 1))).toBe('identity.signed-too-early');
  });
});

describe('signed calls that change nothing', () => {
  it.each([
    '/v2/history/sub-key/sub-c-1/channel/a',
    '/v3/history/sub-key/sub-c-1/message-counts/a?timetoken=1',
    '/v2/presence/sub-key/sub-c-1/channel/a',
    '/v2/presence/sub-key/sub-c-1/channel/a/uuid/u',
    '/v1/channel-registration/sub-key/sub-c-1/channel-group',
    '/v2/objects/sub-c-1/uuids',
    '/v2/subscribe/sub-c-1/a/0',
  ])('may come again, and from before the start: %s', async (path) => {
    const target = stage.signed('GET', more(path, 'requestid=r'), '', 'sec-c-1', stage.seconds - 30);
    expect((await send('GET', target)).status).toBe(200);
    stage.clock.advance(20_000);
    expect((await send('GET', target)).status).toBe(200);
  });
});

describe('signatures that come again', () => {
  it('publish nothing, with another body either', async () => {
    const target = stage.signed('GET', `${PUBLISH}?uuid=u&requestid=r`);
    expect((await send('POST', target, '1')).status).toBe(200);
    expect((await send('POST', target, '2')).json).toMatchObject(REPLAYED);
  });

  it('are the same however the id is spelled into the name beside it', async () => {
    const target = stage.signed('POST', `${GRANT}?pnsdk=x&requestid=r`, BODY);
    expect((await send('POST', target, BODY)).status).toBe(200);
    const hidden = target.replace('pnsdk=x&requestid=', 'pnsdk%3Dx%26requestid=');
    expect((await send('POST', hidden, BODY)).json).toMatchObject({ message: 'Signature Does Not Match' });
  });

  it('are not spent by those who only guess', async () => {
    const target = stage.signed('POST', `${GRANT}?requestid=r`, BODY);
    await send('POST', target, `${BODY} `);
    await send('POST', `${target}&x=1`, BODY);
    expect((await send('POST', target, BODY)).status).toBe(200);
  });

  it('are remembered up to a limit, over which nothing is changed until there is room', async () => {
    stage = await Stage.open({ settings: { rememberedSignatures: 2 } });
    const publish = (n: number) => send('GET', stage.signed('GET', `${PUBLISH}/${n}`));
    expect((await publish(1)).status).toBe(200);
    expect((await publish(2)).status).toBe(200);
    expect((await publish(3)).json).toMatchObject({ code: 'limit.rememberedSignatures', status: 403 });
    stage.clock.advance(6_000);
    expect((await publish(4)).status).toBe(200);
  });

  it('are asked to be made anew when the server has started since', async () => {
    const target = stage.signed('POST', `${GRANT}?requestid=r`, BODY, 'sec-c-1', stage.seconds - 1);
    const answer = await send('POST', target, BODY);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(answer.json).toMatchObject({ code: 'identity.signed-too-early', status: 503 });
  });
});

describe('a client that signs its next attempt with the signature of the one before', () => {
  const JS = 'pnsdk=PubNub-JS-Nodejs%2F12.0.3&requestid=r&uuid=u';
  const POLL = `/v2/subscribe/sub-c-1/a/0?${JS}`;

  /** A call and its further attempts, each a second after the other. */
  function attempts(target: string, secret = 'sec-c-1') {
    let earlier: string | undefined;
    return () => {
      stage.clock.advance(1_000);
      const [path = '', query = ''] = `${target}&timestamp=${stage.seconds}`.split('?');
      const parameters = readQuery(query)?.parameters ?? [];
      const signed = canonicalQuery(parameters, earlier === undefined ? {} : { earlier });
      earlier = signV2(secret, { method: 'GET', publishKey: 'pub-c-1', path, query: signed, body: '' });
      return `${path}?${query}&signature=${earlier}`;
    };
  }
  const statuses = async (...targets: readonly string[]) => {
    const got: number[] = [];
    for (const target of targets) got.push((await send('GET', target)).status);
    return got;
  };

  it('is known again when it was asked too often', async () => {
    let busy: Code | undefined = 'limit.ratePerAddress';
    stage = await Stage.open({ admit: () => busy });
    const next = attempts(POLL);
    expect(await statuses(next(), next(), next())).toEqual([429, 429, 429]);
    busy = undefined;
    expect(await statuses(next())).toEqual([200]);
  });

  it('is asked for one more attempt when none before got here, and then known', async () => {
    const next = attempts(POLL);
    const lost = [next(), next(), next()];
    expect(lost).toHaveLength(3);
    const target = next();
    const answer = await send('GET', target);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(answer.json).toMatchObject({ code: 'identity.bad-signature', message: 'Signature Does Not Match' });
    expect(await statuses(next())).toEqual([200]);
  });

  it('is asked so too when only some got here', async () => {
    const next = attempts(POLL);
    expect(await statuses(next())).toEqual([200]);
    next();
    expect(await statuses(next(), next())).toEqual([503, 200]);
  });

  it('publishes again what it may have published: the answer was lost, and each attempt counts once', async () => {
    const next = attempts(`${PUBLISH}/1?${JS}`);
    const [first, second] = [next(), next()];
    expect(await statuses(first, second, first, second)).toEqual([200, 200, 403, 403]);
  });

  it('is refused the second time with another secret', async () => {
    const next = attempts(POLL, 'sec-c-2');
    expect(await statuses(next(), next(), next())).toEqual([503, 403, 403]);
  });

  it('is not taken for another that says the same id', async () => {
    const next = attempts(POLL);
    await send('GET', next());
    const other = attempts(POLL.replace('/a/0', '/b/0'));
    other();
    const [mine, others] = [next(), other()];
    expect((await send('GET', others)).status).toBe(503);
    expect((await send('GET', mine)).status).toBe(403);
  });

  it('is one that says so: nobody else is asked for another attempt', async () => {
    for (const target of [POLL.replace('PubNub-JS', 'PubNub-Python'), POLL.replace('requestid=r&', '')]) {
      const next = attempts(target);
      next();
      expect(await statuses(next())).toEqual([403]);
    }
  });
});
