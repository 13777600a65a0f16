import { PortcullisError, problemOf } from './portcullis-error.ts';
import type {
  Acknowledged,
  Granted,
  GrantRequest,
  Kicked,
  KickOptions,
  Published,
  PublishOptions,
  RevokeRequest,
} from './requests.ts';

export interface ServerOptions {
  /** Where the management API is reached: scheme, host and port. */
  readonly url: string;
  readonly app: string;
  /** An API key of the app with the scopes of what is asked, or the admin token. */
  readonly key: string;
  /** ms for one call; 10 000. */
  readonly timeout?: number;
  readonly fetch?: typeof fetch;
}

const TIMEOUT = 10_000;

/** One app of a server, as a backend asks things of it. What the server refuses rejects with a `PortcullisError`. */
export class PortcullisServer {
  readonly #options: ServerOptions;
  readonly #base: string;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#base = `${options.url.replace(/\/+$/, '')}/admin/v1/apps/${encodeURIComponent(options.app)}`;
  }

  /** Mints a permission token. `mintGrant` does the same without asking the server, where the app's secret is at hand. */
  grant(request: GrantRequest): Promise<Granted> {
    return this.#ask('POST', '/grants', request);
  }

  /** Takes tokens back before they expire. Resolves when that is in force, on live sessions too. */
  revoke(request: RevokeRequest): Promise<Acknowledged & { readonly ids: readonly number[] }> {
    return this.#ask('POST', '/revocations', request);
  }

  /** Sends a server event: to everyone joined, to a table, a row, or a user. `data` is any JSON. */
  publish(channel: string, data: unknown, options: PublishOptions = {}): Promise<Published> {
    return this.#ask('POST', '/events', { channel, data, ...options });
  }

  /** Cuts one connection, and holds its user off. */
  kick(session: string, options: KickOptions = {}): Promise<Kicked> {
    return this.#ask('DELETE', `/sessions/${encodeURIComponent(session)}`, undefined, options);
  }

  /** Takes one user off one channel, and holds them off it. */
  unsubscribe(user: string, channel: string, options: KickOptions = {}): Promise<Kicked> {
    return this.#ask('POST', '/unsubscribe', { user, channel, ...options });
  }

  async #ask<T>(method: string, path: string, body?: object, query: KickOptions = {}): Promise<T> {
    const { key, timeout = TIMEOUT, fetch: ask = fetch } = this.#options;
    const search = new URLSearchParams(
      Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
    );
    const response = await ask(`${this.#base}${path}${search.size > 0 ? `?${search}` : ''}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      signal: AbortSignal.timeout(timeout),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new PortcullisError(await problemOf(response));
    return (await response.json()) as T;
  }
}
