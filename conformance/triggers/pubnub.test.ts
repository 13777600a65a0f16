import PubNub from 'pubnub';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { failure, VendorUser } from '../pubnub/vendor-client.fixture.ts';
import { RunningServer } from '../support/server.ts';

/** The vendor's SDK, as it is published, before triggers of every kind: files, and the words in which it is refused. */
const KEYS = { publishKey: 'pub-test', subscribeKey: 'sub-test' };

let server: RunningServer;
const leaving: (() => void)[] = [];

beforeAll(async () => {
  server = await RunningServer.start({
    // What clients see beyond loopback: a trigger's reason is for them all the same.
    access: '{ rules: on, grants: off, explainToClients: short }',
    app: `    keys: { publish: pub-test, subscribe: sub-test, secret: conformance-app-secret-0123456789abcdef }
    channels:
      - { target: room/*, nested: true, anonymousClients: true, presence: true, publicMessaging: true, history: 50 }
      - { target: quiet/*, nested: true, anonymousClients: true, publicMessaging: true, history: 50 }
    triggers:
      - { channel: quiet/*, on: [message], steps: [ { when: 'options.kind == "signal"', block: no signals } ] }
      - channel: room/*
        on: [join]
        steps: [ { when: 'principal.claimedUser == "mallory"', block: "Mallory, you know why" } ]
      - channel: room/*
        on: [message]
        steps:
          - { when: 'options.kind != "file" && payload.text == "spam"', block: "No advertising, please" }
          - { when: 'options.kind == "file" && payload.file.name.endsWith(".exe")', block: "No programs, please" }
          - { when: 'options.kind == "file" && has(payload.message.text)', set: { message.text: 'payload.message.text.replace("darn", "****")' } }
          - { when: 'options.kind == "file" && payload.file.name.startsWith("members-")', audience: authenticated }
          - { when: 'options.kind == "file" && payload.file.name.startsWith("bo-")', audience: { user: '"bo"' } }
`,
  });
});
afterAll(() => server?.stop());
afterEach(() => {
  for (const leave of leaving.splice(0)) leave();
});

/** Proven by a token, unless it only states who it is. */
async function client(userId: string, { proven = true, ...more }: { proven?: boolean; cipherKey?: string } = {}) {
  const one = new PubNub({ ...KEYS, ...more, userId, origin: `127.0.0.1:${server.port}`, ssl: false });
  if (proven) one.setToken(await server.tokenFor(userId));
  leaving.push(() => one.destroy(true));
  return one;
}

async function listener(userId: string, channel: string, proven = true): Promise<VendorUser> {
  const one = new VendorUser(server.port, { ...KEYS, userId, restore: false });
  if (proven) one.client.setToken(await server.tokenFor(userId));
  leaving.push(() => one.client.destroy(true));
  await one.subscribed({ channels: [channel] });
  return one;
}

const file = (name: string) => ({ data: Buffer.from(`this is ${name}`), name, mimeType: 'text/plain' });
const names = async (asker: PubNub, channel: string) =>
  (await asker.listFiles({ channel })).data.map(({ name }) => name).sort();

/** The body of a refusal, which is what an application can show. */
const refusal = async (call: Promise<unknown>) => {
  const { statusCode, errorData } = await failure(call);
  return { statusCode, ...errorData };
};

const FORBIDDEN = { statusCode: 403, error: true, service: 'Access Manager', status: 403, code: 'trigger.blocked' };

describe('a file that the SDK sends', () => {
  it('is announced as the trigger leaves it', async () => {
    const channel = 'room/masked';
    const [ann, bo] = [await client('ann'), await listener('bo', channel)];
    const { id, name } = await ann.sendFile({ channel, file: file('a.txt'), message: { text: 'the darn thing' } });
    const told = await bo.seen('file', { channel });
    expect(told).toMatchObject({ publisher: 'ann', message: { text: 'the **** thing' }, file: { id, name } });
    const { channels } = await ann.fetchMessages({ channels: [channel] });
    expect(Object.values(channels)).toMatchObject([
      [{ messageType: 4, message: { message: { text: 'the **** thing' } } }],
    ]);
  });

  it('is announced to nobody where the trigger says no, with its reason, and nobody finds it', async () => {
    const channel = 'room/blocked';
    const [ann, bo] = [await client('ann'), await listener('bo', channel)];
    // The SDK tries five times, and keeps of the last answer the status alone.
    const status = await failure(ann.sendFile({ channel, file: file('a.exe') }));
    expect(status).toMatchObject({ category: 'PNAccessDeniedCategory', statusCode: 403 });
    const { id, name } = status as unknown as { readonly id: string; readonly name: string };
    const said = await refusal(ann.publishFile({ channel, fileId: id, fileName: name }));
    expect(said).toMatchObject({ ...FORBIDDEN, message: 'No programs, please' });
    await ann.sendFile({ channel, file: file('a.txt'), message: { text: 'fine' } });
    await bo.seen('file', { channel });
    expect(bo.of('file')).toHaveLength(1);
    expect(await names(await client('bo'), channel)).toEqual(['a.txt']);
  });

  it('is announced, listed and given to those alone whom the trigger leaves', async () => {
    const channel = 'room/narrowed';
    const ann = await client('ann');
    const [bo, cy, guest] = [
      await listener('bo', channel),
      await listener('cy', channel),
      await listener('guest', channel, false),
    ];
    const sent = [];
    for (const name of ['bo-1.txt', 'members-1.txt', 'all-1.txt']) {
      sent.push(await ann.sendFile({ channel, file: file(name), message: { name } }));
    }
    /** All came in order: with the last one, everything is there that ever will be. */
    const heard = async (who: VendorUser) => {
      const names = () => who.of('file').map(({ message }) => (message as { readonly name: string }).name);
      await expect.poll(names, { timeout: 10_000 }).toContain('all-1.txt');
      return names();
    };
    expect(await heard(bo)).toEqual(['bo-1.txt', 'members-1.txt', 'all-1.txt']);
    expect(await heard(cy)).toEqual(['members-1.txt', 'all-1.txt']);
    expect(await heard(guest)).toEqual(['all-1.txt']);

    const [asBo, asCy, asGuest] = [await client('bo'), await client('cy'), await client('guest', { proven: false })];
    expect(await names(asBo, channel)).toEqual(['all-1.txt', 'bo-1.txt', 'members-1.txt']);
    expect(await names(asCy, channel)).toEqual(['all-1.txt', 'members-1.txt']);
    expect(await names(asGuest, channel)).toEqual(['all-1.txt']);
    const [forBo] = sent;
    const download = { channel, id: forBo?.id ?? '', name: forBo?.name ?? '' };
    expect(await refusal(asGuest.downloadFile(download))).toMatchObject({ statusCode: 404 });
    expect(await refusal(asCy.downloadFile(download))).toMatchObject({ statusCode: 404 });
    const got = (await asBo.downloadFile(download)) as unknown as { toString(as: 'utf8'): Promise<string> | string };
    expect(await got.toString('utf8')).toBe('this is bo-1.txt');
  });

  it('whose message nobody here can read is refused where a condition has to read it', async () => {
    const channel = 'room/encrypted';
    const ann = await client('ann', { cipherKey: 'kept among friends' });
    expect(await failure(ann.sendFile({ channel, file: file('a.txt') }))).toMatchObject({ statusCode: 503 });
    expect(await names(await client('bo'), channel)).toEqual([]);
  });
});

it('an encrypted file is there once a trigger that does not look into it has let its message pass', async () => {
  const channel = 'quiet/encrypted';
  const cipherKey = 'kept among friends';
  const [ann, bo] = [await client('ann', { cipherKey }), await client('bo', { cipherKey })];
  const { id, name } = await ann.sendFile({ channel, file: file('a.txt') });
  expect(await names(bo, channel)).toEqual(['a.txt']);
  const got = (await bo.downloadFile({ channel, id, name })) as unknown as { toString(as: 'utf8'): Promise<string> };
  expect(await got.toString('utf8')).toBe('this is a.txt');
});

describe('the reason of a trigger', () => {
  it('is in what a publish and a signal are refused with', async () => {
    const channel = 'room/words';
    const ann = await client('ann');
    const expected = { ...FORBIDDEN, message: 'No advertising, please', payload: { channels: [channel] } };
    expect(await refusal(ann.publish({ channel, message: { text: 'spam' } }))).toMatchObject(expected);
    expect(await refusal(ann.signal({ channel, message: { text: 'spam' } }))).toMatchObject(expected);
  });

  it('is in whatever one is refused whom a join trigger keeps out', async () => {
    const channel = 'room/door';
    const mallory = await client('mallory', { proven: false });
    const calls = {
      publish: () => mallory.publish({ channel, message: 'hi' }),
      fetchMessages: () => mallory.fetchMessages({ channels: [channel], count: 10 }),
      messageCounts: () => mallory.messageCounts({ channels: [channel], channelTimetokens: ['1'] }),
      hereNow: () => mallory.hereNow({ channels: [channel] }),
      setState: () => mallory.setState({ channels: [channel], state: { mood: 'sly' } }),
      getState: () => mallory.getState({ channels: [channel] }),
      listFiles: () => mallory.listFiles({ channel }),
      sendFile: () => mallory.sendFile({ channel, file: file('a.txt') }),
      getMessageActions: () => mallory.getMessageActions({ channel }),
    };
    for (const [name, call] of Object.entries(calls)) {
      const body = await refusal(call());
      expect({ name, ...body }).toMatchObject({ name, ...FORBIDDEN, message: 'Mallory, you know why' });
    }
  });

  it('is in what a subscribe is refused with', async () => {
    const channel = 'room/door';
    const mallory = new VendorUser(server.port, { ...KEYS, userId: 'mallory', restore: false });
    leaving.push(() => mallory.client.destroy(true));
    mallory.client.subscribe({ channels: [channel] });
    const status = await mallory.seen('status', { category: 'PNConnectionErrorCategory' });
    expect(JSON.stringify(status)).toContain('PNAccessDeniedCategory');
    const poll = `${server.url}/v2/subscribe/sub-test/${encodeURIComponent(channel)}/0?uuid=mallory&tt=0`;
    const answer = await fetch(poll);
    expect([answer.status, await answer.json()]).toEqual([
      403,
      {
        message: 'Mallory, you know why',
        payload: { channels: [channel] },
        error: true,
        service: 'Access Manager',
        status: 403,
        code: 'trigger.blocked',
      },
    ]);
  });
});

it('where a user is, is told as far as join triggers let the asker in', async () => {
  const channel = 'room/whereabouts';
  await listener('ann', channel);
  const [bo, mallory] = [await client('bo'), await client('mallory', { proven: false })];
  expect((await bo.whereNow({ uuid: 'ann' })).channels).toEqual([channel]);
  expect((await mallory.whereNow({ uuid: 'ann' })).channels).toEqual([]);
});
