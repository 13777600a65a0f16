import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startOnCore } from '../run.mjs';
import { installed, said } from './installed.mjs';

// No TLS and no compression, as for the others. `max_pending` is left at its 64 MB: nobody is cut for being slow.
const config = (port, other) => `
listen: "127.0.0.1:${other}"
max_connections: 20000
websocket { host: "127.0.0.1", port: ${port}, no_tls: true, compression: false }
`;

/** NATS in its own protocol over its WebSocket; no accounts, no permissions, nothing kept. */
export const nats = {
  name: 'nats-server',
  unavailable: () => installed('nats-server', ['--version']),
  version: () => said('nats-server', ['--version']),
  async start() {
    const port = await freePort();
    const file = join(mkdtempSync(join(tmpdir(), 'portcullis-nats-')), 'nats.conf');
    writeFileSync(file, config(port, await freePort()));
    return startOnCore('nats-server', ['-c', file], { port });
  },
  path: '/',
  line: ({ channel, publish }) =>
    ['', `CONNECT {"verbose":false,"pedantic":false}\\r\\nSUB ${subject(channel)} 1\\r\\n`, publish].join('\t'),
  publish: (channel, payload) => `PUB ${subject(channel)} ${payload.length}\\r\\n${payload}\\r\\n`,
};

/** Slashes are no separators there. */
const subject = (channel) => channel.replaceAll('/', '.');
