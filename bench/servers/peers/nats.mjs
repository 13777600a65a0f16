import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOnCore } from '../run.mjs';
import { installed, said } from './installed.mjs';

const PORT = 7802;

// No TLS and no compression, as for the others. `max_pending` is left at its 64 MB: nobody is cut for being slow.
const CONFIG = `
listen: "127.0.0.1:7812"
max_connections: 20000
websocket { host: "127.0.0.1", port: ${PORT}, no_tls: true, compression: false }
`;

/** NATS in its own protocol over its WebSocket; no accounts, no permissions, nothing kept. */
export const nats = {
  name: 'nats-server',
  unavailable: () => installed('nats-server', ['--version']),
  version: () => said('nats-server', ['--version']),
  start: () => {
    const file = join(mkdtempSync(join(tmpdir(), 'portcullis-nats-')), 'nats.conf');
    writeFileSync(file, CONFIG);
    return startOnCore('nats-server', ['-c', file], { port: PORT });
  },
  path: '/',
  line: ({ channel, publish }) =>
    ['', `CONNECT {"verbose":false,"pedantic":false}\\r\\nSUB ${subject(channel)} 1\\r\\n`, publish].join('\t'),
  publish: (channel, payload) => `PUB ${subject(channel)} ${payload.length}\\r\\n${payload}\\r\\n`,
};

/** Slashes are no separators there. */
const subject = (channel) => channel.replaceAll('/', '.');
