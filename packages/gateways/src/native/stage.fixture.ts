import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type AppDefinition, type Engine, type Log, SILENT_LOG } from '@portcullis/engine';
import type { Principal } from '@portcullis/policy';
import { type ClientOptions, WebSocket } from 'ws';
import { APP, BACKEND, createEngine, identifyByName } from '../shared/engine-stage.fixture.ts';
import type { ManualClock } from '../shared/manual-clock.fixture.ts';
import { Crowds } from './crowds.ts';
import { createNativeDoor, type NativeDoor, type NativeDoorDeps } from './gateway.ts';
import { createNativeHttp, type NativeHttp } from './http/door.ts';
import { NATIVE_LIMITS } from './limits.fixture.ts';
import type { NativeApp } from './surroundings.ts';

export const KEY = 'sub-key';
export const SECRET = 'sec-key';

const APP_HERE: NativeApp = {
  limits: NATIVE_LIMITS,
  tokenGrace: 10_000,
  crowd: { announceMax: 5, interval: 1_000 },
  explains: true,
};

export interface Stage {
  readonly engine: Engine;
  readonly clock: ManualClock;
  readonly server: NativeServer;
}

type DoorDeps = Partial<Omit<NativeDoorDeps, 'engine'>>;

/** The door behind a plain HTTP server on a free port. */
export class NativeServer {
  readonly door: NativeDoor;
  readonly http: NativeHttp;
  readonly answered: string[] = [];
  readonly #server: Server;
  readonly sockets = new Set<Socket>();

  constructor(engine: Engine, clock: ManualClock, deps: DoorDeps = {}) {
    let nonces = 0;
    const common = {
      engine,
      clock,
      log: SILENT_LOG as Log,
      identify: (_: string, { token, statedUser }: { token?: string; statedUser?: string }) => {
        if (token === undefined && statedUser !== undefined) {
          const principal: Principal = { kind: 'stated', user: statedUser, credentials: [] };
          return { ok: true, principal } as const;
        }
        const known = identifyByName(token, clock.now());
        return known.ok ? known : { ...known, reason: 'it is expired' };
      },
      appByKey: (key: string) => (key === KEY ? APP : undefined),
      appOf: () => APP_HERE,
      crowds: new Crowds({ engine: engine.stateless, clock, log: SILENT_LOG, settingsOf: () => APP_HERE.crowd }),
      addressOf: () => '127.0.0.1',
      ...deps,
    };
    this.door = createNativeDoor(common);
    this.http = createNativeHttp({
      ...common,
      identifyPublisher: (app, proofs) =>
        proofs.token === SECRET ? { ok: true, principal: BACKEND } : common.identify(app, proofs),
      originAllowed: (origin) => origin === undefined || origin === 'http://localhost:1234',
      attempt: () => undefined,
      admit: () => undefined,
      answered: (route, status) => this.answered.push(`${route} ${status}`),
      nonce: () => `ticket-${++nonces}`,
      comeBackAfter: () => 2_000,
    });
    this.#server = createServer((request, response) => {
      if (this.http.handles(request.url ?? '')) this.http.handle(request, response);
      else response.writeHead(404).end();
    });
    this.#server.on('connection', (socket) => this.sockets.add(socket));
    this.#server.on('upgrade', (request, socket, head) => this.door.handleUpgrade(request, socket, head));
  }

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** The real engine behind this door. */
export async function createStage(
  clock: ManualClock,
  deps: DoorDeps = {},
  definition: Partial<AppDefinition> = {},
): Promise<Stage> {
  const engine = await createEngine(clock, { replay: { messages: 100, age: 60_000 }, ...definition });
  return { engine, clock, server: await new NativeServer(engine, clock, deps).listen() };
}

export type Said = Record<string, unknown>;

/** A client that keeps what it hears, in order. */
export class Caller {
  readonly ws: WebSocket;
  readonly heard: string[] = [];
  closed: { code: number; reason: string } | undefined;

  constructor(port: number, options: ClientOptions = {}, key = KEY) {
    this.ws = new WebSocket(`ws://127.0.0.1:${port}/v1/connect?key=${key}`, 'portcullis.v1', options);
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

  send(frame: string | object | Buffer): void {
    this.ws.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** Every message heard, batches taken apart. */
  get said(): Said[] {
    return this.heard.flatMap((text): Said[] => {
      const frame = JSON.parse(text) as Said | Said[];
      return Array.isArray(frame) ? frame : [frame];
    });
  }
}
