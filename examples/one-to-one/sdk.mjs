// The unmodified SDK in Node. It asks for a `WebSocket` global, always dials wss on port 443, and keeps one socket for all
// clients of a process. So its sockets are led to the server's own address, and every user gets a copy of the module.
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { WebSocket } from 'ws';

const require = createRequire(import.meta.url);
const folder = dirname(require.resolve('@xano/js-sdk/package.json')) + sep;

/** From now on the SDK's sockets go to `url`, whatever the scheme and port it asks for. */
export function leadSocketsTo(url) {
  const base = url.replace(/^http/, 'ws');
  globalThis.WebSocket = class extends WebSocket {
    constructor(address, protocols) {
      super(base + new URL(address).pathname, protocols);
      // The SDK listens for `close` alone, and reconnects from there; unheard, an error would end the process.
      this.on('error', () => {});
    }
  };
}

/** A client with a socket of its own. Without a token it is anonymous. */
export function createClient({ url, hash, token }) {
  for (const path of Object.keys(require.cache)) {
    if (path.startsWith(folder)) delete require.cache[path];
  }
  const { XanoNodeClient } = require('@xano/js-sdk');
  return new XanoNodeClient({
    instanceBaseUrl: url,
    realtimeConnectionHash: hash,
    ...(token === undefined ? {} : { realtimeAuthToken: token }),
  });
}
