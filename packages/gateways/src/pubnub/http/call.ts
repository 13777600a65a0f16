import type { Readable } from 'node:stream';
import type { Clock, Limits, Log, MaybePromise, StatelessApi, Store } from '@portcullis/engine';
import type { Principal } from '@portcullis/policy';
import type { FileVault } from '../files/vault.ts';
import type { Waiter } from './open-calls.ts';
import type { PubNubSettings } from './settings.ts';

/** One app as this door knows it. */
export interface PubNubApp {
  readonly app: string;
  readonly publishKey: string;
  readonly subscribeKey: string;
  /** Signing secrets, current first; only the first may sign requests. Empty: the app has no secret key. */
  readonly secrets: readonly { readonly id: string; readonly secret: string }[];
  readonly limits: Limits;
  /** The app's `pubnub` section. */
  readonly settings: PubNubSettings;
}

/** Query parameters as the client wrote them: split on raw `&` and `=`, decoded once and only when asked for. */
export interface Query {
  /** The decoded value (a `+` is a space); `undefined` when absent. A repeated parameter gives its first value. */
  get(name: string): string | undefined;
  /** Every decoded value, for parameters that may repeat (`sort`). */
  all(name: string): readonly string[];
  /** Items of a comma-joined list: split on the literal comma first, each decoded after. */
  list(name: string): readonly string[];
  has(name: string): boolean;
}

/** One request after its keys and its caller are known. */
export interface Call {
  readonly method: string;
  /** The named path parameters, each decoded once from the raw target; a `{csv}` stays raw: use `names()`. */
  readonly params: Readonly<Record<string, string>>;
  /** Names of a raw `{csv}` parameter: split on literal commas, each decoded; a single `,` is the empty list. */
  names(param: string): readonly string[];
  readonly query: Query;
  /** The body as text, inflated within the app's limit. Read once; fails with the door's own error answer. */
  body(): Promise<string>;
  /** The body as it comes, bounded by nothing but the reader: for uploads. Never beside `body()`. */
  content(): Readable;
  readonly app: PubNubApp;
  /** Who asks: proven, stated, anonymous, or the server behind a valid signature. `connect` has been decided. */
  readonly principal: Principal;
  /** The `uuid` parameter as stated; `''` when absent. */
  readonly uuid: string;
  readonly address: string;
  readonly headers: ReadonlyMap<string, string>;
  /**
   * Has the waiter told when the client goes away, and lets go of the request, which may take long to be answered: from
   * now on nothing but its app is asked for.
   */
  waitFor(waiter: Waiter): void;
}

export interface Answer {
  readonly status: number;
  readonly body: string | Uint8Array;
  /** In place of `body`: sent as it comes, no faster than the client takes it. Ended early when the client goes away. */
  readonly stream?: { readonly size: number; readonly chunks: AsyncIterable<Uint8Array> };
  /** `javascript`: `text/javascript; charset="UTF-8"`; `json`: `application/json`; `pam`: `text/javascript; charset=UTF-8`. Any other: as it is. */
  readonly type: 'javascript' | 'json' | 'pam' | 'xml' | (string & {});
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the operations of this door work with. */
export interface PubNubDeps {
  readonly engine: StatelessApi;
  readonly store: Store;
  readonly log: Log;
  readonly clock: Clock;
  /** This node and process in cursors: 1 to 127, another one after most starts. */
  readonly region: number;
  readonly vault: FileVault;
  /** Base of links that lead back here: scheme, host and port as the client reaches it. */
  readonly baseUrl: (call: Call) => string;
}

/**
 * One endpoint. `path` is a pattern of raw segments: `/v2/history/sub-key/{sub}/channel/{ch}`. `{sub}` and `{pub}` are
 * keys and checked by the door; `{csv}` parameters end in `Csv` (`{channelsCsv}`).
 */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  /**
   * `server`: only behind a valid signature. `open`: nobody is identified, the principal is anonymous and `connect` is
   * not asked; a `{sub}` in the path is checked, without one there is no app (time).
   */
  readonly callers?: 'server' | 'open';
  /** Whether it changes nothing: what does is not done a second time for one signature. Absent: it changes something. */
  readonly reads?: boolean | ((query: Query) => boolean);
  readonly handle: (call: Call, deps: PubNubDeps) => MaybePromise<Answer>;
}
