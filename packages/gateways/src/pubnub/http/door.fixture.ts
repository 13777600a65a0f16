import {
  Engine,
  type Limits,
  MemoryBroker,
  MemoryStore,
  SILENT_LOG,
  SILENT_METER,
  type Store,
} from '@portcullis/engine';
import { LIMITS, SETTINGS as RULES_ON } from '@portcullis/engine/testing';
import {
  type AccessSettings,
  type Code,
  credentialOf,
  type Grant,
  type GrantSpec,
  mintGrant,
  type Principal,
  verifyGrant,
} from '@portcullis/policy';
import { ManualClock } from '../../shared/manual-clock.fixture.ts';
import type { Identified, Identity, Proofs } from '../identity/identified.ts';
import { canonicalQuery } from '../signature/canonical-query.ts';
import { signV2 } from '../signature/sign.ts';
import type { Endpoint, PubNubApp } from './call.ts';
import { createPubNubDoor, type PubNubDoor } from './door.ts';
import { readQuery } from './query.ts';
import { SETTINGS } from './settings.fixture.ts';
import type { PubNubSettings } from './settings.ts';

export const SECRET = { id: 'secret-1', secret: 'sec-c-1' };
export const OLD_SECRET = { id: 'secret-0', secret: 'sec-c-0' };

export const ACCESS: AccessSettings = { ...RULES_ON, rules: false, grants: true, historyDefault: 100 };

export interface StageOptions {
  readonly access?: Partial<AccessSettings>;
  readonly settings?: Partial<PubNubSettings>;
  readonly limits?: Partial<Limits>;
  readonly secrets?: PubNubApp['secrets'];
  readonly endpoints?: readonly Endpoint[];
  readonly admit?: (app: string, address: string) => Code | undefined;
  readonly store?: (store: Store) => Store;
  readonly identity?: Identity;
}

/** A door over a real engine, with the keys `pub-c-1`, `sub-c-1`, `sec-c-1`, in a time of its own. */
export class Stage {
  readonly clock: ManualClock;
  readonly engine: Engine;
  readonly store: Store;
  readonly app: PubNubApp;
  readonly door: PubNubDoor;
  readonly answered: [route: string, status: number][] = [];
  readonly faults: unknown[] = [];
  #minted = 0;

  private constructor(options: StageOptions) {
    this.clock = new ManualClock();
    let ids = 0;
    const next = () => `id-${++ids}`;
    const ports = { clock: this.clock, ids: { session: next, epoch: next }, log: SILENT_LOG, meter: SILENT_METER };
    this.store = options.store?.(new MemoryStore()) ?? new MemoryStore();
    this.engine = new Engine({ ...ports, broker: new MemoryBroker(ports), store: this.store });
    this.app = {
      app: 'a',
      publishKey: 'pub-c-1',
      subscribeKey: 'sub-c-1',
      secrets: options.secrets ?? [SECRET, OLD_SECRET],
      limits: { ...LIMITS, ...options.limits },
      settings: { ...SETTINGS, ...options.settings },
    };
    this.door = createPubNubDoor(
      {
        engine: this.engine.stateless,
        store: this.store,
        log: { ...SILENT_LOG, error: (_, fields) => void this.faults.push(fields) },
        clock: this.clock,
        identity: options.identity ?? identityOf(this.app, this.clock),
        appByKey: (key) => (key === this.app.subscribeKey ? this.app : undefined),
        addressOf: () => '127.0.0.1',
        nonce: () => this.#nonce(),
        answered: (route, status) => void this.answered.push([route, status]),
        region: 12,
        baseUrl: () => 'http://127.0.0.1:7070',
        vault: { files: NO_FILES, key: new Uint8Array(32), random: (count) => new Uint8Array(count) },
        ...(options.admit && { admit: options.admit }),
      },
      options.endpoints,
    );
  }

  static async open(options: StageOptions = {}): Promise<Stage> {
    const stage = new Stage(options);
    await stage.engine.define(
      {
        app: 'a',
        settings: { ...ACCESS, ...options.access },
        limits: stage.app.limits,
        fileRules: [],
        replay: { messages: 1_000, age: 1_200_000 },
      },
      null,
    );
    return stage;
  }

  get seconds(): number {
    return Math.floor(this.clock.now() / 1_000);
  }

  mint(spec: GrantSpec, secret = SECRET): string {
    const minted = mintGrant(spec, { app: 'a', secret, now: this.clock.now(), nonce: this.#nonce() });
    if (!minted.ok) throw new Error(JSON.stringify(minted.problems));
    return minted.token;
  }

  /** The target with a timestamp and a signature, as clients of version 2 sign. */
  signed(method: string, target: string, body = '', secret: string = SECRET.secret, seconds = this.seconds): string {
    const withTime = `${target}${target.includes('?') ? '&' : '?'}timestamp=${seconds}`;
    const [path = '', query = ''] = withTime.split('?');
    const parameters = readQuery(query)?.parameters ?? [];
    const parts = { method, publishKey: this.app.publishKey, path, query: canonicalQuery(parameters), body };
    return `${withTime}&signature=${signV2(secret, parts)}`;
  }

  #nonce(): string {
    this.#minted += 1;
    return `nonce-${this.#minted}`.padEnd(22, '0');
  }
}

const NO_FILES = {
  put: () => Promise.reject(new Error('no files here')),
  get: () => Promise.resolve(null),
  delete: () => Promise.resolve(false),
};

/** Permission tokens alone, as the server identifies by them. */
function identityOf({ app, secrets }: PubNubApp, clock: ManualClock): Identity {
  const verify = (token: string, now?: number) =>
    verifyGrant(token, { app, secrets, ...(now !== undefined && { now }) });
  return {
    identify(_, { token, statedUser }: Proofs): Identified {
      if (statedUser === '') return { ok: false, code: 'identity.malformed', reason: 'a user id is empty' };
      if (token === undefined) return { ok: true, principal: principalOf(statedUser) };
      const outcome = verify(token, clock.now());
      if (!outcome.ok) return outcome;
      const { grant } = outcome;
      const { authorizedUser } = grant;
      if (authorizedUser === undefined) return { ok: true, principal: principalOf(statedUser, grant) };
      if (statedUser !== authorizedUser) return { ok: false, code: 'identity.user-mismatch', reason: 'another user' };
      const user = { kind: 'user', user: authorizedUser, table: 1, row: authorizedUser, extras: {} } as const;
      return { ok: true, principal: { ...user, credentials: [credentialOf(grant)], grant } };
    },
    credentialsOf(_, token) {
      const outcome = verify(token);
      return outcome.ok ? { ok: true, credentials: [credentialOf(outcome.grant)] } : outcome;
    },
  };
}

function principalOf(user: string | undefined, grant?: Grant): Principal {
  const carried = grant === undefined ? { credentials: [] } : { credentials: [credentialOf(grant)], grant };
  return user === undefined ? { kind: 'anonymous', ...carried } : { kind: 'stated', user, ...carried };
}
