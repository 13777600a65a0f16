import { compilePolicy, type Policy, shownUser } from '@portcullis/policy';
import { Admissions } from './admissions.ts';
import { Buckets } from './buckets.ts';
import type { Channel } from './channel.ts';
import type { Core } from './core.ts';
import type { AppDefinition } from './engine-api.ts';
import type { Limits } from './limits.ts';
import { LiveChannels } from './live-channels.ts';
import type { Polls } from './polls.ts';
import type { AppEvents } from './ports/events.ts';
import type { StoredApp } from './ports/store.ts';
import type { Triggers } from './ports/triggers.ts';
import type { Present } from './present.ts';
import type { Publication } from './publication.ts';
import { PublishedKeys } from './published-keys.ts';
import { RateLimiter } from './rate-limiter.ts';
import type { ReplayWindow } from './replay-window.ts';
import type { Session } from './session.ts';

/** One tenant at run time. Every name below lives in exactly one of these. */
export class App {
  readonly id: string;
  definition: AppDefinition;
  stored: StoredApp;
  policy: Policy;
  /** What is asked before joins and messages take effect; `null`: nothing, anywhere in the app. */
  triggers: Triggers | null;
  /** Who is told what happens in it. */
  readonly events: AppEvents;
  /** What join triggers said of those who are not joined. */
  readonly admissions: Admissions;
  readonly sessions = new Map<string, Session>();
  /** Those of them that have lost their connection and may be back; who has been away longest first. */
  readonly away = new Set<Session>();
  readonly channels = new LiveChannels();
  readonly index = new SessionIndex();
  /** Publications stamped under a policy this node has not applied yet. */
  readonly held: Publication[] = [];
  /** Marked by a change of authority and not decided again yet. */
  readonly dirtySessions = new Set<Session>();
  readonly dirtyChannels = new Set<Channel>();
  /** Readers without a connection, and who is present without one; where a door of the app serves such. */
  polls: Polls | null = null;
  /** What readers that come back can catch up with; where the app says how much. */
  window: ReplayWindow | null = null;
  present: Present | null = null;
  #groups: ReadonlyMap<string, readonly string[]> = new Map();
  rates: Rates;
  readonly published = new PublishedKeys();
  /** While and after it is deleted: nothing new is kept in it, and whoever wants it again waits for this. */
  removal: Promise<void> | null = null;
  /** Changes of authority, one at a time. */
  #commits: Promise<unknown> = Promise.resolve();
  #tried = 0;

  constructor(definition: AppDefinition, stored: StoredApp, events: AppEvents, core: Core) {
    this.id = definition.app;
    this.definition = definition;
    this.stored = stored;
    this.events = events;
    this.admissions = new Admissions(core, this);
    this.policy = compilePolicy(sourceOf(definition, stored));
    this.triggers = triggersOf(definition, stored);
    this.#groups = groupsOf(stored);
    this.rates = ratesOf(definition.limits);
  }

  /** Channel groups and their channels. */
  get groups(): ReadonlyMap<string, readonly string[]> {
    return this.#groups;
  }

  /** The next policy epoch. One whose commit failed is not tried again: nobody can say what the store made of it. */
  takeEpoch(): number {
    this.#tried = Math.max(this.#tried, this.stored.epoch) + 1;
    return this.#tried;
  }

  /** Runs a change behind all earlier ones. A failed one does not stop those behind it. */
  inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#commits.then(change);
    this.#commits = done.catch(() => {});
    return done;
  }

  /** What a definition and stored state make together. Throws on what no policy, or no trigger, can be made of. */
  compile(definition: AppDefinition, stored: StoredApp): Compiled {
    return {
      policy: compilePolicy(sourceOf(definition, stored), this.policy),
      triggers: triggersOf(definition, stored),
    };
  }

  /** Takes on a definition and stored state, and what was compiled of them: from here on this is the policy. */
  adopt(definition: AppDefinition, stored: StoredApp, { policy, triggers }: Compiled): void {
    if (definition.limits !== this.definition.limits) this.rates = this.rates.under(definition.limits);
    this.definition = definition;
    this.stored = stored;
    this.#groups = groupsOf(stored);
    this.policy = policy;
    this.triggers = triggers;
  }
}

/** What a definition and stored state come to. */
interface Compiled {
  readonly policy: Policy;
  readonly triggers: Triggers | null;
}

function triggersOf({ triggers }: AppDefinition, stored: StoredApp): Triggers | null {
  return triggers?.compile(stored.triggers) ?? null;
}

function groupsOf({ groups }: StoredApp): ReadonlyMap<string, readonly string[]> {
  return new Map(groups.map(({ group, channels }) => [group, channels]));
}

function sourceOf(definition: AppDefinition, stored: StoredApp) {
  return {
    app: definition.app,
    epoch: stored.epoch,
    settings: definition.settings,
    rules: [...definition.fileRules, ...stored.rules],
    revocations: stored.revocations,
    bans: stored.bans,
  };
}

const RATES = {
  connection: 'ratePerConnection',
  user: 'ratePerUser',
  channel: 'ratePerChannel',
  app: 'ratePerApp',
} as const;
type Per = keyof typeof RATES;

class Rates {
  readonly connection: RateLimiter;
  readonly user: RateLimiter;
  readonly channel: RateLimiter;
  readonly app: RateLimiter;

  constructor(of: (per: Per) => RateLimiter) {
    this.connection = of('connection');
    this.user = of('user');
    this.channel = of('channel');
    this.app = of('app');
  }

  /** What was spent of a limit that stays as it is remains spent. */
  under(limits: Limits): Rates {
    return new Rates((per) => this[per].under(limits[RATES[per]]));
  }
}

const ratesOf = (limits: Limits): Rates => new Rates((per) => new RateLimiter(limits[RATES[per]]));

/** Finds the sessions a change can affect, by what a change can name. */
class SessionIndex {
  readonly user = new Buckets<Session>();
  readonly token = new Buckets<Session>();
  readonly key = new Buckets<Session>();
  readonly jti = new Buckets<Session>();

  add(session: Session): void {
    this.#each(session, (buckets, id) => buckets.add(id, session));
  }

  remove(session: Session): void {
    this.#each(session, (buckets, id) => buckets.remove(id, session));
  }

  #each({ principal }: Session, visit: (buckets: Buckets<Session>, id: string) => void): void {
    const user = shownUser(principal);
    if (user !== undefined) visit(this.user, user);
    for (const credential of principal.credentials) {
      visit(this.token, credential.id);
      visit(this.key, credential.key);
      if (credential.jti !== undefined) visit(this.jti, credential.jti);
    }
  }
}
