import type { Backoff } from './backoff.ts';
import type { WebSocketClass } from './link.ts';
import type { Ports } from './ports.ts';

/** Why a token is asked for: to connect, before it ends, because it ended, or because the server refused the last one. */
export type TokenReason = 'connect' | 'refresh' | 'expired' | 'refused';

export interface ConnectOptions {
  /** Address of the server, as `https://realtime.example.org`. */
  readonly url: string;
  /** The app's subscribe key. */
  readonly key: string;
  /** A token that proves who this is. Without it, and without `getToken`, the client is anonymous. */
  readonly token?: string;
  /** Gets a token from your backend: before connecting, before the one in use ends, and when it was refused. `null`: anonymous. */
  readonly getToken?: (reason: TokenReason) => Promise<string | null> | string | null;
  /** A user id that is only stated: a label. */
  readonly user?: string;
  /** How many publications to keep while there is no connection; 0, the default, refuses them. */
  readonly queue?: number;
  /** ms after which what the server did not answer fails. Keep it below the server's replay window (20 min). Default 5 min. */
  readonly retryFor?: number;
  readonly backoff?: Partial<Backoff>;
  /** For Node before 22: `WebSocket` of the package `ws`. */
  readonly WebSocket?: WebSocketClass;
  /** For tests. */
  readonly ports?: Partial<Ports>;
}

/** The door's address. */
export function doorOf({ url, key }: ConnectOptions): string {
  const base = url.replace(/^http/, 'ws').replace(/\/+$/, '');
  return `${base}/v1/connect?key=${encodeURIComponent(key)}`;
}
