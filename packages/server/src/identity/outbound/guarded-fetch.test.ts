import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { isLoopbackAddress, isPublicAddress } from '@portcullis/automation/outbound';
import { afterEach, expect, test } from 'vitest';
import type { Fetched } from './fetch-document.ts';
import { createGuardedFetch, type ResolveName } from './guarded-fetch.ts';
import { UNTRUSTED } from './untrusted-tls.fixture.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
}

const allowed = createGuardedFetch({ private: 'allow' });
const bounds = () => ({ maxBytes: 1_000, signal: new AbortController().signal });
const word = (fetched: Fetched) => (fetched.ok ? Buffer.from(fetched.body).toString() : fetched.reason);

/** Resolves every name to these addresses, and remembers which names it was asked for. */
function resolving(...addresses: readonly string[]): ResolveName & { readonly asked: string[] } {
  const asked: string[] = [];
  const resolve: ResolveName = (host, _options, done) => {
    asked.push(host);
    setImmediate(() =>
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      ),
    );
  };
  return Object.assign(resolve, { asked });
}

test('a document comes whole', async () => {
  const url = await serve((_, response) => {
    response.write('{"keys":');
    response.end('[]}');
  });
  expect(word(await allowed(new URL(url), bounds()))).toBe('{"keys":[]}');
});

test('an issuer whose certificate is not trusted is not asked', async () => {
  let asked = 0;
  const server = createTlsServer(UNTRUSTED, (_, response) => {
    asked++;
    response.end('{}');
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(`https://localhost:${(server.address() as AddressInfo).port}/keys`);
  expect(word(await createGuardedFetch({ private: 'allow' }, resolving('127.0.0.1'))(url, bounds()))).toBe(
    'unreachable',
  );
  expect(asked).toBe(0);
});

test('a redirect is not followed', async () => {
  let followed = 0;
  const target = await serve((_, response) => {
    followed++;
    response.end('{}');
  });
  for (const status of [301, 302, 303, 307, 308]) {
    const url = await serve((_, response) => response.writeHead(status, { location: target }).end());
    expect(word(await allowed(new URL(url), bounds()))).toBe('redirected');
  }
  expect(followed).toBe(0);
});

test.each([[204], [400], [404], [500]])('status %i is no document', async (status) => {
  const url = await serve((_, response) => response.writeHead(status).end());
  expect(word(await allowed(new URL(url), bounds()))).toBe('bad-status');
});

test('a document that was compressed unasked is none', async () => {
  const url = await serve((request, response) => {
    expect(request.headers['accept-encoding']).toBe('identity');
    response.writeHead(200, { 'content-encoding': 'gzip' }).end('x');
  });
  expect(word(await allowed(new URL(url), bounds()))).toBe('bad-status');
});

test('a document that is too large is not read to its end', async () => {
  const pieces = { sent: 0 };
  const url = await serve((_, response) => {
    const more = () => {
      pieces.sent++;
      if (!response.destroyed) response.write('x'.repeat(100), () => setImmediate(more));
    };
    more();
  });
  expect(word(await allowed(new URL(url), bounds()))).toBe('too-large');
  const exact = await serve((_, response) => response.end('x'.repeat(1_000)));
  expect(word(await allowed(new URL(exact), bounds()))).toHaveLength(1_000);
});

test('an answer that does not come, or does not end, is given up when it is due', async () => {
  const silent = await serve(() => {});
  const endless = await serve((_, response) => response.write('x'));
  for (const url of [silent, endless]) {
    const aborter = new AbortController();
    const pending = allowed(new URL(url), { maxBytes: 1_000, signal: aborter.signal });
    setTimeout(() => aborter.abort(), 50);
    expect(word(await pending)).toBe('timed-out');
  }
});

test('nobody there is unreachable', async () => {
  const url = await serve(() => {});
  servers.splice(0).forEach((server) => void server.close());
  expect(word(await allowed(new URL(url), bounds()))).toBe('unreachable');
});

test('addresses that are not public are refused, however they are written', async () => {
  const guarded = createGuardedFetch({ private: 'deny' });
  const hosts = [
    '127.0.0.1',
    '0x7f.1',
    '2130706433',
    '10.1.2.3',
    '169.254.169.254',
    '[::1]',
    '[fd00::1]',
    '[::ffff:127.0.0.1]',
    '[fe80::1]',
    '0.0.0.0',
    '[::]',
  ];
  for (const host of hosts) {
    expect([host, word(await guarded(new URL(`https://${host}/keys`), bounds()))]).toEqual([host, 'address-refused']);
  }
});

test('a name is refused if one of its addresses is not public', async () => {
  for (const addresses of [['127.0.0.1'], ['93.184.216.34', '10.0.0.1'], ['::1'], ['64:ff9b::7f00:1']]) {
    const resolve = resolving(...addresses);
    const guarded = createGuardedFetch({ private: 'deny' }, resolve);
    expect(word(await guarded(new URL('https://id.example/keys'), bounds()))).toBe('address-refused');
    expect(resolve.asked).toEqual(['id.example']);
  }
});

test('http goes to this machine alone, also when the name says otherwise', async () => {
  const guarded = createGuardedFetch({ private: 'allow' }, resolving('10.0.0.1'));
  expect(word(await guarded(new URL('http://localhost/keys'), bounds()))).toBe('address-refused');
  expect(word(await guarded(new URL('http://id.example/keys'), bounds()))).toBe('address-refused');
  expect(word(await createGuardedFetch({ private: 'deny' })(new URL('http://127.0.0.1/keys'), bounds()))).toBe(
    'address-refused',
  );
});

test('the connection goes to the address that was checked, and the name is asked for once', async () => {
  const url = new URL(await serve((request, response) => response.end(request.headers.host)));
  const resolve = resolving('127.0.0.1');
  url.hostname = 'localhost';
  expect(word(await createGuardedFetch({ private: 'allow' }, resolve)(url, bounds()))).toBe(`localhost:${url.port}`);
  expect(resolve.asked).toEqual(['localhost']);
});

test('a name that resolves to nothing is unreachable', async () => {
  const guarded = createGuardedFetch({ private: 'deny' }, resolving());
  expect(word(await guarded(new URL('https://id.example/keys'), bounds()))).toBe('unreachable');
});

test('public and private addresses are told apart', () => {
  const open = [
    '8.8.8.8',
    '1.1.1.1',
    '172.15.0.1',
    '172.32.0.1',
    '192.167.1.1',
    '100.63.0.1',
    '2606:4700::1',
    '::ffff:8.8.8.8',
    '223.255.255.255',
  ];
  const closed = [
    '0.1.2.3',
    '10.0.0.1',
    '100.64.0.1',
    '127.1.1.1',
    '169.254.1.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.7',
    '203.0.113.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fc00::1',
    'fe80::1',
    'fe80::1%eth0',
    'ff02::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '2001::1',
    '64:ff9b::1',
    '::ffff:10.0.0.1',
    '::ffff:7f00:1',
    '2606:4700::1%eth0',
    'localhost',
    '',
  ];
  expect(open.filter((address) => !isPublicAddress(address))).toEqual([]);
  expect(closed.filter(isPublicAddress)).toEqual([]);
  expect(['127.0.0.1', '127.255.0.1', '::1', '::ffff:127.0.0.1'].every(isLoopbackAddress)).toBe(true);
  expect(['128.0.0.1', '10.0.0.1', '::2', '::1%lo', 'localhost', ''].some(isLoopbackAddress)).toBe(false);
});
