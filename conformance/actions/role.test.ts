import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RunningServer } from '../support/server.ts';
import { MOTO, Program, programAt } from './programs.fixture.ts';
import { RecordingProxy } from './recording-proxy.fixture.ts';

/** A target with a `role`: what is sent is signed with what Amazon's token service lends for it. */
const ROLE = 'arn:aws:iam::123456789012:role/portcullis-events';
const path = programAt('moto_server');

describe.skipIf(path === undefined)(`moto_server${path === undefined ? ' (skipped: it is not installed)' : ''}`, () => {
  let moto: Program;
  let proxy: RecordingProxy;
  let endpoint: string;
  let server: RunningServer;

  beforeAll(async () => {
    moto = await Program.start(path ?? '', MOTO);
    proxy = new RecordingProxy(moto.port);
    endpoint = await proxy.open();
    server = await RunningServer.start({
      access: '{ rules: on, grants: off }',
      app: `    keys: { publish: pub-test, subscribe: sub-test, secret: conformance-app-secret-0123456789abcdef }
    channels: [ { target: room/*, nested: true } ]
`,
      env: { PORTCULLIS_SERVER_OUTBOUND_PRIVATE: 'allow', PORTCULLIS_SERVER_LOG: 'warn' },
    });
  }, 90_000);
  afterAll(async () => {
    await server?.stop();
    await proxy?.close();
    await moto?.stop();
  });

  const listen = (name: string, target: object) =>
    server.must('POST', '/apps/test/actions', {
      name,
      on: ['event.sent'],
      do: [{ ...target, envelope: 'event', retry: { base: '50ms', max: '200ms', attempts: 100 } }],
    });
  const aws = (role?: string) => ({
    region: 'eu-west-1',
    endpoint,
    accessKeyId: 'own-key',
    secretAccessKey: 'own-secret',
    ...(role === undefined ? {} : { role }),
  });
  const state = async (name: string) => {
    const { do: actions } = await server.must('GET', `/apps/test/actions/${name}`);
    return (actions as { state?: { done: number; waiting: number } }[])[0]?.state;
  };

  test('the role is assumed under the subscribe key once, and what is sent is signed with what it lends', async () => {
    const script = join(import.meta.dirname, 'aws-call.mjs');
    const create = [script, 'sqs', 'CreateQueue', endpoint, '{"QueueName":"events"}'];
    const { stdout } = await promisify(execFile)(process.execPath, create);
    const queueUrl: unknown = JSON.parse(stdout).QueueUrl;
    proxy.requests.length = 0;
    await listen('lent', { sqs: { ...aws(ROLE), queueUrl } });
    for (const n of [1, 2]) await server.must('POST', '/apps/test/events', { channel: 'room/1', data: { n } });
    await expect.poll(async () => (await state('lent'))?.done, { timeout: 40_000 }).toBe(2);
    const [assumed, ...sent] = proxy.requests;
    expect(Object.fromEntries(new URLSearchParams(assumed?.body))).toMatchObject({
      Action: 'AssumeRole',
      RoleArn: ROLE,
      RoleSessionName: 'portcullis',
      ExternalId: 'sub-test',
    });
    expect(assumed).toMatchObject({ accessKey: 'own-key', sessionToken: undefined });
    expect(sent).toHaveLength(2);
    const [first] = sent;
    expect(first?.accessKey).toMatch(/^ASIA/);
    expect(first?.sessionToken).toEqual(expect.stringMatching(/.{20}/));
    expect(
      sent.every(
        ({ accessKey, sessionToken }) => accessKey === first?.accessKey && sessionToken === first?.sessionToken,
      ),
    ).toBe(true);
    expect(sent.map(({ body }) => JSON.parse(JSON.parse(body).MessageBody).data.message)).toEqual([{ n: 1 }, { n: 2 }]);
  }, 60_000);
});
