import * as v from 'valibot';
import { choice, count, duration, size, text, url } from '../leaf.ts';
import { key, optionalKey, requiredKey, sectionKey } from '../section.ts';
import { ADDRESS_BLOCK, ORIGIN } from './forms.ts';

export const LOCAL_ORIGINS = ['http', 'https'].flatMap((scheme) =>
  ['localhost', '127.0.0.1', '[::1]'].map((host) => `${scheme}://${host}:*`),
);

const tls = v.object({
  cert: requiredKey(text('path'), 'PEM file of the certificate and its chain.'),
  key: requiredKey(text('path'), 'PEM file of its private key.'),
});

const outbound = v.object({
  private: key(
    choice(['deny', 'allow']),
    'deny',
    'Whether requests of the server may go to private and loopback addresses, and by `http:` to loopback.',
  ),
  timeout: key(duration({ min: 100, max: 60_000 }), '2s', 'How long such a request may take.'),
  maxBytes: key(size({ min: 1_024, max: 16_777_216 }), '256KiB', 'The most bytes of its answer.'),
  refetchAfter: key(
    duration({ min: 1_000, max: 3_600_000 }),
    '30s',
    'The least time between two fetches of a key set for key ids it does not hold.',
  ),
});

const PORT = { min: 0, max: 65_535 };

export const serverSchema = v.object({
  host: key(text('address', { max: 255 }), '127.0.0.1', 'Address to listen on. `0.0.0.0` is every interface.'),
  port: key(count('port', PORT), 7070, 'Port to listen on; 0 takes a free one.'),
  origins: optionalKey(
    v.pipe(v.array(text('origin', ORIGIN)), v.metadata({ shape: 'list of origins' })),
    'Web pages that may connect: `scheme://host[:port]`, where the port or the first label may be `*`; `*` alone is every page. A client without an `Origin` is not a page and is not asked.',
    'localhost, 127.0.0.1 and [::1] on any port, and `publicUrl`',
  ),
  adminToken: optionalKey(
    text('secret', { max: 512 }),
    'Bearer token of the management API.',
    'the API answers nobody',
  ),
  adminPort: optionalKey(
    count('port', PORT),
    'A port of their own for the management API, the console and the metrics.',
    'the same port',
  ),
  publicUrl: optionalKey(url(), 'The address under which clients reach the server.'),
  trustedProxies: key(
    v.array(text('address or CIDR block', ADDRESS_BLOCK)),
    [],
    'Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.',
  ),
  tls: optionalKey(tls, 'Serve TLS.', 'plain HTTP'),
  playground: key(
    choice(['auto', 'on', 'off']),
    'auto',
    'The playground at `/`, for an app `demo`: whoever opens it may change its rules and be its users. `auto` shows it on this machine alone, and only while every secret of that app is one of our examples’; `on` wherever the server is reached.',
  ),
  outbound: sectionKey(outbound, 'Requests that the server makes itself.'),
  log: key(choice(['debug', 'info', 'warn', 'error', 'silent']), 'info', 'The least level that is logged.'),
  pingInterval: key(
    duration({ min: 1_000, max: 300_000 }),
    '25s',
    'How often an idle connection is pinged; one that missed a whole interval is dropped.',
  ),
  drainTimeout: key(
    duration({ min: 0, max: 600_000 }),
    '10s',
    'How long queued messages may take to leave when the server is told to stop.',
  ),
  maxHeader: key(size({ min: 8_192, max: 1_048_576 }), '64KiB', 'The most bytes of a request line and its headers.'),
  maxBody: key(size({ min: 1_024, max: 67_108_864 }), '1MiB', 'The most bytes of a request body.'),
  headerTimeout: key(
    duration({ min: 100, max: 300_000 }),
    '10s',
    'How long a request line and its headers may take to arrive.',
  ),
  requestTimeout: key(duration({ min: 100, max: 600_000 }), '60s', 'How long a whole request may take to arrive.'),
  failedLogins: key(
    count('calls', { min: 1, max: 100_000 }),
    20,
    'How many calls with a wrong token one address may make to the management API before it has to wait; one is forgiven every 3 s.',
  ),
});
