import { type Code, expiresAt } from '@portcullis/policy';
import { askAdmissions } from './admissions.ts';
import type { App } from './app.ts';
import type { Core } from './core.ts';
import type { Expiring } from './expiry.ts';
import { boundOf, endOfStamp, readGap } from './poll-logs.ts';
import { decideNames, mayRead, type Reader } from './poll-names.ts';
import type { Timetoken } from './publication.ts';
import type { Arrival, ReplayWindow } from './replay-window.ts';
import type { Poll, PollAnswer, PollItem, PollName, PollRequest } from './stateless-api.ts';
import { storeCode } from './store-errors.ts';

/** 100 ns units in one millisecond. */
const TICKS_PER_MS = 10_000n;

/** One reader without a connection, hanging until something arrives for it or its authority ends. */
export class HangingPoll implements Poll, Expiring {
  readonly request: PollRequest;
  readonly #reader: Reader;
  readonly #window: ReplayWindow;
  /** ms since 1970: when its proof ends. */
  readonly expiresAt: number;
  /** Everything up to here has been looked at for this reader. */
  #cursor: Timetoken;
  #receive: ((answer: PollAnswer) => void) | null = null;
  #answer: PollAnswer | null = null;
  #ended = false;
  #asking = false;
  /** Policy epoch under which its names were decided last. */
  #decidedAt = -1;
  /** What was kept before this process and is read at the moment, or was. */
  #before: 'reading' | ReadonlyMap<string, readonly Arrival[]> | null = null;

  constructor(core: Core, app: App, window: ReplayWindow, request: PollRequest) {
    this.request = request;
    this.#reader = { core, app, principal: request.principal };
    this.#window = window;
    this.expiresAt = expiresAt(request.principal);
    // What arrives from now on is stamped later than this instant.
    const head = window.raise(BigInt(Math.floor(core.clock.now())) * TICKS_PER_MS);
    this.#cursor = request.cursor === null || request.cursor > head ? head : request.cursor;
  }

  get ended(): boolean {
    return this.#ended;
  }

  onAnswer(receive: (answer: PollAnswer) => void): void {
    this.#receive = receive;
    if (this.#answer) this.#hand(this.#answer);
  }

  cancel(): Timetoken {
    this.#end();
    return this.#cursor;
  }

  /** Decides, catches up, and hangs if nothing is there. */
  start(): void {
    if (!this.settle()) return;
    if (this.#cursor < this.#window.origin) this.#readGap();
    else this.complete();
  }

  /** Answers with a refusal that no decision gave: the app is gone. */
  refuse(code: Code): void {
    if (this.#ended) return;
    const { principal, names } = this.request;
    const request = { operation: 'connect', principal, now: this.#reader.core.clock.now(), joined: true } as const;
    this.#give({ ok: false, denied: { allowed: false, code, by: { gate: 'app' } }, request, names });
  }

  /** Decides again if the policy has changed since; answers with the refusal, and says whether the poll goes on. */
  settle(): boolean {
    if (this.#ended) return false;
    const { app, core } = this.#reader;
    if (this.#decidedAt === app.policy.epoch && core.clock.now() < this.expiresAt) return true;
    const decided = decideNames(this.#reader, this.request.names);
    this.#decidedAt = app.policy.epoch;
    if (decided.ok) return true;
    this.#give(decided);
    return false;
  }

  /** Answers with whatever has arrived for this reader since it was last looked at; otherwise it goes on hanging. */
  complete(): void {
    if (!this.settle() || this.#before === 'reading' || this.#askTriggers()) return;
    const { limit } = this.request;
    const bound = this.#before && boundOf(this.#before, limit);
    const found = this.#found(bound);
    const cut = found.length > limit ? endOfStamp(found, limit) : found.length;
    const items = found.slice(0, cut);
    const last = items.at(-1)?.stamp;
    this.#cursor = cut < found.length && last !== undefined ? last : (bound ?? this.#window.head);
    if (items.length > 0) this.#give({ ok: true, items, cursor: this.#cursor });
    else if (bound) this.#readGap();
    else this.#before = null;
  }

  /** Whether join triggers of what arrived have to be asked first. */
  #askTriggers(): boolean {
    const { app, principal } = this.#reader;
    if (!app.triggers || this.#asking) return this.#asking;
    const arrived = new Set(this.request.names.flatMap((by) => [...this.#arrivals(by)].map(channelOf)));
    const asked = askAdmissions(app, principal, arrived);
    this.#decidedAt = -1;
    if (asked === null) return !this.settle();
    this.#asking = true;
    void asked.then(() => {
      this.#asking = false;
      this.complete();
    });
    return true;
  }

  /** What is for this reader, oldest first; where only a part of what was kept has been read, no further than that part. */
  #found(bound: Timetoken | null): (PollItem & { readonly stamp: Timetoken })[] {
    const { wants } = this.request;
    const found: (PollItem & { readonly stamp: Timetoken })[] = [];
    for (const by of this.request.names) {
      for (const { publication, stamp } of this.#arrivals(by)) {
        if (bound !== null && stamp > bound) continue;
        if (!mayRead(this.#reader, by, publication) || (wants && !wants(publication))) continue;
        found.push({ publication, by, stamp });
      }
    }
    return found.sort((a, b) => (a.stamp < b.stamp ? -1 : a.stamp > b.stamp ? 1 : 0));
  }

  /** A cursor from before this process goes on from what the channels kept. */
  #readGap(): void {
    const { core, app } = this.#reader;
    const { names, limit } = this.request;
    const channels = names.filter(({ presence }) => !presence).flatMap((name) => [...this.#channelsOf(name)]);
    this.#before = 'reading';
    readGap(core, app, channels, { from: this.#cursor, to: this.#window.origin }, limit).then(
      (before) => {
        this.#before = before;
        this.complete();
      },
      (error: unknown) => {
        core.log.error('store.failed', { app: app.id, error });
        this.refuse(storeCode(error));
      },
    );
  }

  *#arrivals(by: PollName): Iterable<Arrival> {
    const now = this.#reader.core.clock.now();
    for (const channel of this.#channelsOf(by)) {
      if (this.#before instanceof Map && !by.presence) yield* this.#before.get(channel) ?? [];
      yield* this.#window.after(channel, by.presence, this.#cursor, now);
    }
  }

  #channelsOf(by: PollName): Iterable<string> {
    switch (by.of) {
      case 'channel':
        return [by.name];
      case 'group':
        return this.#reader.app.groups.get(by.name) ?? [];
      case 'wildcard':
        return this.#window.channelsUnder(prefixOf(by.name));
    }
  }

  #give(answer: PollAnswer): void {
    this.#end();
    if (this.#receive) this.#hand(answer);
    else this.#answer = answer;
  }

  #hand(answer: PollAnswer): void {
    const receive = this.#receive;
    this.#answer = null;
    receive?.(answer);
  }

  #end(): void {
    this.#ended = true;
    this.#reader.app.polls?.remove(this);
  }
}

const channelOf = ({ publication }: Arrival): string => publication.channel;

/** `room.*` stands for all that begins with `room.`. */
export function prefixOf(wildcard: string): string {
  return wildcard.slice(0, -1);
}
