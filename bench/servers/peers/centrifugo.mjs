import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startOnCore } from '../run.mjs';
import { installed, said } from './installed.mjs';

const BINARY = process.env.CENTRIFUGO;

// Version 6 reads these keys. Anyone may subscribe and publish, as with the others; nothing is kept, no recovery.
const config = (port) => ({
  http_server: { address: '127.0.0.1', port },
  client: { insecure: true, allowed_origins: ['*'], queue_max_size: 67_108_864 },
  channel: { without_namespace: { allow_subscribe_for_client: true, allow_publish_for_client: true } },
});

/** Centrifugo in its JSON protocol, if `CENTRIFUGO` names a binary. */
export const centrifugo = {
  name: 'Centrifugo',
  unavailable: () => (BINARY === undefined ? 'CENTRIFUGO does not name a binary' : installed(BINARY, ['version'])),
  version: () => said(BINARY, ['version']),
  async start() {
    const port = await freePort();
    const file = join(mkdtempSync(join(tmpdir(), 'portcullis-centrifugo-')), 'config.json');
    writeFileSync(file, JSON.stringify(config(port)));
    return startOnCore(BINARY, ['--config', file], { port });
  },
  path: '/connection/websocket',
  line: ({ channel, publish }) =>
    ['', '{"id":1,"connect":{}}', `{"id":2,"subscribe":{"channel":"${channel}"}}`, publish].join('\t'),
  publish: (channel, payload) => `{"id":3,"publish":{"channel":"${channel}","data":${payload}}}`,
};
