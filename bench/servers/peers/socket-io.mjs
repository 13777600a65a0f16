import { join } from 'node:path';
import { freePort, startOnCore } from '../run.mjs';
import { versionOf } from './installed.mjs';

/** Socket.IO over its WebSocket transport alone, one room: what its guide shows for broadcasting to a room. */
export const socketIo = {
  name: 'Socket.IO',
  unavailable: () => undefined,
  version: () => versionOf('socket.io'),
  async start() {
    const port = await freePort();
    const server = join(import.meta.dirname, 'socket-io-server.mjs');
    return startOnCore(process.execPath, [server, String(port)], { port });
  },
  path: '/socket.io/?EIO=4&transport=websocket',
  /** `40` enters the default namespace and is answered in kind, `42` is an event (Engine.IO 4 message, Socket.IO 5 event). */
  line: ({ channel, publish }) => ['', '40', '?40{', `42["join","${channel}"]`, publish].join('\t'),
  publish: (channel, payload) => `42["message","${channel}",${payload}]`,
};
