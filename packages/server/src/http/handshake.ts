import type { IncomingMessage } from 'node:http';

const KEY = /^[+/0-9A-Za-z]{22}==$/;
const PROTOCOLS = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:[ \t]*,[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+)*$/;

/**
 * What is wrong with a WebSocket handshake (RFC 6455 §4.2.1), if anything is. Looked at before the door does, so that
 * the refusal is problem details like every other.
 */
export function handshakeProblem({ method, headers }: IncomingMessage): string | undefined {
  if (method !== 'GET') return 'A WebSocket handshake is a GET request.';
  if (!KEY.test(headers['sec-websocket-key'] ?? '')) return 'Sec-WebSocket-Key is missing or malformed.';
  if (headers['sec-websocket-version'] !== '13') return 'Sec-WebSocket-Version has to be 13.';
  const protocols = headers['sec-websocket-protocol'];
  if (protocols === undefined) return undefined;
  if (!PROTOCOLS.test(protocols)) return 'Sec-WebSocket-Protocol is malformed.';
  const names = protocols.split(',').map((name) => name.trim());
  return new Set(names).size < names.length ? 'Sec-WebSocket-Protocol names one protocol twice.' : undefined;
}
