import type { Code } from '@portcullis/policy';
import type { App } from './app.ts';
import { Buckets } from './buckets.ts';
import type { Core } from './core.ts';
import { ExpiryQueue } from './expiry.ts';
import { ExpiryTimer } from './expiry-timer.ts';
import { HangingPoll, prefixOf } from './poll.ts';
import type { Publication } from './publication.ts';
import type { ReplayWindow } from './replay-window.ts';
import type { Poll, PollName, PollRequest } from './stateless-api.ts';

/** The readers of one app that hold no connection. */
export class Polls {
  readonly #core: Core;
  readonly #app: App;
  readonly window: ReplayWindow;
  readonly #hanging = new Set<HangingPoll>();
  readonly #byChannel = new Buckets<HangingPoll>();
  readonly #byPrefix = new Buckets<HangingPoll>();
  /** Something arrived for them in this turn. */
  readonly #due = new Set<HangingPoll>();
  readonly #expiry = new ExpiryQueue<HangingPoll>();
  readonly #expiryTimer: ExpiryTimer;

  constructor(core: Core, app: App, window: ReplayWindow) {
    this.#core = core;
    this.#app = app;
    this.window = window;
    this.#expiryTimer = new ExpiryTimer(core.clock, this.#expiry);
    this.#expiryTimer.onDue(() => {
      for (const poll of this.#expiry.due(core.clock.now())) poll.settle();
    });
  }

  open(request: PollRequest): Poll {
    const poll = new HangingPoll(this.#core, this.#app, this.window, request);
    poll.start();
    if (!poll.ended) this.#add(poll);
    return poll;
  }

  /** Something came into the window. Its readers are answered at the end of the turn, with all that the turn brought. */
  arrived(publication: Publication): void {
    for (const poll of this.#byChannel.of(publication.channel)) this.#due.add(poll);
    for (const poll of this.#byPrefix.under(publication.channel)) this.#due.add(poll);
    if (this.#due.size > 0) this.#core.wakeAtEndOfTurn();
  }

  completeDue(): void {
    for (const poll of this.#due) {
      this.#due.delete(poll);
      poll.complete();
    }
  }

  /** The policy has changed: whoever lost its authority is told now, and groups are looked up again. */
  settle(): void {
    for (const poll of [...this.#hanging]) {
      this.#unindex(poll);
      if (poll.settle()) this.#index(poll);
    }
  }

  remove(poll: HangingPoll): void {
    this.#due.delete(poll);
    if (!this.#hanging.delete(poll)) return;
    this.#unindex(poll);
    this.#expiry.ended(poll);
  }

  /** Answers everyone with a refusal: the app is gone. */
  end(code: Code): void {
    for (const poll of [...this.#hanging]) poll.refuse(code);
    this.#expiryTimer.stop();
  }

  #add(poll: HangingPoll): void {
    this.#hanging.add(poll);
    this.#index(poll);
    this.#expiry.add(poll);
    this.#expiryTimer.arm();
  }

  #index(poll: HangingPoll): void {
    this.#visit(poll, (buckets, key) => buckets.add(key, poll));
  }

  /** A group may have changed since it was indexed: every set is looked through where a group is named. */
  #unindex(poll: HangingPoll): void {
    if (poll.request.names.some(({ of }) => of === 'group')) {
      for (const key of [...this.#byChannel.keys()]) this.#byChannel.remove(key, poll);
    }
    this.#visit(poll, (buckets, key) => buckets.remove(key, poll));
  }

  #visit(poll: HangingPoll, visit: (buckets: Buckets<HangingPoll>, key: string) => void): void {
    for (const name of poll.request.names) {
      if (name.of === 'wildcard') visit(this.#byPrefix, prefixOf(name.name));
      else for (const channel of this.#channelsOf(name)) visit(this.#byChannel, channel);
    }
  }

  #channelsOf(name: PollName): readonly string[] {
    return name.of === 'group' ? (this.#app.groups.get(name.name) ?? []) : [name.name];
  }
}
