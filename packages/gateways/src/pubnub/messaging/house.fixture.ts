import {
  Engine,
  type Files,
  type Limits,
  MemoryBroker,
  MemoryStore,
  SILENT_LOG,
  SILENT_METER,
} from '@portcullis/engine';
import { LIMITS, SETTINGS as RULES_ON } from '@portcullis/engine/testing';
import {
  type AccessSettings,
  ANONYMOUS,
  type Grant,
  type Principal,
  RULE_DEFAULTS,
  type Rule,
  type RuleSpec,
  type Server,
  type User,
} from '@portcullis/policy';
import { ManualClock } from '../../shared/manual-clock.fixture.ts';
import { endpoints as groups } from '../groups/index.ts';
import type { Answer, Call, PubNubApp, PubNubDeps } from '../http/call.ts';
import { readQuery } from '../http/query.ts';
import { Router } from '../http/router.ts';
import { SETTINGS } from '../http/settings.fixture.ts';
import type { PubNubSettings } from '../http/settings.ts';
import { decodePart, parseTarget } from '../http/target.ts';
import { endpoints as presence } from '../presence/index.ts';
import { endpoints as messaging } from './index.ts';

export const REGION = 12;

/** As PubNub has it: rules off, all authority in the token. */
const ACCESS: AccessSettings = { ...RULES_ON, rules: false, open: true };

const NO_FILES: Files = {
  put: () => Promise.reject(new Error('no files here')),
  get: async () => null,
  delete: async () => false,
};

export interface HouseOptions {
  readonly access?: Partial<AccessSettings>;
  readonly settings?: Partial<PubNubSettings>;
  readonly limits?: Partial<Limits>;
  readonly rules?: readonly Rule[];
  readonly region?: number;
}

export interface AskOptions {
  readonly principal?: Principal;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** The endpoints of this door over a real engine, without HTTP, in a time of its own. */
export class House {
  readonly clock = new ManualClock();
  readonly engine: Engine;
  readonly app: PubNubApp;
  readonly deps: PubNubDeps;
  readonly #router = new Router([...messaging, ...presence, ...groups]);

  private constructor({ settings, limits, region = REGION }: HouseOptions) {
    let ids = 0;
    const next = (prefix: string) => () => `${prefix}${++ids}`;
    const ports = { clock: this.clock, ids: { session: next('s'), epoch: next('e') } };
    const store = new MemoryStore();
    const broker = new MemoryBroker(ports);
    this.engine = new Engine({ ...ports, broker, store, log: SILENT_LOG, meter: SILENT_METER });
    this.app = {
      app: 'a',
      publishKey: 'pub',
      subscribeKey: 'sub',
      secrets: [],
      limits: { ...LIMITS, ...limits },
      settings: { ...SETTINGS, ...settings },
    };
    const { clock } = this;
    const vault = { files: NO_FILES, key: new Uint8Array(32), random: () => new Uint8Array(0) };
    const engine = this.engine.stateless;
    this.deps = { engine, store, log: SILENT_LOG, clock, region, vault, baseUrl: () => 'http://h' };
  }

  static async open(options: HouseOptions = {}): Promise<House> {
    const house = new House(options);
    await house.engine.define(
      {
        app: 'a',
        settings: { ...ACCESS, ...options.access },
        limits: house.app.limits,
        fileRules: options.rules ?? [],
        replay: { messages: 1_000, age: 1_200_000 },
      },
      null,
    );
    return house;
  }

  /** A GET of `url`, or a POST where there is a body. */
  async ask(url: string, { principal = ANONYMOUS, body, signal }: AskOptions = {}): Promise<Answer> {
    const { segments, query } = parseTarget(url);
    const routing = this.#router.route(body === undefined ? 'GET' : 'POST', segments);
    if (routing.found !== 'endpoint') throw new Error(`no endpoint: ${url}`);
    const { endpoint, params } = routing.route;
    const read = readQuery(query);
    if (read === undefined) throw new Error(`a malformed query: ${query}`);
    const decoded = [...params].map(([name, raw]) => [name, name.endsWith('Csv') ? raw : (decodePart(raw) ?? '')]);
    const call: Call = {
      method: body === undefined ? 'GET' : 'POST',
      params: Object.fromEntries(decoded),
      names: (param) => namesIn(params.get(param) ?? ','),
      query: read,
      body: async () => body ?? '',
      content: () => {
        throw new Error('no stream here');
      },
      app: this.app,
      principal,
      uuid: read.get('uuid') ?? '',
      address: '127.0.0.1',
      headers: new Map(),
      waitFor: (waiter) => {
        if (signal?.aborted) waiter.gone();
        else signal?.addEventListener('abort', () => waiter.gone(), { once: true });
      },
    };
    return await endpoint.handle(call, this.deps);
  }

  /** As `ask`, its body as text. */
  async text(url: string, options?: AskOptions): Promise<string> {
    return textOf(await this.ask(url, options));
  }

  /** As `ask`, its body parsed. */
  async json(url: string, options?: AskOptions): Promise<unknown> {
    return JSON.parse(await this.text(url, options));
  }

  /** A handshake: where a subscriber begins. */
  async handshake(channels: string, options: AskOptions & { readonly query?: string } = {}): Promise<string> {
    const answer = await this.ask(`/v2/subscribe/sub/${channels}/0?${options.query ?? ''}`, options);
    const { t } = JSON.parse(textOf(answer)) as { readonly t: { readonly t: string } };
    return t.t;
  }

  /** Lets everything that is under way come to its end. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

export function textOf({ body }: Answer): string {
  return typeof body === 'string' ? body : Buffer.from(body).toString();
}

function namesIn(raw: string): readonly string[] {
  return raw === ',' ? [] : raw.split(',').map((name) => decodePart(name) ?? '');
}

export function stated(user: string): Principal {
  return { kind: 'stated', user, credentials: [] };
}

let tokens = 0;

export function proven(user: string, more: { readonly grant?: Grant; readonly expiresAt?: number } = {}): User {
  tokens += 1;
  const { expiresAt = Number.POSITIVE_INFINITY, grant } = more;
  const credential = { type: 'jwt', id: `token-${tokens}`, key: 'k', issuedAt: 1_700_000_000, expiresAt } as const;
  return {
    kind: 'user',
    user,
    table: 1,
    row: user,
    extras: {},
    credentials: [credential],
    ...(grant ? { grant } : {}),
  };
}

export const SERVER: Server = { kind: 'server', name: 'secret', credentials: [] };

export function ruleOf(id: number, target: string, spec: Partial<RuleSpec> = {}): Rule {
  const open: Partial<RuleSpec> = {
    anonymousClients: true,
    presence: true,
    publicMessaging: { enabled: true, authenticatedOnly: false },
  };
  const nested = target.includes('*');
  return { ...RULE_DEFAULTS, ...open, target, nested, ...spec, id, version: 0, origin: 'file' };
}
