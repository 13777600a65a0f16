import { ANONYMOUS, type Principal, RULE_DEFAULTS, type Rule, type RuleSpec, type User } from '@portcullis/policy';
import { Engine } from '../engine.ts';
import type { AppDefinition } from '../engine-api.ts';
import { MemoryBroker } from '../memory/memory-broker.ts';
import { MemoryStore } from '../memory/memory-store.ts';
import type { Events } from '../ports/events.ts';
import { SILENT_LOG } from '../ports/log.ts';
import { SILENT_METER } from '../ports/meter.ts';
import type { Codec } from '../ports/outlet.ts';
import type { Store, StoredApp } from '../ports/store.ts';
import type { SessionApi } from '../session-api.ts';
import { LIMITS, SETTINGS } from './definition.fixture.ts';
import { ManualClock } from './manual-clock.fixture.ts';
import { TEST_CODEC, TestOutlet } from './wire.fixture.ts';

export { LIMITS, SETTINGS };

export const OPEN: Partial<RuleSpec> = {
  anonymousClients: true,
  presence: true,
  publicMessaging: { enabled: true, authenticatedOnly: false },
};

export function ruleOf(id: number, target: string, spec: Partial<RuleSpec>): Rule {
  return { ...RULE_DEFAULTS, target, nested: target.includes('*'), ...spec, id, version: 0, origin: 'store' };
}

let tokens = 0;
/** A proven user, with a token of their own. */
export function userOf(user: string, more: Partial<User> & { readonly expiresAt?: number } = {}): User {
  const { expiresAt = Number.POSITIVE_INFINITY, ...rest } = more;
  tokens += 1;
  const credential = { type: 'jwt', id: `token-${tokens}`, key: 'k1', issuedAt: 1_700_000_000, expiresAt } as const;
  return { kind: 'user', user, table: 1, row: user, extras: { name: user }, credentials: [credential], ...rest };
}

export interface Client {
  readonly session: SessionApi;
  readonly outlet: TestOutlet;
}

/** One engine with one app, in memory, in a time of its own. */
export class Scene {
  readonly clock = new ManualClock();
  readonly store: Store;
  readonly broker: MemoryBroker;
  readonly engine: Engine;
  #ids = 0;

  /** Without an app. */
  constructor(store?: Store, events?: Events) {
    const ids = { session: () => `s${++this.#ids}`, epoch: () => `e${++this.#ids}` };
    this.store = store ?? new MemoryStore();
    this.broker = new MemoryBroker({ clock: this.clock, ids });
    this.engine = new Engine({
      broker: this.broker,
      store: this.store,
      clock: this.clock,
      ids,
      log: SILENT_LOG,
      meter: SILENT_METER,
      ...(events && { events }),
    });
  }

  static async open(
    rules: readonly Rule[] = [],
    more: {
      readonly definition?: Partial<AppDefinition>;
      readonly store?: Store;
      readonly events?: Events;
      readonly app?: string;
      readonly stored?: StoredApp;
      /** ms that have passed on the clock before anything is defined. */
      readonly later?: number;
    } = {},
  ): Promise<Scene> {
    const scene = new Scene(more.store, more.events);
    scene.clock.advance(more.later ?? 0);
    await scene.define(more.app ?? 'a', more.definition, more.stored ?? null);
    if (rules.length > 0) {
      await scene.engine.commit(
        more.app ?? 'a',
        rules.map((rule) => ({ type: 'rule.put', rule }) as const),
      );
    }
    return scene;
  }

  async define(app: string, more: Partial<AppDefinition> = {}, stored: StoredApp | null = null): Promise<void> {
    await this.engine.define({ app, settings: SETTINGS, limits: LIMITS, fileRules: [], ...more }, stored);
  }

  connect(principal: Principal = ANONYMOUS, codec: Codec = TEST_CODEC, app = 'a', tokenGrace = 0): Client {
    const outlet = new TestOutlet();
    const session = this.engine.connect({
      app,
      principal,
      outlet,
      codec,
      door: 'test',
      address: '127.0.0.1',
      tokenGrace,
    });
    if ('ok' in session) throw new Error(`refused: ${session.code}`);
    return { session, outlet };
  }

  /** Connects and joins with presence off; ends the turn, forgets what came. */
  async joined(channel: string, principal: Principal = ANONYMOUS, presence = false): Promise<Client> {
    const client = this.connect(principal);
    const outcome = await client.session.join(channel, { presence, history: false });
    if (!outcome.ok) throw new Error(`refused: ${outcome.code}`);
    this.clock.turn();
    client.outlet.clear();
    return client;
  }

  put(rule: Rule) {
    return this.engine.commit('a', [{ type: 'rule.put', rule }]);
  }
}

/** A publish that has to pass. */
export async function say(client: Client, channel: string, text: string): Promise<void> {
  const outcome = await client.session.publish(channel, { to: 'everyone' }, JSON.stringify(text));
  if (!outcome.ok) throw new Error(`refused: ${outcome.code}`);
}
