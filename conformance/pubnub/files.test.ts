import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PubNub from 'pubnub';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RunningServer } from '../support/server.ts';
import { denied, GrantHouse, KEYS, outcome } from './grant-house.fixture.ts';

let house: GrantHouse;
beforeAll(async () => {
  house = await GrantHouse.open();
});
afterAll(() => house?.close());
afterEach(() => house.sendAllAway());

let rooms = 0;
const fresh = () => `files-${++rooms}`;
const granted = (channel: string, ...permissions: ('read' | 'write' | 'delete')[]) =>
  house.mint({ channels: { [channel]: permissions } }, { user: 'ann' });
const file = (text: string, name = 'note.txt') => ({ data: Buffer.from(text), name, mimeType: 'text/plain' });

interface Downloaded {
  toString(encoding: 'utf8'): Promise<string> | string;
  readonly data: Uint8Array;
}

describe('files through the SDK', () => {
  it('are sent, announced, listed, downloaded and deleted', async () => {
    const channel = fresh();
    const client = house.client('ann', granted(channel, 'read', 'write', 'delete'));
    const listener = house.listener('ann', granted(channel, 'read'));
    await listener.subscribed({ channels: [channel] });
    const text = `héllo ${'x'.repeat(300_000)}`;
    const sent = await client.sendFile({ channel, file: file(text, 'nöte (1).txt'), message: { look: true } });
    expect(sent).toMatchObject({ status: 200, name: 'nöte (1).txt', timetoken: expect.stringMatching(/^\d{17}$/) });
    const { id, name } = sent;
    const told = await listener.seen('file', { channel });
    expect(told).toMatchObject({ publisher: 'ann', message: { look: true }, file: { id, name } });

    const { data, count } = await client.listFiles({ channel });
    expect([data, count]).toEqual([
      [{ id, name, size: Buffer.byteLength(text), created: expect.stringMatching(/^[\d-]+T[\d:]+Z$/) }],
      1,
    ]);
    const downloaded = (await client.downloadFile({ channel, id, name })) as unknown as Downloaded;
    expect(await downloaded.toString('utf8')).toBe(text);

    const fetched = await client.fetchMessages({ channels: [channel] });
    expect(fetched.channels[channel]).toMatchObject([
      { messageType: 4, message: { message: { look: true }, file: { id, name } } },
    ]);
    expect(await client.deleteFile({ channel, id, name })).toEqual({ status: 200 });
    expect(await outcome(client.downloadFile({ channel, id, name }))).toMatchObject({ statusCode: 404 });
    expect((await client.listFiles({ channel })).data).toEqual([]);
  });

  it('come encrypted as they went', async () => {
    const channel = fresh();
    const client = house.client('ann', granted(channel, 'read', 'write'), { cipherKey: 'kept among friends' });
    const { id, name } = await client.sendFile({ channel, file: file('secret') });
    const downloaded = (await client.downloadFile({ channel, id, name })) as unknown as Downloaded;
    expect(await downloaded.toString('utf8')).toBe('secret');
  });

  it('have an address that an application can show, and that leads to an attachment in a sandbox', async () => {
    const channel = fresh();
    const client = house.client('ann', granted(channel, 'read', 'write'));
    const { id, name } = await client.sendFile({ channel, file: file('<script>alert(1)</script>', 'x.html') });
    const led = await fetch(client.getFileUrl({ channel, id, name }), { redirect: 'manual' });
    expect(led.status).toBe(307);
    const link = led.headers.get('location') ?? '';
    expect(link).not.toContain(client.getToken());
    const answer = await fetch(link);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': "attachment; filename*=UTF-8''x.html",
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-store',
    });
    expect(await answer.text()).toBe('<script>alert(1)</script>');
  });

  it('have an address made by whoever holds the secret key: it leads there, and deletes nothing', async () => {
    const channel = fresh();
    const backend = house.backend();
    const { id, name } = await backend.sendFile({ channel, file: file('signed', 'a b.txt') });
    const address = backend.getFileUrl({ channel, id, name });
    expect(await (await fetch(address)).text()).toBe('signed');
    const deleting = await fetch(address, { method: 'DELETE' });
    expect(deleting.headers.get('x-portcullis-code')).toBe('identity.bad-signature');
    const other = address.replace(encodeURIComponent(name), 'other.txt');
    expect((await fetch(other)).headers.get('x-portcullis-code')).toBe('identity.bad-signature');
    expect(await (await fetch(address)).text()).toBe('signed');
  });

  it('that are too large are refused, and nothing of them is kept', async () => {
    const channel = fresh();
    const client = house.client('ann', granted(channel, 'read', 'write'));
    const call = client.sendFile({ channel, file: { data: Buffer.alloc(5_242_881), name: 'big.bin' } });
    expect(await outcome(call)).toEqual({ category: 'PNBadRequestCategory', statusCode: 400, code: undefined });
    expect((await client.listFiles({ channel })).data).toEqual([]);
  });

  it.each([
    ['sendFile', ['read', 'delete']],
    ['listFiles', ['write', 'delete']],
    ['downloadFile', ['write', 'delete']],
    ['deleteFile', ['read', 'write']],
  ] as const)('%s needs its permission', async (method, permissions) => {
    const channel = fresh();
    const { id, name } = await house.backend().sendFile({ channel, file: file('x') });
    const client = house.client('ann', granted(channel, ...permissions));
    const call = {
      sendFile: () => client.sendFile({ channel, file: file('x') }),
      listFiles: () => client.listFiles({ channel }),
      downloadFile: () => client.downloadFile({ channel, id, name }),
      deleteFile: () => client.deleteFile({ channel, id, name }),
    }[method];
    expect(await outcome(call())).toEqual(denied('grant.missing-permission'));
  });
});

it('files, reactions and app context are there after a server was killed and started again', async () => {
  const data = mkdtempSync(join(tmpdir(), 'portcullis-files-'));
  const keys = `    keys: { publish: ${KEYS.publish}, subscribe: ${KEYS.subscribe}, secret: ${KEYS.secret} }\n`;
  const start = () =>
    RunningServer.start({ app: keys, access: '{ rules: off, grants: on }', data: join(data, 'store') });
  const backendOf = ({ port }: RunningServer) =>
    new PubNub({
      publishKey: KEYS.publish,
      subscribeKey: KEYS.subscribe,
      secretKey: KEYS.secret,
      userId: 'backend',
      origin: `127.0.0.1:${port}`,
      ssl: false,
    });
  try {
    const first = await start();
    const before = backendOf(first);
    const { id, name } = await before.sendFile({ channel: 'c', file: file('kept') });
    const { timetoken } = await before.publish({ channel: 'c', message: 'hi' });
    const action = { type: 'reaction', value: 'smile' };
    await before.addMessageAction({ channel: 'c', messageTimetoken: String(timetoken), action });
    await before.objects.setMemberships({ uuid: 'ann', channels: [{ id: 'c', custom: { role: 'host' } }] });
    before.destroy(true);
    await first.kill();
    const second = await start();
    const after = backendOf(second);
    const downloaded = (await after.downloadFile({ channel: 'c', id, name })) as unknown as Downloaded;
    expect(await downloaded.toString('utf8')).toBe('kept');
    expect((await after.getMessageActions({ channel: 'c' })).data).toMatchObject([{ ...action, uuid: 'backend' }]);
    const { data: memberships } = await after.objects.getMemberships({ uuid: 'ann', include: { customFields: true } });
    expect(memberships).toMatchObject([{ channel: { id: 'c' }, custom: { role: 'host' } }]);
    after.destroy(true);
    await second.stop();
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
});
