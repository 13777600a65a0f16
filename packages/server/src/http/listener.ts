import { createServer, type IncomingMessage, type Server, type ServerOptions, ServerResponse } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import { type AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import type { Log } from '@portcullis/engine';
import type { AddressResolver } from './address.ts';
import { NOT_COUNTED, problemOfParser } from './parser-problem.ts';
import { type Peer, peerOf } from './peer.ts';
import { HttpProblem } from './problem.ts';
import { hostProblem } from './request-head.ts';

/** PEM texts. */
export interface TlsPair {
  readonly cert: string;
  readonly key: string;
}

export interface ListenerOptions {
  readonly tls?: TlsPair;
  /** Bytes of a request line and its headers. */
  readonly maxHeader: number;
  /** ms in which the headers, and the whole request, have to arrive. */
  readonly headerTimeout: number;
  readonly requestTimeout: number;
  readonly resolveAddress: AddressResolver;
  readonly log: Log;
  readonly fetch: (request: Request, peer: Peer) => Response | Promise<Response>;
  /** Takes a request itself, answer included, and says so; what it leaves is for `fetch`. */
  readonly serve?: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer, peer: Peer) => void;
}

/**
 * One listening port. Promise: every answer ≥ 400, Node's own included, is problem details with a content type.
 */
export class Listener {
  readonly #server: Server;
  /** Answers under way, by connection: what may not be written into. */
  readonly #answering = new WeakMap<Duplex, ServerResponse>();

  constructor(options: ListenerOptions) {
    const settings: ServerOptions = {
      maxHeaderSize: options.maxHeader - NOT_COUNTED,
      headersTimeout: options.headerTimeout,
      requestTimeout: options.requestTimeout,
      connectionsCheckingInterval: Math.max(100, Math.min(options.headerTimeout / 4, 5_000)),
      // Checked below: Node's own refusal has no content type.
      requireHostHeader: false,
    };
    this.#server = options.tls
      ? createTlsServer({ ...settings, ...options.tls, handshakeTimeout: options.headerTimeout })
      : createServer(settings);
    this.#server.on('request', this.#requestHandler(options));
    this.#server.on('upgrade', (request, socket, head) => {
      socket.on('error', destroy);
      const wrongHost = hostProblem(request);
      if (wrongHost !== undefined) refuseSocket(socket, malformed(wrongHost));
      else if (request.headers.upgrade?.toLowerCase() !== 'websocket') this.#serveWithoutUpgrade(request, socket);
      else options.upgrade(request, socket, head, peerOf(request, options.resolveAddress));
    });
    this.#server.on('clientError', (error, socket) => this.#refuse(error, socket));
    this.#server.on('connect', (_, socket) => refuseSocket(socket, new HttpProblem('request.method-not-allowed')));
    this.#server.on('checkExpectation', (_, response: ServerResponse) => {
      answerWith(
        response,
        new HttpProblem('request.malformed', { status: 417, detail: 'No such expectation is met here.' }),
      );
    });
    this.#server.on('tlsClientError', (error) => options.log.debug('http.tls-refused', { reason: error.message }));
  }

  /** Resolves when connections are taken; rejects when the address is not to be had. */
  async start(host: string, port: number): Promise<AddressInfo> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.removeListener('error', reject);
        resolve();
      });
    });
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not a network address');
    return address;
  }

  /** New connections get this certificate. */
  renew(tls: TlsPair): void {
    if (this.#server instanceof TlsServer) this.#server.setSecureContext(tls);
  }

  /** Takes no more connections; resolves when all are gone. Those idle between requests are closed now. */
  stop(): Promise<void> {
    const stopped = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    return stopped;
  }

  /** Ends plain HTTP connections that are left, mid-request or not. */
  cut(): void {
    this.#server.closeAllConnections();
  }

  #requestHandler({ fetch, serve, resolveAddress, log }: ListenerOptions) {
    const listener = getRequestListener(
      (request, { incoming }) => fetch(request, peerOf(incoming as IncomingMessage, resolveAddress)),
      {
        // Only used where HTTP/1.0 has no Host header.
        hostname: 'localhost',
        // Answers are built of the library's own `Response`: the platform's puts a stream between a text and its socket.
        overrideGlobalObjects: true,
        errorHandler: (error) => {
          if (error instanceof Error && error.name === 'RequestError') return malformed(error.message).toResponse();
          log.error('http.fault', { error });
          return new HttpProblem('server.fault').toResponse();
        },
      },
    );
    return (request: IncomingMessage, response: ServerResponse) => {
      this.#answering.set(request.socket, response);
      const wrongHost = hostProblem(request);
      if (wrongHost !== undefined) answerWith(response, malformed(wrongHost));
      else if (serve?.(request, response) !== true) void listener(request, response);
    };
  }

  /**
   * Some clients offer HTTP/2 with every first request (`Upgrade: h2c`). The offer may be ignored (RFC 9110 §7.8), but
   * Node has stopped parsing: what came without a body is answered as the plain request it is, on a connection that
   * ends with it.
   */
  #serveWithoutUpgrade(request: IncomingMessage, socket: Duplex): void {
    const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
    if (length !== '0' || encoding !== undefined || !(socket instanceof Socket)) {
      refuseSocket(socket, malformed('Only WebSocket upgrades are taken: send the request without `Upgrade`.'));
      return;
    }
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.once('finish', () => socket.end());
    this.#server.emit('request', request, response);
  }

  #refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
    const answering = this.#answering.get(socket);
    const midAnswer = answering?.headersSent === true && !answering.writableFinished;
    if (error.code === 'ECONNRESET' || !socket.writable || midAnswer) socket.destroy();
    else refuseSocket(socket, problemOfParser(error, socket));
  }
}

/** One for all sockets: a function each would be held as long as they are. */
function destroy(this: Duplex): void {
  this.destroy();
}

const malformed = (detail: string) => new HttpProblem('request.malformed', { detail });

/** How long a refused peer gets to read the answer and go. Closing at once would reset the connection under it. */
const LINGER = 1_000;

/** Writes the answer on a connection that has no response object, and ends it. */
export function refuseSocket(socket: Duplex, problem: HttpProblem): void {
  socket.on('error', () => socket.destroy());
  socket.resume();
  socket.end(problem.toWire());
  const timer = setTimeout(() => socket.destroy(), LINGER);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
}

/** For requests that are refused before anything serves them. */
export function answerWith(response: ServerResponse, problem: HttpProblem): void {
  const body = JSON.stringify(problem.body);
  const headers = { ...problem.headers, 'content-length': Buffer.byteLength(body), connection: 'close' };
  response.writeHead(problem.status, headers).end(body);
}
