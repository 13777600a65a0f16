import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Parameter, readQuery } from '../http/query.ts';
import { canonicalQuery, encodeStrictly, isSignable } from './canonical-query.ts';
import { signV1, signV2 } from './sign.ts';
import { type SignedRequest, verifySignature } from './verify-signature.ts';

const KEYS = { publishKey: 'pub-c-1', subscribeKey: 'sub-c-1', secret: 'sec-c-1' };

function request(method: string, target: string, body = ''): SignedRequest {
  const [path = '', query = ''] = target.split('?');
  return { method, path, parameters: readQuery(query)?.parameters ?? [], body };
}

/** A request with its signature beside it. */
const check = (signature: string, method: string, target: string, body = '') =>
  verifySignature(signature, request(method, target, body), KEYS);

describe('vectors of the vendor', () => {
  const vendor = { publishKey: 'myPublishKey', subscribeKey: 'mySubscribeKey', secret: 'mySecretKey' };
  const common = 'timestamp=1317427200&uuid=myUUID&pnsdk=PubNub-JS-Nodejs%2FsuchJavascript';

  it.each([
    ['audit', 'channel=ch1', 'I7AFqanrAAtwVfvLHyKECTWw7UcZmwbRnwENpXdGB9E'],
    ['audit', 'channel-group=cg1', '2hdDeYpF_Hoo4XLK2CMlZApcLin5lJxh6vsKMQnTet8'],
    ['audit', 'auth=key1%2Ckey2', 'lVKZELiJFleDoPqMkSgojCUsX39AZqop7bKVyHv-T_s'],
    [
      'grant',
      'channel=ch1,ch2&auth=key1,key2&r=0&w=0&m=0&d=0&g=0&j=0&u=0',
      'LEJCwKOBTApWy5jcdXPmtN1_N2aaJx0ZN3krPY6oLu8',
    ],
    [
      'grant',
      'channel-group=cg1%2Ccg2&auth=key1%2Ckey2&r=1&w=1&m=0&d=0&ttl=1337&g=0&j=0&u=0',
      'zneRpaqzdxJPegBrJHWMzj-mD8QVBxqh8Zl15N7n2d4',
    ],
    [
      'grant',
      'target-uuid=uuid-1,uuid-2&auth=key1,key2&r=0&w=0&m=0&d=1&g=1&j=0&u=1',
      'v2PTWPil0EaEYHemsVjZFKXeW4n26ZaEND9bfQYoi8M',
    ],
  ])('verifies an %s of the SDK’s own tests: %s', (what, query, signature) => {
    const asked = request('GET', `/v2/auth/${what}/sub-key/mySubscribeKey?${query}&${common}`);
    expect(verifySignature(`v2.${signature}`, asked, vendor)).toBe(true);
    expect(verifySignature(`v2.${signature}`, asked, { ...vendor, secret: 'mySecretKez' })).toBe(false);
    expect(verifySignature(`v2.${signature}`, asked, { ...vendor, publishKey: 'myPublishKez' })).toBe(false);
  });

  it('verifies an audit as the SDK sends it', () => {
    const target =
      '/v2/auth/audit/sub-key/sub-c-1?channel=a&auth=k1&uuid=user%20one&requestid=180faaa6-15eb-4b58-9e95-764f7f60fbf3&pnsdk=PubNub-JS-Nodejs%2F12.0.3&timestamp=1795327918';
    expect(check('v2.CvP3UGKw7gm1yeqla4iw46sSWGIA4JvoKKDTH18_Ms4', 'GET', target)).toBe(true);
  });

  it('verifies a POST publish, which is signed as a GET without a body', () => {
    const target =
      '/publish/pub-c-1/sub-c-1/0/c%20h/0?meta=%7B%22x%22%3A%22%C3%A9%20~%22%7D&uuid=user%20one&requestid=432869ea-026e-4c6f-b352-15fd49b5178d&pnsdk=PubNub-JS-Nodejs%2F12.0.3&timestamp=1795328227';
    const signature = 'v2.PGBpfCeCtK9sDaT0r0scVaVFemn6DE4m5JkIO7exuhs';
    expect(check(signature, 'POST', target)).toBe(true);
    expect(check(signature, 'GET', target)).toBe(true);
    expect(check(signature, 'POST', target.replace('c%20h', 'c%20i'))).toBe(false);
  });
});

describe('the canonical query', () => {
  it('encodes all but letters, digits and -_.', () => {
    expect(encodeStrictly("aZ09-_. ~!*'(),:/é")).toBe('aZ09-_.%20%7E%21%2A%27%28%29%2C%3A%2F%C3%A9');
  });

  it.each([
    ['a plus is a space', 'a=x+y', 'a=x%20y'],
    ['names are sorted', 'b=1&a=2&B=3', 'B=3&a=2&b=1'],
    ['values of a repeated name are sorted', 'sort=name%3Aasc&a=1&sort=age', 'a=1&sort=age&sort=name%3Aasc'],
    ['the signature is left out', 'signature=x&a=1', 'a=1'],
    ['absent values count as empty', 'ee=&x', 'ee=&x='],
  ])('%s', (_, query, canonical) => {
    expect(canonicalQuery(readQuery(query)?.parameters ?? [])).toBe(canonical);
  });
});

it('no two queries that can be signed are one text, whatever their names and values are', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '=', '&', '%', '.'), minLength: 1, maxLength: 4 });
  const value = fc.string({ unit: fc.constantFrom('a', '=', '&', '%', '\n', ' '), maxLength: 4 });
  const query = fc.array(fc.record({ name, value, raw: value }), { maxLength: 4 });
  const canSign = (parameters: readonly Parameter[]) => parameters.every(isSignable);
  const plain = (parameters: readonly Parameter[]) =>
    JSON.stringify(parameters.map((one) => JSON.stringify([one.name, one.value])).sort());
  fc.assert(
    fc.property(query.filter(canSign), query.filter(canSign), (one, other) => {
      expect(canonicalQuery(one) === canonicalQuery(other)).toBe(plain(one) === plain(other));
    }),
    { numRuns: 1_000 },
  );
});

describe('deviations', () => {
  const sign = (method: string, path: string, query: string, body = '') =>
    signV2(KEYS.secret, { method, publishKey: KEYS.publishKey, path, query, body });

  /** [where, path, parameter, its raw value, does it count there] */
  it.each([
    ['subscribe', '/v2/subscribe/sub-c-1/a/0', 'channel-group', 'g%2Bh', true],
    ['subscribe', '/v2/subscribe/sub-c-1/a/0', 'filter-expr', 'a%3D%3D1', true],
    ['subscribe', '/v2/subscribe/sub-c-1/a/0', 'state', '%7B%7D', true],
    ['subscribe', '/v2/subscribe/sub-c-1/a/0', 'uuid', 'a%20b', false],
    ['heartbeat', '/v2/presence/sub-key/sub-c-1/channel/a/heartbeat', 'state', '%7B%7D', true],
    ['heartbeat', '/v2/presence/sub-key/sub-c-1/channel/a/heartbeat', 'channel-group', 'g%2Bh', false],
    ['publish', '/publish/pub-c-1/sub-c-1/0/a/0/1', 'custom_message_type', 'a%20b', true],
    ['publish', '/publish/pub-c-1/sub-c-1/0/a/0/1', 'meta', '%7B%7D', false],
    ['signal', '/signal/pub-c-1/sub-c-1/0/a/0/1', 'custom_message_type', 'a%20b', false],
    ['leave', '/v2/presence/sub-key/sub-c-1/channel/a/leave', 'state', '%7B%7D', false],
    ['grant', '/v3/pam/sub-c-1/grant', 'state', '%7B%7D', false],
    ['objects', '/v2/objects/sub-c-1/uuids', 'filter-expr', 'a%3D1', false],
    ['files', '/v1/files/sub-c-1/channels/a/files', 'state', '%7B%7D', false],
    ['a channel called heartbeat', '/v2/presence/sub-key/sub-c-1/channel/a/uuid/heartbeat', 'state', '%7B%7D', false],
  ])('on %s: %s encodes %s twice → %s', (_, path, name, raw, counts) => {
    const twice = sign('GET', path, `${name}=${encodeStrictly(raw)}&z=1`);
    expect(check(twice, 'GET', `${path}?${name}=${raw}&z=1`)).toBe(counts);
    const once = sign('GET', path, `${name}=${encodeStrictly(decodeURIComponent(raw))}&z=1`);
    expect(check(once, 'GET', `${path}?${name}=${raw}&z=1`)).toBe(true);
  });

  it.each([
    ['POST', '/publish/pub-c-1/sub-c-1/0/a/0', true],
    ['GET', '/publish/pub-c-1/sub-c-1/0/a/0/1', false],
    ['POST', '/v3/pam/sub-c-1/grant', false],
    ['DELETE', '/v3/pam/sub-c-1/grant/x', false],
    ['PATCH', '/v2/objects/sub-c-1/uuids/u', false],
    ['POST', '/v1/files/sub-c-1/channels/a/generate-upload-url', false],
    ['DELETE', '/v3/history/sub-key/sub-c-1/channel/a', false],
  ])('version 1 on %s %s → %s', (method, path, counts) => {
    const { secret, ...keys } = KEYS;
    const signature = signV1(secret, { ...keys, path, query: 'uuid=u' });
    expect(signature).toMatch(/^[A-Za-z0-9_-]{43}=$/);
    expect(check(signature, method, `${path}?uuid=u`)).toBe(counts);
  });

  it('takes version 1 with its custom message type encoded twice', () => {
    const path = '/publish/pub-c-1/sub-c-1/0/a/0';
    const { secret, ...keys } = KEYS;
    const signature = signV1(secret, { ...keys, path, query: 'custom_message_type=a%2520b' });
    expect(check(signature, 'POST', `${path}?custom_message_type=a%20b`)).toBe(true);
  });
});

describe('the address of a file, made by a client without asking', () => {
  const file = '/v1/files/sub-c-1/channels/a/files/1/f.txt';
  const signedAs = (method: string, path: string, query: string) =>
    signV2(KEYS.secret, { method, publishKey: KEYS.publishKey, path, query, body: '' });
  it.each([
    ['leads to the file', 'GET', file, true],
    ['deletes nothing', 'DELETE', file, false],
    ['lists nothing', 'GET', '/v1/files/sub-c-1/channels/a/files', false],
    ['makes no form', 'POST', '/v1/files/sub-c-1/channels/a/generate-upload-url', false],
    ['reads no history', 'GET', '/v2/history/sub-key/sub-c-1/channel/a', false],
    ['grants nothing', 'POST', '/v3/pam/sub-c-1/grant', false],
    ['publishes nothing', 'GET', '/publish/pub-c-1/sub-c-1/0/a/0/1', false],
  ])('%s', (_, method, path, counts) => {
    const signature = signedAs('LOCAL', path, 'timestamp=1&uuid=u');
    expect(check(signature, method, `${path}?uuid=u&timestamp=1`)).toBe(counts);
    expect(check(signature, method, `${path}?uuid=v&timestamp=1`)).toBe(false);
  });

  it('does not stand for any method but that one', () => {
    expect(check(signedAs('', file, 'uuid=u'), 'GET', `${file}?uuid=u`)).toBe(false);
    expect(check(signedAs('DELETE', file, 'uuid=u'), 'GET', `${file}?uuid=u`)).toBe(false);
  });
});

describe('what a signature covers', () => {
  const path = '/v3/pam/sub-c-1/grant';
  const good = signV2(KEYS.secret, {
    method: 'POST',
    publishKey: 'pub-c-1',
    path,
    query: 'timestamp=1&uuid=u',
    body: '{}',
  });

  it.each([
    ['as it was signed', 'POST', `${path}?uuid=u&timestamp=1`, '{}', true],
    ['another method', 'PATCH', `${path}?uuid=u&timestamp=1`, '{}', false],
    ['another path', 'POST', '/v3/pam/sub-c-1/grants?uuid=u&timestamp=1', '{}', false],
    ['a respelled path', 'POST', '/v3/pam/sub-c-1/gr%61nt?uuid=u&timestamp=1', '{}', false],
    ['another value', 'POST', `${path}?uuid=v&timestamp=1`, '{}', false],
    ['one more parameter', 'POST', `${path}?uuid=u&timestamp=1&x=1`, '{}', false],
    ['one fewer', 'POST', `${path}?timestamp=1`, '{}', false],
    ['a doubled one', 'POST', `${path}?uuid=u&uuid=u&timestamp=1`, '{}', false],
    ['another body', 'POST', `${path}?uuid=u&timestamp=1`, '{ }', false],
    ['a respelled value, which is the same', 'POST', `${path}?uuid=%75&timestamp=1`, '{}', true],
  ])('%s', (_, method, target, body, holds) => {
    expect(check(good, method, target, body)).toBe(holds);
  });

  it.each(['uuid=u&timestamp', 'x%26y', 'x%3Dy', 'x%0Ay', ''])(
    'two queries that would be signed alike: a parameter called “%s” is refused',
    (name) => {
      const parts = { method: 'POST', publishKey: 'pub-c-1', path, body: '{}' };
      const parameters = [{ name: decodeURIComponent(name), value: '1', raw: '1' }];
      const signature = signV2(KEYS.secret, { ...parts, query: canonicalQuery(parameters) });
      expect(verifySignature(signature, { method: 'POST', path, parameters, body: '{}' }, KEYS)).toBe(false);
    },
  );

  it('the attempt before, where its signature is known, and no other', () => {
    const parameters = readQuery('uuid=u&timestamp=1&requestid=r')?.parameters ?? [];
    const asked = { method: 'POST', path, parameters, body: '{}' };
    const parts = { method: 'POST', publishKey: 'pub-c-1', path, body: '{}' };
    const again = signV2(KEYS.secret, { ...parts, query: 'requestid=r&signature=v2.before&timestamp=1&uuid=u' });
    expect(verifySignature(again, { ...asked, earlier: 'v2.before' }, KEYS)).toBe(true);
    expect(verifySignature(again, { ...asked, earlier: 'v2.other' }, KEYS)).toBe(false);
    expect(verifySignature(again, asked, KEYS)).toBe(false);
    const other = { ...asked, body: '{ }', earlier: 'v2.before' };
    expect(verifySignature(again, other, KEYS)).toBe(false);
    const fresh = signV2(KEYS.secret, { ...parts, query: 'requestid=r&timestamp=1&uuid=u' });
    expect(verifySignature(fresh, { ...asked, earlier: 'v2.before' }, KEYS)).toBe(true);
  });

  it('no other spelling of the signature passes, nor a cut or longer one', () => {
    const target = `${path}?uuid=u&timestamp=1`;
    for (let at = 0; at < good.length; at++) {
      const other = good[at] === 'A' ? 'B' : 'A';
      expect(check(`${good.slice(0, at)}${other}${good.slice(at + 1)}`, 'POST', target, '{}')).toBe(false);
      expect(check(good.slice(0, at), 'POST', target, '{}')).toBe(false);
    }
    for (const other of [`${good}=`, `${good}A`, good.slice(3), good.replaceAll('-', '+'), ` ${good}`]) {
      if (other !== good) expect(check(other, 'POST', target, '{}')).toBe(false);
    }
  });
});
