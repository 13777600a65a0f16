import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Code } from '@portcullis/policy';
import { createAccessEndpoints } from '../access/index.ts';
import { endpoints } from '../endpoints.ts';
import type { Identity } from '../identity/identified.ts';
import { Subscribers } from '../messaging/subscribers.ts';
import { EarlierSignatures } from '../signature/earlier-signatures.ts';
import { ReplayGuard } from '../signature/replay-guard.ts';
import { Answering } from './answering.ts';
import type { Endpoint, PubNubApp, PubNubDeps } from './call.ts';
import { type Family, familyOf, problem } from './families.ts';
import { OpenCalls } from './open-calls.ts';
import { readRequest } from './read-request.ts';
import { Router } from './router.ts';
import { type ServeDeps, serve } from './serve.ts';
import { parseTarget } from './target.ts';
import { time, timetokenAt } from './time.ts';

export interface PubNubDoorDeps extends PubNubDeps {
  readonly identity: Identity;
  /** The app of a subscribe key, as it is configured now. */
  readonly appByKey: (subscribeKey: string) => PubNubApp | undefined;
  /** The client's address, after trusted proxies. */
  readonly addressOf: (request: IncomingMessage) => string;
  /** Which limit forbids one more request of the address, if any does. */
  readonly admit?: (app: string, address: string) => Code | undefined;
  /** Random text of at least 96 bits, never the same twice. */
  readonly nonce: () => string;
  /** An answer was sent. `route`: the pattern of the path, never the path. */
  readonly answered?: (route: string, status: number) => void;
}

export interface PubNubDoor {
  /** Whether the path of a request leads here. `path` may have a query. */
  handles(path: string): boolean;
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** From now on whoever comes is asked to come back, and whoever waits is answered. */
  close(): void;
}

/** The door for clients of the PubNub SDKs. `more`: endpoints beside those of this package. */
export function createPubNubDoor(deps: PubNubDoorDeps, more: readonly Endpoint[] = []): PubNubDoor {
  const router = new Router([time, ...createAccessEndpoints(deps), ...endpoints, ...more]);
  const signed = { replays: new ReplayGuard(deps.engine.now()), earlier: new EarlierSignatures() };
  return new Door({ ...deps, ...signed, router, openCalls: new OpenCalls() });
}

const ELSEWHERE: Family = { prefix: '/', service: 'PubNub', errors: 'flat' };

class Door implements PubNubDoor {
  readonly #deps: PubNubDoorDeps & ServeDeps & { readonly router: Router };

  constructor(deps: PubNubDoorDeps & ServeDeps & { readonly router: Router }) {
    this.#deps = deps;
    // Its time begins now, not with the first who subscribes: cursors from before it are another process's.
    Subscribers.of(deps);
  }

  handles(path: string): boolean {
    return familyOf(parseTarget(path).path) !== undefined;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const { engine, openCalls } = this.#deps;
    const { url = '', method } = request;
    const family = familyOf(parseTarget(url).path) ?? ELSEWHERE;
    const timetoken = timetokenAt(engine.now());
    const answering = new Answering({ response, family, timetoken, bodiless: method === 'HEAD' }, this.#deps);
    try {
      if (openCalls.ended) {
        answering.write(problem(family, { code: 'session.restarting', status: 503, headers: COME_BACK }, timetoken));
        return;
      }
      const read = readRequest(request, family, timetoken, this.#deps);
      if (read.ok) answering.route = read.asked.endpoint.path;
      answering.take(read.ok ? serve(read.asked, { request, response, family }, this.#deps) : read.answer);
    } catch (error) {
      answering.fail(error);
    }
  }

  close(): void {
    this.#deps.openCalls.endAll();
  }
}

const COME_BACK = { 'Retry-After': '1' };
