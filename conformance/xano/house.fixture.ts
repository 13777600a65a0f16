import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  type AppDefinition,
  type Clock,
  Engine,
  type EngineApi,
  MemoryBroker,
  MemoryStore,
  SILENT_LOG,
  SILENT_METER,
} from '@portcullis/engine';
import { LIMITS, SETTINGS } from '@portcullis/engine/testing';
import { createXanoDoor, type Identified, type XanoDoor } from '@portcullis/gateways/xano';
import { ANONYMOUS, type Principal, type Rule, type RuleSpec, ruleFromSpec, type User } from '@portcullis/policy';

export const APP = 'demo';
export const HASH = 'demo-hash_27-characters-xyz';

const CLOCK: Clock = {
  now: () => Date.now(),
  after: (ms, fn) => {
    const timer = setTimeout(fn, Math.min(ms, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  },
  endOfTurn: (fn) => void setImmediate(fn),
};

export const SERVER: Principal = { kind: 'server', name: 'backend', credentials: [] };

/** Tokens are names here: verifying real ones is the server's own business, and tested there. */
export function user(name: string, row: number | string, extras: User['extras'] = { name }): User {
  const credential = {
    type: 'jwt',
    id: `token-of-${name}`,
    key: 'k1',
    issuedAt: 0,
    expiresAt: Number.POSITIVE_INFINITY,
  } as const;
  return { kind: 'user', user: name, table: 7, row, extras, credentials: [credential] };
}

export type RuleWords = Partial<RuleSpec> & { readonly target: string };

/** The real engine behind the real door, on a port of its own. What knocks is counted. */
export class House {
  readonly users = new Map<string, Principal>();
  /** Handshakes, in order: the token offered, or nothing. */
  readonly knocks: (string | undefined)[] = [];
  engine: EngineApi;
  #door: XanoDoor;
  #server: Server;
  readonly #rules: RuleWords[];
  readonly #sockets = new Set<Duplex>();
  #port = 0;

  private constructor(rules: RuleWords[]) {
    this.#rules = rules;
    this.engine = newEngine();
    this.#door = this.#newDoor();
    this.#server = createServer();
  }

  static async open(...rules: RuleWords[]): Promise<House> {
    const house = new House(rules);
    for (const [name, row] of [
      ['ada', 1],
      ['bob', 2],
      ['cyd', 'c0ffee'],
    ] as const)
      house.users.set(name, user(name, row));
    await house.#start();
    return house;
  }

  get port(): number {
    return this.#port;
  }

  /** One change: the rules there are go, these come. */
  async setRules(...rules: RuleWords[]): Promise<void> {
    const gone = this.engine.rules(APP).map(({ id }) => ({ type: 'rule.delete', id }) as const);
    const come = rules.map((words) => ({ type: 'rule.put', rule: this.#rule(words) }) as const);
    await this.engine.commit(APP, [...gone, ...come]);
  }

  /** A restart as an operator does it: drained with 1012, down for a while, up again with nobody in it. */
  async restart(pause: number): Promise<void> {
    await this.stop();
    await new Promise((resolve) => setTimeout(resolve, pause));
    this.engine = newEngine();
    this.#door = this.#newDoor();
    this.#server = createServer();
    await this.#start();
  }

  async stop(): Promise<void> {
    this.#door.close();
    await this.engine.drain({ code: 'session.restarting', message: 'Restarting.' }, 200);
    this.#server.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
  }

  async #start(): Promise<void> {
    const definition: AppDefinition = { app: APP, settings: SETTINGS, limits: LIMITS, fileRules: [] };
    await this.engine.define(definition, null);
    await this.engine.commit(
      APP,
      this.#rules.map((words) => ({ type: 'rule.put', rule: this.#rule(words) }) as const),
    );
    this.#server.on('upgrade', (request, socket, head) => {
      this.#sockets.add(socket);
      this.knocks.push(request.headers['sec-websocket-protocol']);
      this.#door.handleUpgrade(request, socket, head);
    });
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  #newDoor(): XanoDoor {
    return createXanoDoor({
      engine: this.engine,
      clock: CLOCK,
      log: SILENT_LOG,
      identify: (_app, token) => this.#identify(token),
      appByHash: (hash) => (hash === HASH ? APP : undefined),
      limitsOf: () => LIMITS,
      addressOf: (request) => request.socket.remoteAddress ?? '',
    });
  }

  #identify(token: string | undefined): Identified {
    if (token === undefined) return { ok: true, principal: ANONYMOUS };
    const principal = this.users.get(token);
    if (principal !== undefined) return { ok: true, principal };
    return { ok: false, code: 'identity.bad-signature', reason: 'The token’s signature does not verify.' };
  }

  #rule(words: RuleWords): Rule {
    return ruleFromSpec(words, { id: this.engine.nextId(), version: 0, origin: 'store' });
  }
}

function newEngine(): EngineApi {
  let count = 0;
  const stamp = Math.random().toString(36).slice(2);
  const ids = { session: () => `s${++count}-${stamp}`, epoch: () => `e${++count}-${stamp}` };
  const broker = new MemoryBroker({ clock: CLOCK, ids });
  return new Engine({ broker, store: new MemoryStore(), clock: CLOCK, ids, log: SILENT_LOG, meter: SILENT_METER });
}
