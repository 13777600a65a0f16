/**
 * The SDK always dials wss on port 443. This leads its sockets to the server the page came from, by way of the
 * `WebSocket` global, and reports how each one ended: the SDK keeps the close code to itself.
 *
 * @param {(end: { code: number, reason: string }) => void} onClose
 */
export function reroute(onClose) {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  globalThis.WebSocket = class extends globalThis.WebSocket {
    /**
     * @param {string | URL} address
     * @param {string | string[]} [protocols]
     */
    constructor(address, protocols) {
      super(`${scheme}://${location.host}${new URL(address).pathname}`, protocols);
      this.addEventListener('close', ({ code, reason }) => onClose({ code, reason }));
    }
  };
}
