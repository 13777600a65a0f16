/** Close codes of the WebSocket, beside those of RFC 6455. From 4500 on a client must not come back by itself. */
export const CLOSE = {
  /** The server restarts or is over its limit of connections: come back after a random while. */
  restarting: 1012,
  tryAgain: 1013,
  /** The token is expired or revoked, and none came in time: come back with another. */
  tokenExpired: 4401,
  /** No `connect`, or no channel, within `limits.joinTimeout`. */
  idle: 4408,
  /** It reads too slowly: come back and recover. */
  tooSlow: 4409,
  /** A message that is none of the protocol. */
  malformed: 4500,
  /** Not admitted: unknown key, disabled app, banned, token refused. */
  refused: 4501,
  /** Ended by an operator. */
  kicked: 4502,
} as const;

export function mayReconnect(closeCode: number): boolean {
  return closeCode < 4500;
}
