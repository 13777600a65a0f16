import type { Code } from '@portcullis/policy';
import { CLOSE } from '@portcullis/protocol';

/** RFC 6455: a fault of ours. Another connection may do better. */
const FAULT = 1011;

/** How a connection ends. From 4500 on a client does not come back by itself. */
const CLOSES = new Map<Code, number>([
  ['session.restarting', CLOSE.restarting],
  ['server.not-ready', CLOSE.tryAgain],
  ['identity.keys-unavailable', CLOSE.tryAgain],
  ['store.unavailable', CLOSE.tryAgain],
  ['store.full', CLOSE.tryAgain],
  ['limit.connections', CLOSE.tryAgain],
  ['limit.ratePerAddress', CLOSE.tryAgain],
  ['identity.expired', CLOSE.tokenExpired],
  ['identity.revoked', CLOSE.tokenExpired],
  ['limit.joinTimeout', CLOSE.idle],
  ['limit.sendBuffer', CLOSE.tooSlow],
  ['limit.beforeJoin', CLOSE.malformed],
  ['limit.frame', CLOSE.malformed],
  ['request.malformed', CLOSE.malformed],
  ['request.binary', CLOSE.malformed],
  ['request.unknown-action', CLOSE.malformed],
  ['limit.messageDepth', CLOSE.malformed],
  ['limit.commandsPerFrame', CLOSE.malformed],
  ['session.kicked', CLOSE.kicked],
  ['server.fault', FAULT],
]);

/** Whatever else ends a connection would end the next one too: a ban, another user's token, a disabled app. */
export function closeCodeFor(code: Code): number {
  return CLOSES.get(code) ?? CLOSE.refused;
}
