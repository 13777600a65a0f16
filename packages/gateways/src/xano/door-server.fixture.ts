import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { SILENT_LOG } from '@portcullis/engine';
import { type ClientOptions, WebSocket } from 'ws';
import { createXanoDoor, type XanoDoor, type XanoDoorDeps } from './gateway.ts';

/** The door behind a plain HTTP server on a free port. */
export class DoorServer {
  readonly door: XanoDoor;
  readonly #server: Server;
  readonly sockets = new Set<Socket>();

  constructor(deps: Omit<XanoDoorDeps, 'log' | 'addressOf'> & Partial<XanoDoorDeps>) {
    this.door = createXanoDoor({
      log: SILENT_LOG,
      addressOf: (request) => request.socket.remoteAddress ?? '',
      ...deps,
    });
    this.#server = createServer({ maxHeaderSize: 64 * 1024 });
    this.#server.on('upgrade', (request, socket, head) => {
      this.sockets.add(socket as Socket);
      this.door.handleUpgrade(request, socket, head);
    });
  }

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** A client that keeps what it hears, in order. */
export class Caller {
  readonly ws: WebSocket;
  readonly heard: string[] = [];
  closed: { code: number; reason: string } | undefined;

  constructor(port: number, hash: string, token?: string | string[], options: ClientOptions = {}) {
    this.ws = new WebSocket(`ws://127.0.0.1:${port}/rt/${hash}`, token ?? [], options);
    this.ws.on('message', (data) => this.heard.push(data.toString()));
    this.ws.on('error', () => {});
    this.ws.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
  }

  async opened(): Promise<this> {
    if (this.ws.readyState === WebSocket.CONNECTING) await once(this.ws, 'open');
    return this;
  }

  send(...frames: readonly (string | object | Buffer)[]): void {
    for (const frame of frames) {
      this.ws.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
    }
  }
}

/** A connection that has done the handshake and then does only what it is told. */
export async function rawCaller(port: number, hash: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(
    [
      `GET /rt/${hash} HTTP/1.1`,
      'Host: localhost',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      '',
      '',
    ].join('\r\n'),
  );
  await once(socket, 'data');
  return socket;
}
