import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Keepalive } from '../../shared/keepalive.ts';
import { PING_INTERVAL } from '../gateway.ts';
import { keyOf } from '../key-of.ts';
import type { Call } from './call.ts';
import { allowOrigin, answerPreflight } from './cross-origin.ts';
import type { HttpDeps } from './http-app.ts';
import { answerProblem, Refusal } from './problem.ts';
import { servePublish } from './publish.ts';
import { Query } from './read-query.ts';
import { type StreamCodec, serveStream } from './stream.ts';
import { createStreamCodec } from './stream-codec.ts';
import { serveTicket } from './ticket.ts';
import { Tickets } from './tickets.ts';

export interface NativeHttp {
  /** Whether a request target is this door's. */
  handles(target: string): boolean;
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** From now on whoever comes is asked to come back. */
  close(): void;
}

/** For clients that do without a WebSocket: a stream to listen to, a ticket to open it with, and a call to publish. */
export function createNativeHttp(deps: HttpDeps): NativeHttp {
  const { pingInterval = PING_INTERVAL } = deps;
  const tickets = new Tickets(deps.clock, deps.nonce);
  const keepalive = new Keepalive(deps.clock, pingInterval);
  const codecs = new Map<string, StreamCodec>();
  const codecOf = (app: string): StreamCodec => {
    const codec =
      codecs.get(app) ?? createStreamCodec({ explains: () => deps.appOf(app).explains, crowds: deps.crowds });
    codecs.set(app, codec);
    return codec;
  };
  const routes = new Map([
    ['/v1/stream', { method: 'GET', serve: (call: Call) => serveStream(call, codecOf(call.app)) }],
    ['/v1/ticket', { method: 'POST', serve: serveTicket }],
    ['/v1/publish', { method: 'POST', serve: servePublish }],
  ]);
  /** Connections that have become streams: whatever else arrives on one is not answered into it. */
  const taken = new WeakSet<Socket>();
  let closed = false;

  const serve = async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    const route = routes.get(path);
    if (route === undefined) throw new Refusal('not-found');
    allowOrigin(request, response, deps.originAllowed);
    if (request.method === 'OPTIONS') return answerPreflight(response, route.method);
    if (request.method !== route.method) {
      throw new Refusal('request.method-not-allowed', undefined, { headers: { allow: `${route.method}, OPTIONS` } });
    }
    if (closed) throw new Refusal('session.restarting');
    const call = open(request, response);
    await route.serve(call);
    if (path === '/v1/stream') taken.add(request.socket);
  };

  const open = (request: IncomingMessage, response: ServerResponse): Call => {
    const app = deps.appByKey(keyOf(request.url ?? '') ?? '');
    if (app === undefined) throw new Refusal('app.unknown-key');
    const address = deps.addressOf(request);
    const tooOften = deps.attempt(app, address);
    if (tooOften !== undefined) throw new Refusal(tooOften);
    const query = new Query(request.url ?? '');
    query.one('key');
    const native = deps.appOf(app);
    return { deps, tickets, keepalive, pingInterval, request, response, app, native, query, address };
  };

  return {
    handles: (target) => routes.has(pathOf(target)),
    handle(request, response) {
      if (taken.has(request.socket)) {
        request.socket.destroy();
        return;
      }
      const path = pathOf(request.url ?? '');
      response.once('finish', () => deps.answered(path, response.statusCode));
      serve(request, response, path).catch((error: unknown) => {
        if (!(error instanceof Refusal)) deps.log.error('native.http-failed', { route: path, error });
        refuse(request, response, error instanceof Refusal ? error : new Refusal('server.fault'));
      });
    },
    close() {
      closed = true;
    },
  };

  function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
    if (response.headersSent || request.socket.destroyed) {
      request.socket.destroy();
      return;
    }
    const app = deps.appByKey(keyOf(request.url ?? '') ?? '');
    answerProblem(response, refusal, app !== undefined && deps.appOf(app).explains);
  }
}

const pathOf = (target: string): string => target.split('?', 1)[0] ?? '';
