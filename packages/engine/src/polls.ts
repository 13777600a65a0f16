import { type Code, compileTarget, matchesCompiled, type Principal, type Target } from '@portcullis/policy';
import type { App } from './app.ts';
import { Buckets } from './buckets.ts';
import type { Core } from './core.ts';
import { ExpiryQueue } from './expiry.ts';
import { ExpiryTimer } from './expiry-timer.ts';
import { HangingPoll, prefixOf } from './poll.ts';
import type { Publication } from './publication.ts';
import type { ReplayWindow } from './replay-window.ts';
import type { Poll, PollName, PollRequest } from './stateless-api.ts';

type Found = Readonly<Record<PollName['of'], Buckets<HangingPoll>>>;

/** The readers of one app that hold no connection. */
export class Polls {
  readonly #core: Core;
  readonly #app: App;
  readonly window: ReplayWindow;
  readonly #hanging = new Set<HangingPoll>();
  /** By channel, prefix of a wildcard, and group. */
  readonly #by: Found = { channel: new Buckets(), wildcard: new Buckets(), group: new Buckets() };
  /** Of those that name groups, the channels they were found under when they were decided last. */
  readonly #throughGroups = new Map<HangingPoll, readonly string[]>();
  /** A change of authority may have touched them. */
  readonly #marked = new Set<HangingPoll>();
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
    if (this.#hanging.size === 0) return;
    for (const poll of this.#by.channel.of(publication.channel)) this.#due.add(poll);
    for (const poll of this.#by.wildcard.under(publication.channel)) this.#due.add(poll);
    if (this.#due.size > 0) this.#core.wakeAtEndOfTurn();
  }

  completeDue(): void {
    for (const poll of this.#due) {
      this.#due.delete(poll);
      poll.complete();
    }
  }

  /** A rule with this target came, changed or went. What is read through a wildcard is decided item by item. */
  markUnder(target: Target): void {
    if (!target.nested) {
      this.#mark(this.#by.channel.of(target.target));
      return;
    }
    const compiled = compileTarget(target);
    for (const name of this.#by.channel.keys()) {
      if (matchesCompiled(compiled, name)) this.#mark(this.#by.channel.of(name));
    }
  }

  markGroup(group: string): void {
    this.#mark(this.#by.group.of(group));
  }

  markOf(concerned: (principal: Principal) => boolean): void {
    for (const poll of this.#hanging) if (concerned(poll.request.principal)) this.#marked.add(poll);
  }

  /** The policy has changed: whoever of the marked lost its authority is told now, and groups are looked up again. */
  settle(): void {
    for (const poll of this.#marked) {
      this.#marked.delete(poll);
      const grouped = this.#throughGroups.has(poll);
      if (grouped) this.#unindex(poll);
      if (poll.settle() && grouped) this.#index(poll);
    }
  }

  remove(poll: HangingPoll): void {
    this.#due.delete(poll);
    this.#marked.delete(poll);
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

  #mark(polls: Iterable<HangingPoll>): void {
    for (const poll of polls) this.#marked.add(poll);
  }

  #index(poll: HangingPoll): void {
    const groups = poll.request.names.filter(({ of }) => of === 'group');
    const through = groups.flatMap(({ name }) => this.#app.groups.get(name) ?? []);
    if (groups.length > 0) this.#throughGroups.set(poll, through);
    visit(poll, through, this.#by, (buckets, key) => buckets.add(key, poll));
  }

  #unindex(poll: HangingPoll): void {
    const through = this.#throughGroups.get(poll) ?? [];
    this.#throughGroups.delete(poll);
    visit(poll, through, this.#by, (buckets, key) => buckets.remove(key, poll));
  }
}

/** Under what a poll is found: its names, and the channels of its groups. */
function visit(
  { request }: HangingPoll,
  through: readonly string[],
  buckets: Found,
  each: (buckets: Buckets<HangingPoll>, key: string) => void,
): void {
  for (const { of, name } of request.names) each(buckets[of], of === 'wildcard' ? prefixOf(name) : name);
  for (const channel of through) each(buckets.channel, channel);
}
