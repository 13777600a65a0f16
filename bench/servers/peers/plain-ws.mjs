import { join } from 'node:path';
import { freePort, startOnCore } from '../run.mjs';
import { versionOf } from './installed.mjs';

/** The loop everyone writes first: one `send` for each message and client. */
export const plainWs = {
  name: 'plain ws',
  unavailable: () => undefined,
  version: () => versionOf('ws'),
  async start() {
    const port = await freePort();
    const server = join(import.meta.dirname, 'plain-ws-server.mjs');
    return startOnCore(process.execPath, [server, String(port)], { port });
  },
  path: '/',
  line: ({ publish }) => ['', publish].join('\t'),
  publish: (_channel, payload) => payload,
};
