import type { Publication } from '@portcullis/engine';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../http/call.ts';
import { House, type HouseOptions, proven, ruleOf, SERVER, stated, textOf } from './house.fixture.ts';

const enc = (value: unknown) => encodeURIComponent(JSON.stringify(value));

/** What subscribers of `channel` get while `act` runs. */
async function heard(house: House, channel: string, act: () => Promise<unknown>): Promise<Publication[]> {
  const items: Publication[] = [];
  const names = [{ of: 'channel', name: channel, presence: false }] as const;
  const principal = stated('listener');
  const poll = house.engine.stateless.poll({ app: 'a', principal, names, cursor: null, limit: 100 });
  poll.onAnswer((answer) => {
    if (answer.ok) items.push(...answer.items.map(({ publication }) => publication));
  });
  await act();
  await house.settle();
  poll.cancel();
  return items;
}

const sent = (answer: Answer) => ({
  status: answer.status,
  type: answer.type,
  body: textOf(answer).replace(/"\d{17}"/, '"<tt>"'),
});

const open = (options?: HouseOptions) => House.open(options);

describe('publish', () => {
  it('by GET takes the payload from the path, and answers with its timetoken', async () => {
    const house = await open();
    const items = await heard(house, 'a/b', async () => {
      const answer = await house.ask(`/publish/pub/sub/0/a%2Fb/0/${enc({ text: 'ü / ?&' })}?uuid=al&seqn=9&l_pub=1`, {
        principal: stated('al'),
      });
      expect(sent(answer)).toEqual({ status: 200, type: 'javascript', body: '[1,"Sent","<tt>"]' });
    });
    expect(items).toMatchObject([
      { kind: 'message', channel: 'a/b', data: '{"text":"ü / ?&"}', sender: { claimed: 'al' } },
    ]);
  });

  it('by a server is by the user id it goes by', async () => {
    const house = await open();
    const items = await heard(house, 'c', async () => {
      await house.ask('/publish/pub/sub/0/c/0/1', { principal: { ...SERVER, as: 'bot' } });
      await house.ask('/publish/pub/sub/0/c/0/2', { principal: SERVER });
    });
    expect(items.map(({ sender }) => sender)).toMatchObject([
      { user: '', claimed: 'bot' },
      { user: '', claimed: 'server' },
    ]);
  });

  it('by POST takes it from the body', async () => {
    const house = await open();
    const items = await heard(house, 'c', async () => {
      const answer = await house.ask('/publish/pub/sub/0/c/0?store=1', { body: '[1, 2]' });
      expect(textOf(answer)).toMatch(/^\[1,"Sent","\d{17}"\]$/);
    });
    expect(items).toMatchObject([{ data: '[1, 2]' }]);
  });

  it('hands on meta and the custom message type', async () => {
    const house = await open();
    const items = await heard(house, 'c', () =>
      house.ask(`/publish/pub/sub/0/c/0/1?meta=${enc({ lang: 'en' })}&custom_message_type=chat_1-x&norep=true&ttl=0.5`),
    );
    expect(items).toMatchObject([{ meta: '{"lang":"en"}', customType: 'chat_1-x' }]);
  });

  it.each(['norep=true', 'norep=1'])('is a fire with store=0 and %s, and reaches nobody', async (norep) => {
    const house = await open();
    const items = await heard(house, 'c', async () => {
      expect(await house.text(`/publish/pub/sub/0/c/0/1?store=0&${norep}`)).toMatch(/^\[1,"Sent","\d{17}"\]$/);
    });
    expect(items).toEqual([]);
  });

  it('without keeping is no fire', async () => {
    const house = await open();
    expect(await heard(house, 'c', () => house.ask('/publish/pub/sub/0/c/0/1?store=0'))).toHaveLength(1);
    expect(await heard(house, 'c', () => house.ask('/publish/pub/sub/0/c/0/1?store=0&norep=false'))).toHaveLength(1);
  });

  it.each([
    ['/publish/pub/sub/0/c/0/hello', 'Invalid JSON', 'request.malformed'],
    ['/publish/pub/sub/0/c/0/%7B', 'Invalid JSON', 'request.malformed'],
    ['/publish/pub/sub/0/c/0/1?meta=%7B', 'Invalid JSON in meta', 'request.malformed'],
    [
      `/publish/pub/sub/0/c/0/${'%5B'.repeat(65)}${'%5D'.repeat(65)}`,
      'Message Nested Too Deeply',
      'limit.messageDepth',
    ],
    ['/publish/pub/sub/0/c/0/1?ttl=-1', 'Invalid ttl', 'request.malformed'],
    ['/publish/pub/sub/0/c/0/1?ttl=soon', 'Invalid ttl', 'request.malformed'],
    ['/publish/pub/sub/0/c/0/1?ttl=Infinity', 'Invalid ttl', 'request.malformed'],
    ['/publish/pub/sub/0/c/0/1?custom_message_type=ab', 'Invalid custom_message_type', 'request.malformed'],
    ['/publish/pub/sub/0/c/0/1?custom_message_type=pn_chat', 'Invalid custom_message_type', 'request.malformed'],
    ['/publish/pub/sub/0/c/0/1?custom_message_type=pn-chat', 'Invalid custom_message_type', 'request.malformed'],
    ['/publish/pub/sub/0/c/0/1?custom_message_type=-chat', 'Invalid custom_message_type', 'request.malformed'],
    [
      `/publish/pub/sub/0/c/0/1?custom_message_type=${'x'.repeat(51)}`,
      'Invalid custom_message_type',
      'request.malformed',
    ],
    [`/signal/pub/sub/0/c/0/${enc('x'.repeat(63))}`, 'Signal size too large', 'limit.signal'],
    [`/signal/pub/sub/0/c/0/${enc('ü'.repeat(32))}`, 'Signal size too large', 'limit.signal'],
  ])('%s is answered with %s', async (url, words, code) => {
    const house = await open();
    let answer: Answer | undefined;
    const items = await heard(house, 'c', async () => {
      answer = await house.ask(url);
    });
    expect(items).toEqual([]);
    expect(answer).toMatchObject({ status: 400, type: 'javascript', headers: { 'X-Portcullis-Code': code } });
    expect(JSON.parse(String(answer?.body))).toEqual([0, words, expect.stringMatching(/^\d{17}$/)]);
  });

  it('of more than the limit is answered with the vendor’s array', async () => {
    const house = await open({ limits: { message: 100 } });
    const answer = await house.ask('/publish/pub/sub/0/c/0', { body: JSON.stringify('x'.repeat(99)) });
    expect(answer).toMatchObject({ status: 400, headers: { 'X-Portcullis-Code': 'limit.message' } });
    expect(textOf(answer)).toMatch(/^\[0,"Message Too Large","\d{17}"\]$/);
    expect((await house.ask('/publish/pub/sub/0/c/0', { body: JSON.stringify('x'.repeat(98)) })).status).toBe(200);
    const meta = await house.ask(`/publish/pub/sub/0/c/0/1?meta=${enc('x'.repeat(99))}`);
    expect(textOf(meta)).toContain('Message Too Large');
  });

  it('without permission is answered as by the Access Manager, and names the channel', async () => {
    const house = await open({ access: { grants: true, open: false } });
    const answer = await house.ask('/publish/pub/sub/0/c/0/1', { principal: stated('al') });
    expect(answer).toMatchObject({ status: 403, type: 'pam', headers: { 'X-Portcullis-Code': 'grant.none' } });
    expect(textOf(answer)).toBe(
      '{"message":"Forbidden","payload":{"channels":["c"]},"error":true,"service":"Access Manager","status":403,"code":"grant.none"}',
    );
  });

  it('goes by the rules where they are on', async () => {
    const spec = { publicMessaging: { enabled: true, authenticatedOnly: true } };
    const house = await open({ access: { rules: true, open: false }, rules: [ruleOf(1, 'c', spec)] });
    expect((await house.ask('/publish/pub/sub/0/c/0/1', { principal: stated('al') })).status).toBe(403);
    expect((await house.ask('/publish/pub/sub/0/c/0/1', { principal: proven('al') })).status).toBe(200);
    expect((await house.ask('/publish/pub/sub/0/other/0/1', { principal: proven('al') })).status).toBe(403);
  });

  it('to a name that is none is a bad request', async () => {
    const house = await open();
    const answer = await house.ask('/publish/pub/sub/0/a.%2A/0/1');
    expect(answer).toMatchObject({ status: 400, headers: { 'X-Portcullis-Code': 'channel.bad-name' } });
  });
});

describe('a signal', () => {
  it('is small and arrives as one', async () => {
    const house = await open();
    const items = await heard(house, 'c', () =>
      house.ask(`/signal/pub/sub/0/c/0/${enc('x'.repeat(62))}?custom_message_type=typing`),
    );
    expect(items).toMatchObject([{ kind: 'signal', customType: 'typing' }]);
  });
});
