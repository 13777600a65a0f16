import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { ResolveName } from './guard.ts';
import { createPost, type PostRequest } from './post.ts';

const servers: Server[] = [];
const posts: { close(): void }[] = [];
afterEach(() => {
  for (const post of posts.splice(0)) post.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`);
}

function open(access: 'allow' | 'deny' = 'allow', resolve?: ResolveName) {
  const post = createPost(() => ({ private: access }), resolve);
  posts.push(post);
  return (url: URL | string, more: Partial<PostRequest> = {}) =>
    post({ url: new URL(url), headers: {}, body: '{}', timeout: 2_000, maxBytes: 1_000, redirects: 3, ...more });
}

const resolving =
  (...addresses: string[]): ResolveName =>
  (_host, _options, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

async function textOf(request: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('what is posted arrives, and the answer comes back', async () => {
  const url = await serve(async (request, response) => {
    response.writeHead(202).end(`${request.method} ${await textOf(request)} ${request.headers['x-one']}`);
  });
  const posted = await open()(url, { body: '{"ü":1}', headers: { 'x-one': 'two' } });
  expect(posted).toMatchObject({ ok: true, status: 202, whole: true });
  expect(posted.ok && Buffer.from(posted.body).toString()).toBe('POST {"ü":1} two');
});

test('of an answer of 10 MB no more than the bound is read', async () => {
  let closed = false;
  const url = await serve((_, response) => {
    response.on('close', () => {
      closed = true;
    });
    response.writeHead(200).write('x'.repeat(10 * 1024 * 1024));
  });
  expect(await open()(url)).toMatchObject({ ok: true, status: 200, whole: false });
  await expect.poll(() => closed).toBe(true);
});

test('a receiver that says nothing is given up when the time is over', async () => {
  const url = await serve(() => {});
  expect(await open()(url, { timeout: 100 })).toMatchObject({ ok: false, reason: 'timed-out' });
});

test('nobody there is unreachable', async () => {
  const url = await serve(() => {});
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  expect(await open()(url)).toMatchObject({ ok: false, reason: 'unreachable', detail: 'ECONNREFUSED' });
});

test('a redirect is followed with the body, own headers left behind on another origin', async () => {
  const seen: unknown[] = [];
  const target = await serve(async (request, response) => {
    seen.push([request.method, await textOf(request), request.headers.authorization]);
    response.end();
  });
  const url = await serve((_, response) => response.writeHead(308, { location: target.href }).end());
  expect(await open()(url, { ownHeaders: { authorization: 'secret' } })).toMatchObject({ ok: true, status: 200 });
  expect(seen).toEqual([['POST', '{}', undefined]]);
});

test('redirects in a circle end', async () => {
  const url = await serve((_, response) => response.writeHead(301, { location: '/hook' }).end());
  expect(await open()(url)).toMatchObject({ ok: false, reason: 'too-many-redirects' });
  const nowhere = await serve((_, response) => response.writeHead(301).end());
  expect(await open()(nowhere)).toMatchObject({ ok: false, reason: 'bad-redirect' });
});

test('private addresses are refused: written out, by name, by redirect', async () => {
  let asked = 0;
  const inside = await serve((_, response) => {
    asked += 1;
    response.end();
  });
  const post = open('deny', resolving('10.0.0.7'));
  for (const target of [
    inside.href,
    'https://[::1]/',
    'https://169.254.169.254/',
    'https://hook.example/',
    'http://hook.example/',
  ]) {
    expect([target, await post(target)]).toEqual([
      target,
      expect.objectContaining({ ok: false, reason: 'address-refused' }),
    ]);
  }
  expect(asked).toBe(0);
});

test('a redirect to an internal address is refused although the first one may be reached', async () => {
  const first = await serve((_, response) => response.writeHead(307, { location: 'http://internal.example/' }).end());
  // Private addresses are allowed here, but a name with a public address and no TLS is not.
  const post = open('allow', resolving('93.184.216.34'));
  expect(await post(first)).toMatchObject({ ok: false, reason: 'address-refused' });
});

test('a name that has one private address among its public ones is refused', async () => {
  const post = open('deny', resolving('93.184.216.34', '127.0.0.1'));
  expect(await post('https://hook.example/')).toMatchObject({ ok: false, reason: 'address-refused' });
});
