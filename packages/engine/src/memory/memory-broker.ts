import type { Broker, FeedHead, LogHead } from '../ports/broker.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Draft, Position, Publication, Timetoken } from '../publication.ts';

/** 100 ns units in one millisecond. */
const TICKS_PER_MS = 10_000n;

interface Slot {
  readonly publication: Publication;
  state: 'waiting' | 'ready' | 'dropped';
}

interface Log {
  epoch: string;
  offset: number;
  seq: number;
  /** Appended, not yet handed to the feed; contiguous in `seq`, from `firstPending` on. */
  readonly pending: Slot[];
  firstPending: number;
  /** Of the newest that was handed to the feed and has a place in the log as it is now. */
  handed: Position;
  handing: boolean;
}

type Place = Pick<Publication, 'position' | 'timetoken' | 'stamp' | 'seq'>;

/** What most messages and changes of presence are is written out: that takes a tenth of the time of a copy. */
function placed(draft: Draft, { position, timetoken, stamp, seq }: Place): Publication {
  const { app, channel, kind, audience, sender, data, logged, presence } = draft;
  // Fields that are added to a copy cost twenty times as much as a copy that is added to fields.
  if (!isPlain(draft)) return { position, timetoken, stamp, seq, ...draft };
  if (presence === undefined) {
    return { position, timetoken, stamp, seq, app, channel, kind, audience, sender, data, logged };
  }
  return { position, timetoken, stamp, seq, app, channel, kind, audience, sender, data, logged, presence };
}

function isPlain({ door, table, row, meta, customType, once }: Draft): boolean {
  return (door ?? table ?? row ?? meta ?? customType ?? once) === undefined;
}

function openLog(epoch: string, offset: number): Log {
  return { epoch, offset, seq: 0, pending: [], firstPending: 1, handed: { epoch, offset }, handing: false };
}

interface AppLogs {
  epoch: number;
  timetoken: Timetoken;
  /** ms since 1970 of the clock when it was given out. */
  at: number;
  readonly channels: Map<string, Log>;
}

/** The broker of one node: order is a field in memory, and every answer comes in the same turn. */
export class MemoryBroker implements Broker {
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #apps = new Map<string, AppLogs>();
  #floor: Timetoken = 0n;
  #receive: (publication: Publication) => void = () => {};

  constructor(deps: { readonly clock: Clock; readonly ids: Ids }) {
    this.#clock = deps.clock;
    this.#ids = deps.ids;
  }

  append(draft: Draft, epoch: number): Publication | 'stale' {
    const app = this.#app(draft.app);
    if (app.epoch > epoch) return 'stale';
    const log = this.#log(app, draft.channel);
    const publication = placed(draft, {
      position: draft.logged ? { epoch: log.epoch, offset: ++log.offset } : null,
      timetoken: this.#tick(app),
      stamp: app.epoch,
      seq: ++log.seq,
    });
    log.pending.push({ publication, state: 'waiting' });
    return publication;
  }

  publish(publication: Publication): void {
    this.#settle(publication, 'ready');
  }

  drop(publication: Publication): void {
    this.#settle(publication, 'dropped');
  }

  raise(app: string, epoch: number): Timetoken {
    const logs = this.#app(app);
    logs.epoch = Math.max(logs.epoch, epoch);
    return this.#tick(logs);
  }

  restore(app: string, channel: string, head: LogHead | null): void {
    const logs = this.#app(app);
    if (logs.channels.has(channel)) return;
    if (head && head.timetoken > logs.timetoken) logs.timetoken = head.timetoken;
    logs.channels.set(channel, openLog(head?.epoch ?? this.#ids.epoch(), head?.offset ?? 0));
  }

  renew(app: string, channel: string): void {
    const log = this.#apps.get(app)?.channels.get(channel);
    if (!log) return;
    log.epoch = this.#ids.epoch();
    log.offset = 0;
    log.handed = { epoch: log.epoch, offset: 0 };
  }

  has(app: string, channel: string): boolean {
    return this.#apps.get(app)?.channels.has(channel) ?? false;
  }

  floor(timetoken: Timetoken): void {
    if (timetoken > this.#floor) this.#floor = timetoken;
  }

  lastSeq(app: string, channel: string): number {
    return this.#apps.get(app)?.channels.get(channel)?.seq ?? 0;
  }

  feed(app: string, channel: string): FeedHead {
    const { handed, firstPending } = this.#log(this.#app(app), channel);
    return { position: handed, seq: firstPending - 1 };
  }

  forget(app: string, channel: string): void {
    const logs = this.#apps.get(app);
    if (logs?.channels.get(channel)?.pending.length === 0) logs.channels.delete(channel);
  }

  onPublication(receive: (publication: Publication) => void): void {
    this.#receive = receive;
  }

  /**
   * A durable publication waits for its commit; those behind it wait too, so that the feed keeps the order. What the
   * receiver publishes in turn is handed over by the outer loop, after what stands before it.
   */
  #settle(publication: Publication, state: 'ready' | 'dropped'): void {
    const log = this.#apps.get(publication.app)?.channels.get(publication.channel);
    if (!log) return;
    const slot = log.pending[publication.seq - log.firstPending];
    if (!slot) return;
    slot.state = state;
    if (log.handing) return;
    log.handing = true;
    try {
      for (let next = log.pending[0]; next && next.state !== 'waiting'; next = log.pending[0]) {
        log.pending.shift();
        log.firstPending += 1;
        const { position } = next.publication;
        if (next.state === 'ready' && position?.epoch === log.epoch) log.handed = position;
        if (next.state === 'ready') this.#receive(next.publication);
      }
    } finally {
      log.handing = false;
    }
  }

  #app(id: string): AppLogs {
    let app = this.#apps.get(id);
    if (!app) {
      app = { epoch: 0, timetoken: 0n, at: 0, channels: new Map() };
      this.#apps.set(id, app);
    }
    return app;
  }

  #log(app: AppLogs, channel: string): Log {
    let log = app.channels.get(channel);
    if (!log) {
      log = openLog(this.#ids.epoch(), 0);
      app.channels.set(channel, log);
    }
    return log;
  }

  #tick(app: AppLogs): Timetoken {
    const now = Math.floor(this.#clock.now());
    // Within one millisecond the next is the last and one more: nothing is made of the clock again.
    let next = now === app.at ? 0n : BigInt(now) * TICKS_PER_MS;
    app.at = now;
    if (next <= app.timetoken) next = app.timetoken + 1n;
    if (next <= this.#floor) next = this.#floor + 1n;
    app.timetoken = next;
    return next;
  }
}
