import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock, EngineApi, Log, MaybePromise, StatelessApi } from '@portcullis/engine';
import type { Code } from '@portcullis/policy';
import type { Identified } from '../../shared/identified.ts';
import type { Crowds } from '../crowds.ts';
import type { NativeApp, Proofs } from '../surroundings.ts';

/** What the plain HTTP side of the door stands on. */
export interface HttpDeps {
  readonly engine: Pick<EngineApi, 'connect' | 'source' | 'turnAway'> & { readonly stateless: StatelessApi };
  readonly clock: Clock;
  /** Shared with the WebSockets of the same engine. */
  readonly crowds: Crowds;
  readonly log: Log;
  /** ms between signs of life on a stream. */
  readonly pingInterval?: number;
  /** The app of a subscribe key. */
  readonly appByKey: (key: string) => string | undefined;
  readonly appOf: (app: string) => NativeApp;
  readonly identify: (app: string, proofs: Proofs) => MaybePromise<Identified>;
  /** Who publishes: also a server, by the app's secret key or an API key that may. */
  readonly identifyPublisher: (app: string, proofs: Proofs) => MaybePromise<Identified>;
  readonly originAllowed: (origin: string | undefined) => boolean;
  /** The client's address, after trusted proxies. */
  readonly addressOf: (request: IncomingMessage) => string;
  /** Counts a request of an address, or says which limit forbids it. */
  readonly attempt: (app: string, address: string) => Code | undefined;
  /** Counts a connection until its socket closes, or says which limit forbids it. */
  readonly admit: (app: string, socket: Duplex) => Code | undefined;
  /** An answer was sent. `route` is never what a stranger wrote. */
  readonly answered: (route: string, status: number) => void;
  /** A name that nobody can guess. */
  readonly nonce: () => string;
  /** ms after which a stream that broke off is to be asked for again; spread, so that not all come at once. */
  readonly comeBackAfter: () => number;
}
