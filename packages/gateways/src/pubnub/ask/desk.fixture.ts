import { Readable } from 'node:stream';
import {
  Engine,
  type Files,
  type Limits,
  MemoryBroker,
  MemoryStore,
  type PublishOutcome,
  SILENT_LOG,
  SILENT_METER,
  type Store,
} from '@portcullis/engine';
import { FEATURES, LIMITS, SETTINGS as RULES_ON } from '@portcullis/engine/testing';
import {
  type AccessSettings,
  ANONYMOUS,
  BIT,
  type Features,
  type Grant,
  type Permission,
  type Principal,
  RULE_DEFAULTS,
  type Rule,
  type RuleSpec,
  type User,
} from '@portcullis/policy';
import { ManualClock } from '../../shared/manual-clock.fixture.ts';
import type { Answer, Call, Endpoint, PubNubApp, PubNubDeps } from '../http/call.ts';
import { readQuery } from '../http/query.ts';
import { Router } from '../http/router.ts';
import { SETTINGS } from '../http/settings.fixture.ts';
import type { PubNubSettings } from '../http/settings.ts';
import { decodePart, parseTarget } from '../http/target.ts';

/** Both gates off, unless a test says otherwise. */
const ACCESS: AccessSettings = { ...RULES_ON, rules: false, open: true, historyDefault: 1_000 };
export const GRANTS: Partial<AccessSettings> = { open: false, grants: true };
export const RULES: Partial<AccessSettings> = { open: false, rules: true };

export interface DeskOptions {
  readonly access?: Partial<AccessSettings>;
  readonly features?: Partial<Features>;
  readonly settings?: Partial<PubNubSettings>;
  readonly limits?: Partial<Limits>;
  readonly rules?: readonly Rule[];
  readonly store?: Store;
  readonly files?: Files;
}

export interface SaidWith {
  readonly as?: Principal;
  readonly body?: string;
  readonly bytes?: Iterable<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What of an answer tests look at. */
export interface Told {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Endpoints over a real engine and store, without HTTP, in a time of their own. */
export class Desk {
  readonly clock = new ManualClock();
  readonly engine: Engine;
  readonly store: Store;
  readonly app: PubNubApp;
  readonly deps: PubNubDeps;
  readonly #options: DeskOptions;
  readonly #router: Router;
  #random = 0;

  private constructor(endpoints: readonly Endpoint[], options: DeskOptions) {
    this.#options = options;
    let ids = 0;
    const next = (prefix: string) => () => `${prefix}${++ids}`;
    const ports = { clock: this.clock, ids: { session: next('s'), epoch: next('e') } };
    this.store = options.store ?? new MemoryStore();
    const broker = new MemoryBroker(ports);
    this.engine = new Engine({ ...ports, broker, store: this.store, log: SILENT_LOG, meter: SILENT_METER });
    this.#router = new Router(endpoints);
    this.app = {
      app: 'a',
      publishKey: 'pub',
      subscribeKey: 'sub',
      secrets: [],
      limits: { ...LIMITS, ...options.limits },
      settings: { ...SETTINGS, ...options.settings },
    };
    const vault = { files: options.files ?? NO_FILES, key: new Uint8Array(32).fill(7), random: this.#bytes.bind(this) };
    const { clock, store } = this;
    const engine = this.engine.stateless;
    this.deps = { engine, store, log: SILENT_LOG, clock, region: 1, vault, baseUrl: () => 'http://host:7070' };
  }

  static async open(endpoints: readonly Endpoint[], options: DeskOptions = {}): Promise<Desk> {
    const desk = new Desk(endpoints, options);
    await desk.define();
    return desk;
  }

  /** Applies access settings, features or rules from now on. */
  async define(change: DeskOptions = {}): Promise<void> {
    const { access, features, rules } = { ...this.#options, ...change };
    await this.engine.define(
      {
        app: 'a',
        settings: { ...ACCESS, ...access, features: { ...FEATURES, ...features } },
        limits: this.app.limits,
        fileRules: rules ?? [],
        replay: { messages: 1_000, age: 1_200_000 },
      },
      null,
    );
  }

  async call(method: Endpoint['method'], url: string, said: SaidWith = {}): Promise<Told> {
    const answer = await this.answer(method, url, said);
    return { status: answer.status, type: answer.type, text: textOf(answer), headers: answer.headers ?? {} };
  }

  async answer(method: Endpoint['method'], url: string, said: SaidWith = {}): Promise<Answer> {
    const { segments, query } = parseTarget(url);
    const routing = this.#router.route(method, segments);
    if (routing.found !== 'endpoint') throw new Error(`no endpoint: ${method} ${url}`);
    const { endpoint, params } = routing.route;
    return await endpoint.handle(this.#callOf(method, params, query, said), this.deps);
  }

  get = (url: string, as?: Principal): Promise<Told> => this.call('GET', url, as ? { as } : {});

  /** Publishes JSON text; answers its timetoken. */
  async publish(channel: string, data: string, more: object = {}): Promise<bigint> {
    this.clock.advance(1);
    const outcome: PublishOutcome = await this.engine.stateless.publishAs({
      app: 'a',
      principal: SERVER,
      channel,
      target: { to: 'everyone' },
      kind: 'message',
      data,
      store: true,
      ...more,
    });
    if (!outcome.ok) throw new Error(outcome.code);
    return outcome.timetoken;
  }

  /** What a subscriber of the channels is told while `act` goes on: kind, channel and payload. */
  async heard(channels: readonly string[], act: () => Promise<unknown>, as: Principal = SERVER): Promise<unknown[]> {
    const names = channels.map((name) => ({ of: 'channel', name, presence: false }) as const);
    const ask = { app: 'a', principal: as, names, limit: 100 };
    const head = this.engine.stateless.poll({ ...ask, cursor: null });
    head.onAnswer(() => {});
    const cursor = head.cancel();
    await act();
    const told: unknown[] = [];
    const poll = this.engine.stateless.poll({ ...ask, cursor });
    poll.onAnswer((answer) => {
      if (!answer.ok) throw new Error(answer.denied.code);
      for (const { publication } of answer.items) {
        const { kind, channel, data, audience, sender } = publication;
        told.push({ kind, channel, data: JSON.parse(data), to: audience.to, by: sender?.user || sender?.claimed });
      }
    });
    poll.cancel();
    return told;
  }

  #callOf(method: string, params: ReadonlyMap<string, string>, queryText: string, said: SaidWith): Call {
    const query = readQuery(queryText);
    if (query === undefined) throw new Error(`a malformed query: ${queryText}`);
    const names = (param: string) => {
      const raw = params.get(param) ?? ',';
      return raw === ',' ? [] : raw.split(',').map((name) => decodePart(name) ?? '');
    };
    const decoded = [...params].map(([name, raw]) => [name, name.endsWith('Csv') ? raw : (decodePart(raw) ?? '')]);
    return {
      method,
      params: Object.fromEntries(decoded),
      names,
      query,
      body: async () => said.body ?? '',
      content: () => Readable.from(said.bytes ?? [], { objectMode: false }),
      app: this.app,
      principal: said.as ?? ANONYMOUS,
      uuid: query.get('uuid') ?? '',
      address: '127.0.0.1',
      headers: new Map(Object.entries(said.headers ?? {})),
      waitFor: () => {},
    };
  }

  #bytes(count: number): Uint8Array {
    this.#random += 1;
    return new Uint8Array(count).fill(this.#random);
  }
}

const NO_FILES: Files = {
  put: () => Promise.reject(new Error('no files here')),
  get: async () => null,
  delete: async () => false,
};

export const textOf = ({ body }: Answer): string => (typeof body === 'string' ? body : Buffer.from(body).toString());

export const stated = (user: string): Principal => ({ kind: 'stated', user, credentials: [] });
export const SERVER: Principal = { kind: 'server', name: 'secret', credentials: [] };

export function proven(user: string): User {
  return { kind: 'user', user, table: 1, row: user, extras: {}, credentials: [] };
}

type Permissions = Readonly<Record<string, readonly Permission[]>>;
let grants = 0;

/** The bearer of a token, as a user whose id is proven by it. */
export function bearer(user: string, channels: Permissions, uuids: Permissions = {}): User {
  grants += 1;
  const entries = (section: Permissions) =>
    new Map(Object.entries(section).map(([name, bits]) => [name, bits.reduce((mask, bit) => mask | BIT[bit], 0)]));
  const resources = { channels: entries(channels), groups: new Map<string, number>(), uuids: entries(uuids) };
  const none = { channels: new Map(), groups: new Map(), uuids: new Map() };
  const id = `grant-${grants}`;
  const times = { issuedAt: 1_700_000_000, ttl: 60 };
  const grant: Grant = { id, key: 'k', ...times, authorizedUser: user, resources, patterns: none, meta: {} };
  const expiresAt = 1_800_000_000_000;
  return {
    ...proven(user),
    credentials: [{ type: 'grant', id, key: 'k', issuedAt: times.issuedAt, expiresAt }],
    grant,
  };
}

export function ruleOf(id: number, target: string, spec: Partial<RuleSpec> = {}): Rule {
  const open: Partial<RuleSpec> = {
    anonymousClients: true,
    presence: true,
    publicMessaging: { enabled: true, authenticatedOnly: false },
    history: 100,
  };
  return { ...RULE_DEFAULTS, ...open, target, nested: target.includes('*'), ...spec, id, version: 0, origin: 'file' };
}
