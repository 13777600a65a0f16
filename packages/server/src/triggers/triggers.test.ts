import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadText } from '../config/index.ts';
import { startServer, type TestServer } from '../serve.fixture.ts';
import { connectXano, type XanoClient } from '../xano-client.fixture.ts';

const ADMIN = 'admin-token-of-the-tests-0123456789ab';
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

let folder: string;
let server: TestServer;
const closing: Server[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-triggers-'));
});
afterEach(async () => {
  await server?.stop();
  for (const one of closing.splice(0)) {
    one.closeAllConnections();
    one.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

const config = (triggers: string, more = '') => `
server: { host: 127.0.0.1, port: 0, adminToken: ${ADMIN}, log: info, drainTimeout: 500ms, outbound: { private: allow } }
data: ":memory:"
apps:
  - id: shop
    connectionHash: shop-hash
    functions: { folder: "${folder}" }
    ${more}
    channels:
      - { target: chatroom/*, nested: true, anonymousClients: true, presence: true, publicMessaging: true, authenticatedMessaging: true, history: 10 }
      - { target: mods/*, nested: true, anonymousClients: true, publicMessaging: true }
    triggers:
${triggers}
`;

/** One client in the room, and what it hears of what it says. */
async function inRoom(channel = 'chatroom/1'): Promise<XanoClient> {
  const client = await connectXano(server.url, 'shop-hash');
  client.say('join', channel);
  await client.next('join');
  return client;
}

async function endpoint(
  answer: (body: unknown, url: string) => { status?: number; body?: string; headers?: Record<string, string> } | null,
) {
  const asked: { headers: Record<string, string | string[] | undefined>; text: string }[] = [];
  const http = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      asked.push({ headers: request.headers, text });
      const said = answer(JSON.parse(text), request.url ?? '');
      if (said) response.writeHead(said.status ?? 200, said.headers).end(said.body ?? '');
    });
  });
  closing.push(http);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/hook`, asked };
}

describe('a trigger of the file', () => {
  test('blocks joins and masks messages as its conditions say', async () => {
    server = await startServer(
      config(`
      - channel: chatroom/*
        on: [join, message]
        steps:
          - when: 'action == "join" && channel.endsWith("/closed")'
            block: banned here
          - when: 'action == "message" && payload.text.contains("darn")'
            set: { text: 'payload.text.replace("darn", "****")' }`),
    );
    const client = await inRoom();
    client.say('join', 'chatroom/closed');
    expect(await client.next('error')).toMatchObject({
      options: { channel: 'chatroom/closed' },
      payload: { message: 'banned here', code: 'trigger.blocked' },
    });
    client.say('message', 'chatroom/1', { text: 'oh darn', n: 1 });
    expect(await client.next('message')).toMatchObject({ payload: { text: 'oh ****', n: 1 } });
    client.say('message', 'chatroom/1', 'no text in it');
    expect(await client.next('error')).toMatchObject({ payload: { code: 'trigger.failed' } });
    const kept = await server.admin('GET', '/apps/shop/trigger-runs?payloads=true');
    expect(kept.body.runs).toMatchObject([
      { outcome: 'failed', steps: [{ outcome: 'skipped' }, { outcome: 'failed', error: expect.any(String) }] },
      { outcome: 'pass', changed: true, payload: { text: 'oh darn' }, payloadAfter: { text: 'oh ****', n: 1 } },
      { action: 'join', outcome: 'block', reason: 'banned here' },
      { action: 'join', outcome: 'pass' },
    ]);
    const hidden = JSON.stringify((await server.admin('GET', '/apps/shop/trigger-runs')).body);
    expect(hidden).not.toContain('darn');
    const metrics = await (await fetch(`${server.adminUrl}/metrics`)).text();
    expect(metrics).toContain('portcullis_trigger_runs_total{app="shop",action="message",outcome="failed"} 1');
  });

  test('asks an endpoint, which is signed for, and obeys it; a function may publish beside, hop by hop', async () => {
    const hook = await endpoint((body) => {
      const { payload } = body as { payload: { text: string } };
      return {
        body: JSON.stringify({
          allow: payload.text !== 'no',
          reason: 'said no',
          payload: { text: payload.text.toUpperCase() },
        }),
      };
    });
    writeFileSync(
      join(folder, 'report.ts'),
      `import { defineTrigger } from '@portcullis/triggers-kit';
       export default defineTrigger(({ channel, payload }, { publish }) => {
         publish('mods/1', { channel, payload });
         return { allow: true };
       });`,
    );
    writeFileSync(
      join(folder, 'again.js'),
      `export default ({ channel, payload }, { publish }) => { publish(channel, payload); };`,
    );
    server = await startServer(
      config(`
      - channel: chatroom/*
        on: message
        publishes: [mods/*]
        steps:
          - http: { url: "${hook.url}", secret: ${SECRET} }
          - function: report
      - channel: mods/*
        on: [message]
        publishes: [mods/*]
        steps: [ { function: again } ]`),
    );
    const moderator = await inRoom('mods/1');
    const client = await inRoom();
    client.say('message', 'chatroom/1', { text: 'no' });
    expect(await client.next('error')).toMatchObject({ payload: { message: 'said no', code: 'trigger.blocked' } });
    client.say('message', 'chatroom/1', { text: 'yes' });
    expect(await client.next('message')).toMatchObject({ payload: { text: 'YES' } });
    const { headers, text } = hook.asked.at(-1) ?? { headers: {}, text: '' };
    expect(new Webhook(SECRET).verify(text, headers as Record<string, string>)).toMatchObject({
      action: 'message',
      channel: 'chatroom/1',
      params: ['1'],
      principal: { kind: 'anonymous', user: '', dbo: 0, row: 0, extras: {}, grant: null },
      options: { kind: 'message', to: 'everyone' },
      payload: { text: 'yes' },
    });
    // The report, and what the trigger of its channel says again: hops 1, 2 and 3.
    for (let hop = 0; hop < 3; hop += 1) {
      expect(await moderator.next('message')).toMatchObject({
        payload: { channel: 'chatroom/1', payload: { text: 'YES' } },
      });
    }
    await expect
      .poll(() => server.log.filter(({ event }) => event === 'trigger.publish-refused'))
      .toMatchObject([{ code: 'limit.triggerHops' }]);
  });

  test.each([
    ['hangs', () => null, 'timed-out'],
    ['redirects inwards', () => ({ status: 307, headers: { location: 'http://127.0.0.1:1/' } }), 'answered 307'],
    ['answers 10 MB', () => ({ body: `"${'x'.repeat(10_000_000)}"` }), 'more than'],
    ['answers no JSON', () => ({ body: '<html>' }), 'no JSON'],
    ['answers another form', () => ({ body: '{"alow":true}' }), 'unknown field'],
    ['answers without a verdict', () => ({ body: '{"payload":1}' }), '`allow`'],
    ['fails', () => ({ status: 500 }), 'answered 500'],
  ])('whose endpoint %s fails closed, or open where it says so', async (_, answer, error) => {
    const hook = await endpoint(answer);
    const step = (onError: string) => `{ url: "${hook.url}", secret: ${SECRET}, timeout: 300ms, onError: ${onError} }`;
    server = await startServer(
      config(`
      - { channel: chatroom/*, on: message, steps: [ { when: 'payload == "strict"', http: ${step('block')} }, { when: 'payload == "lax"', http: ${step('pass')} } ] }`),
    );
    const client = await inRoom();
    client.say('message', 'chatroom/1', 'strict');
    expect(await client.next('error')).toMatchObject({ payload: { code: 'trigger.failed' } });
    client.say('message', 'chatroom/1', 'lax');
    expect(await client.next('message')).toMatchObject({ payload: 'lax' });
    const { body } = await server.admin('GET', '/apps/shop/trigger-runs?limit=2');
    expect(JSON.stringify(body)).toContain(error);
  });

  test('whose endpoint flaps is not asked for a while, and then again', async () => {
    let status = 500;
    const hook = await endpoint(() => ({ status }));
    server = await startServer(
      config(`
      - { channel: chatroom/*, on: message, steps: [ { http: { url: "${hook.url}", secret: ${SECRET} } } ] }`),
    );
    const client = await inRoom();
    for (let n = 0; n < 8; n += 1) {
      client.say('message', 'chatroom/1', n);
      await client.next('error');
    }
    expect(hook.asked).toHaveLength(5);
    status = 204;
    await vi.waitFor(
      async () => {
        client.say('message', 'chatroom/1', 'well?');
        expect(await client.next('message', 'error')).toMatchObject({ action: 'message' });
      },
      { timeout: 10_000, interval: 500 },
    );
  });

  test('answers as Xano triggers do where it says so', async () => {
    writeFileSync(
      join(folder, 'xano.js'),
      `export default ({ action, channel, payload }) => {
         if (action === 'join') return channel.endsWith('/no') ? false : null;
         if (payload === 'throw') throw new Error('secret inside');
         return payload === 'no' ? false : payload === 'null' ? null : { said: payload };
       };`,
    );
    server = await startServer(
      config(`
      - { channel: chatroom/*, steps: [ { function: xano, returns: xano } ] }`),
    );
    const client = await inRoom();
    client.say('join', 'chatroom/no');
    expect(await client.next('error')).toMatchObject({ payload: { code: 'trigger.blocked' } });
    for (const [payload, expected] of [
      ['hi', { said: 'hi' }],
      ['null', null],
    ] as const) {
      client.say('message', 'chatroom/1', payload);
      expect((await client.next('message')).payload).toEqual(expected);
    }
    for (const payload of ['no', 'throw']) {
      client.say('message', 'chatroom/1', payload);
      expect(await client.next('error')).toMatchObject({
        payload: { code: 'trigger.blocked', message: 'This was blocked.' },
      });
    }
  });

  test('changes with the file, and with the files of its functions', async () => {
    const triggers = (step: string) => config(`\n      - { channel: chatroom/*, on: message, steps: [ ${step} ] }`);
    writeFileSync(join(folder, 'word.ts'), 'export default () => ({ allow: true, payload: "one" });');
    server = await startServer(triggers('{ function: word }'));
    const client = await inRoom();
    const said = async () => {
      client.say('message', 'chatroom/1', 'x');
      return (await client.next('message', 'error')).payload;
    };
    expect(await said()).toBe('one');
    writeFileSync(join(folder, 'word.ts'), 'export default () => ({ allow: true, payload: "two" } as const);');
    await vi.waitFor(async () => expect(await said()).toBe('two'), { timeout: 10_000, interval: 200 });
    server.write(triggers('{ block: closed now }'));
    expect(await server.reload()).toEqual([]);
    expect(await said()).toMatchObject({ message: 'closed now' });
    server.write(triggers('{ function: gone }'));
    expect(await server.reload()).toMatchObject([
      { path: 'apps.shop.triggers.1.steps.1.function', message: expect.stringContaining('there is no gone.ts') },
    ]);
    expect(await said()).toMatchObject({ message: 'closed now' });
  });
});

describe('the configuration of triggers', () => {
  const problemsOf = (trigger: string, more = '') => {
    const loaded = loadText({ text: config(trigger, more), env: {}, flags: {} });
    return loaded.ok
      ? loaded.warnings.map(({ message }) => message)
      : loaded.problems.map(({ path, message }) => `${path}: ${message}`);
  };

  test.each([
    ['{ chanel: x, steps: [] }', 'apps.shop.triggers.1.chanel: unknown key, did you mean "channel"?'],
    [
      '{ channel: x, on: joins, steps: [ { block: no } ] }',
      'apps.shop.triggers.1.on: expected join, message or a list of them',
    ],
    ['{ channel: x, steps: [] }', 'apps.shop.triggers.1.steps: is empty: it says what is done'],
    ['{ channel: x, steps: [ { when: "true" } ] }', 'says nothing that is done; expected one of block,'],
    ['{ channel: x, steps: [ { block: a, function: b } ] }', 'says block and function'],
    ['{ channel: x, steps: [ { when: "payload.", block: a } ] }', 'apps.shop.triggers.1.steps.1.when: '],
    [
      '{ channel: x, steps: [ { when: "acton == 1", block: a } ] }',
      'unknown name "acton", did you mean "action"? (column 1)',
    ],
    ['{ channel: x, steps: [ { set: { a: "principal.usr" } } ] }', 'did you mean "user"? (column 11)'],
    ['{ channel: x, steps: [ { set: { a: 5 } } ] }', 'expected CEL expressions: put quotes around them'],
    ['{ channel: x, steps: [ { audience: all } ] }', 'expected authenticated, { user: expression }'],
    ['{ channel: x, steps: [ { block: a, timeout: 1s } ] }', 'is for `http` and `function` only'],
    ['{ channel: x, steps: [ { function: ../evil } ] }', 'expected the name of a file'],
    [
      '{ channel: x, steps: [ { http: { url: "http://127.0.0.1/", secret: short } } ] }',
      'expected whsec_ and the base64',
    ],
    ['{ channel: x, steps: [ { http: { url: "ftp://x/", secret: a } } ] }', 'expected an http(s) URL'],
    ['{ channel: x, steps: [ { rate: { per: usr, limit: 1, in: 1s } } ] }', 'did you mean "user"?'],
    ['{ channel: "a,b", steps: [ { block: a } ] }', 'a target has no comma'],
    ['{ channel: chatroom, steps: [ { block: a } ] }', 'is no rule’s target, did you mean "chatroom/*"?'],
  ])('%s', (trigger, problem) => {
    expect(problemsOf(`      - ${trigger}`).join('\n')).toContain(problem);
  });

  test('an endpoint in a private range is refused unless it is allowed', () => {
    const text = config(`      - { channel: x, steps: [ { http: { url: "http://127.0.0.1/", secret: ${SECRET} } } ] }`);
    const loaded = loadText({ text: text.replace('private: allow', 'private: deny'), env: {}, flags: {} });
    expect(loaded.ok || loaded.problems).toMatchObject([{ path: 'apps.shop.triggers.1.steps.1.http.url' }]);
  });
});

describe('the management API', () => {
  const steps = [{ when: 'payload == "no"', block: 'because' }];

  test('makes, shows, replaces and deletes triggers; those of the file are read-only', async () => {
    server = await startServer(
      config('      - { channel: chatroom/*, on: message, steps: [ { when: "payload == 1", block: one } ] }'),
    );
    const client = await inRoom();
    const made = await server.admin('POST', '/apps/shop/triggers', { channel: 'chatroom/*', steps });
    expect(made).toMatchObject({
      status: 201,
      body: { id: expect.any(Number), origin: 'store', epoch: expect.any(Number), steps },
    });
    client.say('message', 'chatroom/1', 'no');
    expect(await client.next('error')).toMatchObject({ payload: { message: 'because' } });
    const { body } = await server.admin('GET', '/apps/shop/triggers');
    expect(body.triggers).toMatchObject([
      { id: 1, origin: 'file' },
      { id: made.body.id, steps },
    ]);
    const path = `/apps/shop/triggers/${String(made.body.id)}`;
    const replaced = await server.admin('PUT', path, { channel: 'chatroom/*', steps: [{ block: 'all' }] });
    expect(replaced.status).toBe(200);
    client.say('message', 'chatroom/1', 'yes');
    expect(await client.next('error')).toMatchObject({ payload: { message: 'all' } });
    expect((await server.admin('DELETE', path)).status).toBe(200);
    client.say('message', 'chatroom/1', 'no');
    expect(await client.next('message')).toMatchObject({ payload: 'no' });
    for (const [method, payload] of [
      ['PUT', { channel: 'x', steps }],
      ['DELETE', undefined],
    ] as const) {
      expect(await server.admin(method, '/apps/shop/triggers/1', payload)).toMatchObject({
        status: 409,
        body: { code: 'trigger.read-only' },
      });
    }
    expect((await server.admin('GET', path)).status).toBe(404);
  });

  test('refuses what is no trigger, by name and place', async () => {
    server = await startServer(config('      []'));
    for (const [trigger, error] of [
      [
        { channel: 'x', steps: [{ wen: 'true' }] },
        { path: 'steps.1.wen', message: 'unknown key, did you mean "when"?' },
      ],
      [
        { channel: 'x', steps: [{ when: 'x', block: 'a' }] },
        { path: 'steps.1.when', message: 'unknown name "x" (column 1)' },
      ],
      [
        { channel: 'x', steps: [{ function: 'nowhere' }] },
        { path: 'steps', message: expect.stringContaining('there is no nowhere.ts') },
      ],
    ] as const) {
      const refused = await server.admin('POST', '/apps/shop/triggers', trigger);
      expect(refused).toMatchObject({ status: 400, body: { code: 'trigger.invalid', errors: [error] } });
    }
  });

  test('does not show secrets', async () => {
    server = await startServer(
      config(`      - { channel: x, steps: [ { http: { url: "http://127.0.0.1:1/", secret: ${SECRET} } } ] }`),
    );
    const http = { url: 'http://127.0.0.1:1/', secret: SECRET };
    const made = await server.admin('POST', '/apps/shop/triggers', { channel: 'x', steps: [{ http }] });
    const listed = await server.admin('GET', '/apps/shop/triggers');
    expect(made.body).toMatchObject({ steps: [{ http: { url: http.url } }] });
    expect(JSON.stringify([made, listed])).not.toContain('whsec_');
  });

  test('tries a trigger with a sample, with what triggers saw, and with what a channel keeps', async () => {
    server = await startServer(
      config('      - { channel: chatroom/*, on: message, steps: [ { rate: { per: user, limit: 100, in: 1s } } ] }'),
    );
    const client = await inRoom();
    for (const text of ['one', 'no', 'two']) {
      client.say('message', 'chatroom/1', text);
      await client.next('message');
    }
    const trigger = { channel: 'chatroom/*', steps };
    const sample = { action: 'message', channel: 'chatroom/1', user: 'ada', payload: 'no' };
    const tried = await server.admin('POST', '/apps/shop/triggers/try', { trigger, sample });
    expect(tried.body).toMatchObject({
      runs: [{ outcome: 'block', reason: 'because', principal: 'user:ada' }],
      unasked: 0,
    });
    for (const recent of [{}, { channel: 'chatroom/1' }]) {
      const { body } = await server.admin('POST', '/apps/shop/triggers/try', { trigger, recent });
      expect((body.runs as { outcome: string }[]).map(({ outcome }) => outcome)).toEqual(['pass', 'block', 'pass']);
      expect(JSON.stringify(body)).not.toContain('two');
    }
    const inForce = await server.admin('POST', '/apps/shop/triggers/try', { sample });
    expect(inForce.body).toMatchObject({ runs: [{ outcome: 'pass', steps: [{ does: 'rate' }] }] });
    const none = await server.admin('POST', '/apps/shop/triggers/try', { sample: { ...sample, channel: 'nowhere' } });
    expect(none.body).toEqual({ runs: [], unasked: 1 });
    expect((await server.admin('GET', '/apps/shop/trigger-runs')).body.runs).toHaveLength(3);
  });
});
