import { join } from 'node:path';
import { startOnCore } from '../run.mjs';
import { versionOf } from './installed.mjs';

const PORT = 7800;

/** The loop everyone writes first: one `send` for each message and client. */
export const plainWs = {
  name: 'plain ws',
  unavailable: () => undefined,
  version: () => versionOf('ws'),
  start: () =>
    startOnCore(process.execPath, [join(import.meta.dirname, 'plain-ws-server.mjs'), String(PORT)], { port: PORT }),
  path: '/',
  line: ({ publish }) => ['', publish].join('\t'),
  publish: (_channel, payload) => payload,
};
