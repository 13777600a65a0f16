import {
  type AccessRequest,
  ANONYMOUS,
  CODES,
  type Code,
  clientView,
  type Decision,
  type Denied,
  decide,
  type Principal,
} from '@portcullis/policy';
import type { App } from './app.ts';
import type { Channel } from './channel.ts';
import { ChannelLogs } from './channel-logs.ts';
import { Deadlines } from './deadlines.ts';
import { ExpiryQueue } from './expiry.ts';
import { ExpiryTimer } from './expiry-timer.ts';
import { deniedHappened } from './happenings.ts';
import type { Refused, TurnedAway } from './outcome.ts';
import type { Broker } from './ports/broker.ts';
import type { Clock } from './ports/clock.ts';
import { type Events, SILENT_EVENTS } from './ports/events.ts';
import type { Ids } from './ports/ids.ts';
import type { Log } from './ports/log.ts';
import type { Meter } from './ports/meter.ts';
import type { Store } from './ports/store.ts';
import { RosterPace } from './roster-pace.ts';
import { type Lease, principalLabel, type Session } from './session.ts';
import type { Subscription } from './subscription.ts';

export interface EngineDeps {
  readonly broker: Broker;
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly meter: Meter;
  /** Who is told what happened; absent: nobody. */
  readonly events?: Events;
}

/** Starts deciding again what a change marked in an app. */
interface Settles {
  start(app: App): void;
  finished(app: App): Promise<void> | undefined;
}

/** Rules of the file have ids below this. */
const FIRST_STORED_ID = 1_000_000;

/** What every part of the engine works on: the ports, the apps, and where the turn stands. */
export class Core implements EngineDeps {
  readonly broker: Broker;
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly meter: Meter;
  readonly events: Events;
  readonly apps = new Map<string, App>();
  readonly expiry = new ExpiryQueue<Lease>();
  readonly expiryTimer: ExpiryTimer;
  readonly logs: ChannelLogs;
  readonly settling: Settles;
  /** Connections in no channel, and how long each has to join one. */
  readonly lonely: Deadlines<Session>;
  /** Sessions that keep places for whom they are away, and how long each may be. */
  readonly away: Deadlines<Session>;
  readonly rosterPace = new RosterPace();
  /** Counts event-loop turns in which something was written out. */
  turn = 0;
  /** Channels with publications of this turn. */
  readonly scheduled: { readonly app: App; readonly channel: Channel }[] = [];
  /** Subscriptions that get a roster at the end of the turn, behind the updates it already includes. */
  readonly rostersDue = new Set<Subscription>();
  #nextId = FIRST_STORED_ID;
  #woken = false;
  #endTurn: () => void = () => {};
  /** Several channels are being written out in one turn. */
  gathering = false;
  /** Sessions whose writes are gathered until the turn ends. */
  readonly corked: Session[] = [];

  constructor(deps: EngineDeps, settling: (core: Core) => Settles) {
    this.broker = deps.broker;
    this.store = deps.store;
    this.clock = deps.clock;
    this.ids = deps.ids;
    this.log = deps.log;
    this.meter = deps.meter;
    this.events = deps.events ?? SILENT_EVENTS;
    this.logs = new ChannelLogs(deps);
    this.expiryTimer = new ExpiryTimer(deps.clock, this.expiry);
    this.lonely = new Deadlines(deps.clock);
    this.away = new Deadlines(deps.clock);
    this.settling = settling(this);
  }

  resumeIds(next: number): void {
    this.#nextId = Math.max(this.#nextId, next);
  }

  /** A fresh id for a rule, revocation or ban made here. */
  takeId(): number {
    this.#nextId += 1;
    return this.#nextId - 1;
  }

  /** What the end of a turn does; set once by the engine. */
  onEndOfTurn(endTurn: () => void): void {
    this.#endTurn = endTurn;
  }

  wakeAtEndOfTurn(): void {
    if (this.#woken) return;
    this.#woken = true;
    this.clock.endOfTurn(() => {
      this.#woken = false;
      this.turn += 1;
      this.#endTurn();
    });
  }

  /** From the instant at which the session's proof ends it gets nothing. */
  watchExpiry({ lease }: Session): void {
    this.expiry.add(lease);
    this.expiryTimer.arm();
  }

  /** The session's proof is no longer of interest. */
  forgetExpiry({ lease }: Session): void {
    if (lease.ended) return;
    lease.ended = true;
    this.expiry.ended(lease);
  }

  /** Asks the one question, of the app's policy as it stands. */
  decide(app: App, request: AccessRequest): Decision {
    return decide(request, app.policy);
  }

  /** A denial as the client may see it, counted. `address`: of one who is refused at the door. */
  refuse(app: App, request: AccessRequest, denied: Denied, address?: string): Refused {
    const { code, message } = clientView(denied, request, app.policy);
    const { principal } = request;
    this.meter.denied(app.id, denied.code, principalLabel(principal), denied.by.rule ?? null);
    if (app.events.hears('access.denied')) {
      void app.events.tell(
        deniedHappened({ principal, code: denied.code, message, rule: denied.by.rule, request, address }),
      );
    }
    return { ok: false, code, message };
  }

  /** Whom a door sends away before anything was decided: a proof that proves nothing. Counted, and told with its address. */
  turnAway(id: string, { code, message = sentence(code), address, principal = ANONYMOUS }: TurnedAway): Refused {
    const app = this.apps.get(id);
    if (app) {
      this.meter.denied(id, code, principalLabel(principal), null);
      if (app.events.hears('access.denied')) {
        const request = { operation: 'connect', principal, now: this.clock.now() } as const;
        void app.events.tell(deniedHappened({ principal, code, message, request, address }));
      }
    }
    return { ok: false, code, message };
  }

  /** A refusal that is not a decision: a limit, a failed store, an ended session. */
  refuseWith(
    app: App,
    { principal }: { readonly principal: Principal },
    code: Code,
    channel?: string,
    message = sentence(code),
  ): Refused {
    this.meter.denied(app.id, code, principalLabel(principal), null);
    if (app.events.hears('access.denied')) {
      void app.events.tell(deniedHappened({ principal, code, message, channel }));
    }
    return { ok: false, code, message };
  }
}

export function refusal(code: Code): Refused {
  return { ok: false, code, message: sentence(code) };
}

export function sentence(code: Code): string {
  return CODES[code].sentence;
}
