import type { Clock, Log, OutboxEntry, StoreOutbox } from '@portcullis/engine';
import type { ChannelLine } from './channel-line.ts';
import type { Item } from './envelope/parcel.ts';
import { writeParcel } from './envelope/write-parcel.ts';
import { handOver } from './hand-over.ts';
import { LaneFeed } from './lane-feed.ts';
import { LaneResults } from './lane-results.ts';
import { backOff } from './retry.ts';
import type { RunLog } from './run-log.ts';
import type { Sender, Sent } from './send/sender.ts';
import type { ActionSpec } from './spec.ts';

export interface LaneDeps {
  readonly store: Pick<StoreOutbox, 'waiting' | 'settle'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly runs: RunLog;
  /** From 0 to 1. */
  readonly random: () => number;
  /** What does not wait any more: handed over, or given up. */
  readonly onGone: (texts: readonly string[], how: 'done' | 'dead') => void;
  readonly onFailed: () => void;
}

export interface LaneOptions {
  readonly app: string;
  /** As the outbox names it. */
  readonly name: string;
  readonly spec: ActionSpec;
  readonly sender: Sender;
  readonly subscribeKey: string;
}

/**
 * Hands what waits for one action over: channels side by side, each in its order, one attempt of it at a time. Whether the target is slow
 * or dead is nobody's matter but this lane's.
 */
export class Lane {
  readonly #deps: LaneDeps;
  readonly #options: LaneOptions;
  readonly #feed: LaneFeed;
  readonly #results: LaneResults;
  readonly #ready = new Set<ChannelLine>();
  readonly #timers = new Map<ChannelLine, () => void>();
  readonly #under = new Set<Promise<void>>();
  readonly #aborter = new AbortController();
  #stopped = false;
  #failing = false;

  constructor(options: LaneOptions, deps: LaneDeps) {
    this.#deps = deps;
    this.#options = options;
    const { app, name: action, spec } = options;
    const { clock, log, store } = deps;
    this.#feed = new LaneFeed(
      {
        now: () => clock.now(),
        after: (ms, fn) => clock.after(ms, fn),
        read: (after, limit, channel) =>
          store.waiting({ app, action, after, limit, ...(channel === undefined ? {} : { channel }) }),
        onReady: (line) => this.#consider(line),
        onReadFailed: (error) => log.warn('action.outbox-unreadable', { app, action, error }),
      },
      spec.batch?.count ?? null,
    );
    this.#results = new LaneResults({
      clock,
      settle: (result) => store.settle(app, action, result),
      onFault: (error) => log.warn('action.outbox-unwritable', { app, action, error }),
    });
  }

  /** Whether the last attempt failed. */
  get failing(): boolean {
    return this.#failing;
  }

  start(head: number): void {
    this.#feed.start(head);
  }

  written(entry: OutboxEntry): void {
    this.#feed.written({ ...entry, attempts: 0, due: 0 });
  }

  /** ms since 1970: when the oldest of what waits here happened. */
  oldestAt(): number | undefined {
    let oldest: number | undefined;
    for (const { entries } of this.#feed.lines.values()) {
      const at = entries[0]?.at;
      if (at !== undefined && (oldest === undefined || at < oldest)) oldest = at;
    }
    return oldest;
  }

  /** Begins nothing more. Waits for what is under way, `grace` ms at most; what was not handed over waits on in the store. */
  async stop(grace: number): Promise<void> {
    this.#stopped = true;
    this.#feed.stop();
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    const late = this.#deps.clock.after(grace, () => this.#aborter.abort());
    await Promise.all(this.#under);
    late();
    await this.#results.flush();
    await this.#options.sender.close().catch(() => {});
  }

  #consider(line: ChannelLine): void {
    if (this.#stopped || line.busy || line.entries.length === 0) return;
    const wait = this.#waitOf(line);
    if (wait > 0) {
      this.#later(line, wait);
      return;
    }
    this.#ready.add(line);
    this.#pump();
  }

  /** Until the next attempt may be made, or the batch has been gathered. */
  #waitOf(line: ChannelLine): number {
    const now = this.#deps.clock.now();
    const { batch } = this.#options.spec;
    const tried = (line.entries[0]?.attempts ?? 0) > 0;
    if (line.due > now) return line.due - now;
    if (batch === null || tried || line.behind > 0 || line.entries.length >= batch.count) return 0;
    return Math.max(0, line.since + batch.time - now);
  }

  #later(line: ChannelLine, ms: number): void {
    this.#timers.get(line)?.();
    this.#timers.set(
      line,
      this.#deps.clock.after(ms, () => {
        this.#timers.delete(line);
        this.#consider(line);
      }),
    );
  }

  #pump(): void {
    const most = this.#options.spec.batch ? 1 : this.#options.spec.concurrency;
    for (const line of this.#ready) {
      if (this.#under.size >= most) return;
      this.#ready.delete(line);
      if (line.busy || line.entries.length === 0) continue;
      line.busy = true;
      const attempt = this.#attempt(line).finally(() => {
        this.#under.delete(attempt);
        line.busy = false;
        this.#consider(line);
        this.#pump();
      });
      this.#under.add(attempt);
    }
  }

  async #attempt(line: ChannelLine): Promise<void> {
    const { clock, runs } = this.#deps;
    const { app, name, spec, sender, subscribeKey } = this.#options;
    const entries = line.entries.slice(0, spec.batch?.count ?? 1);
    const items = entries.map(({ event: text }): Item => ({ text, event: JSON.parse(text) }));
    const parcel = writeParcel(items, { envelope: spec.envelope, batched: spec.batch !== null, subscribeKey });
    const began = clock.now();
    const sent = await handOver(sender, parcel, { clock, timeout: spec.timeout, stop: this.#aborter.signal });
    if (!sent.ok && this.#aborter.signal.aborted) return;
    const attempts = (entries[0]?.attempts ?? 0) + 1;
    const given = !sent.ok && (sent.final === true || attempts >= spec.retry.attempts);
    runs.add({ app, action: name, at: began, took: clock.now() - began, attempt: attempts, given, sent, parcel });
    this.#note(sent, given);
    if (sent.ok || given) {
      const texts = entries.map(({ event }) => event);
      if (sent.ok) this.#results.done(entries.map(({ seq }) => seq));
      else {
        const [diedAt, reason] = [clock.now(), sent.reason];
        this.#results.dead(entries.map(({ seq }) => ({ seq, attempts, diedAt, reason })));
      }
      this.#feed.taken(line, entries.length);
      this.#deps.onGone(texts, sent.ok ? 'done' : 'dead');
      return;
    }
    line.due = clock.now() + backOff(spec.retry, attempts, this.#deps.random());
    line.entries.splice(0, entries.length, ...entries.map((entry) => ({ ...entry, attempts, due: line.due })));
    this.#results.failed(entries.map(({ seq }) => ({ seq, attempts, due: line.due })));
    this.#deps.onFailed();
  }

  #note(sent: Sent, given: boolean): void {
    const { app, name: action } = this.#options;
    const { log } = this.#deps;
    if (sent.ok && this.#failing) log.info('action.works-again', { app, action });
    if (!sent.ok && !this.#failing) log.warn('action.failing', { app, action, reason: sent.reason });
    if (!sent.ok && given) log.warn('action.gave-up', { app, action, reason: sent.reason });
    this.#failing = !sent.ok;
  }
}
