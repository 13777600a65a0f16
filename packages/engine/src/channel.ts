import { LABEL } from './labels.ts';
import { Occupants } from './occupants.ts';
import type { Codec } from './ports/outlet.ts';
import type { Member, Publication } from './publication.ts';
import { SparseSet } from './sparse-set.ts';
import type { Subscription } from './subscription.ts';

/** Receivers of one channel that get the same bytes: same labels, same wire. */
export class AudienceClass {
  readonly labels: number;
  readonly codec: Codec;
  readonly subs: Subscription[] = [];

  constructor(labels: number, codec: Codec) {
    this.labels = labels;
    this.codec = codec;
  }

  add(sub: Subscription): void {
    sub.slot = this.subs.push(sub) - 1;
  }

  remove(sub: Subscription): void {
    const last = this.subs.pop();
    if (last !== undefined && last !== sub) {
      this.subs[sub.slot] = last;
      last.slot = sub.slot;
    }
    sub.slot = -1;
  }
}

/** One named stream while somebody is joined to it. */
export class Channel {
  readonly name: string;
  /** By session id. */
  readonly subs = new Map<string, Subscription>();
  readonly classes: AudienceClass[] = [];
  /** Those whose live entries wait behind the history they asked for; in no class until it has come. */
  readonly waiting = new SparseSet<Subscription>();
  /** Those that came back, for whom things that got their place before are still on their way. */
  readonly recovering = new SparseSet<Subscription>();
  /** Publications of this turn, not yet written out. */
  batch: Publication[] = [];
  batchBytes = 0;
  scheduled = false;
  flushing = false;
  /** Everyone in here has to be decided again before the next delivery. */
  dirtyAll = false;
  readonly dirtySubs = new SparseSet<Subscription>();
  /** Counts changes of the roster. */
  rosterVersion = 0;
  /** By wire: what rosters were encoded to last. */
  rosterCache: Map<Codec, { readonly version: number; readonly bytes: Uint8Array }> | null = null;
  readonly #occupants = new Occupants();

  constructor(name: string) {
    this.name = name;
  }

  get dirty(): boolean {
    return this.dirtyAll || this.dirtySubs.size > 0;
  }

  /** Distinct user ids, each anonymous session counting as one. */
  get occupancy(): number {
    return this.#occupants.count;
  }

  /** It only states an id whose proven user is here: where users are listed by id, that one alone is shown. */
  overshadows({ user, proven }: Pick<Member, 'user' | 'proven'>): boolean {
    return !proven && user !== '' && this.#occupants.of({ user, proven: true }) > 0;
  }

  /** Sessions of the member's user that are here; each anonymous session is a user of its own. */
  countOf(member: Member): number {
    if (member.user === '') return this.subs.has(member.session) ? 1 : 0;
    return this.#occupants.of(member);
  }

  get hasPresenceReaders(): boolean {
    return this.classes.some((audience) => (audience.labels & LABEL.presence) !== 0 && audience.subs.length > 0);
  }

  add(sub: Subscription): void {
    this.subs.set(sub.session.id, sub);
    this.#occupants.change(sub.session.self, 1);
    this.rosterVersion += 1;
  }

  remove(sub: Subscription): void {
    this.#takeOut(sub);
    if (!this.subs.delete(sub.session.id)) return;
    this.#occupants.change(sub.session.self, -1);
    this.rosterVersion += 1;
  }

  /** One takes the place in the roster of another of the same session: nobody came or went. */
  replace(before: Subscription, after: Subscription): void {
    const marked = this.dirtySubs.has(before);
    this.#takeOut(before);
    if (marked) this.dirtySubs.add(after);
    this.subs.set(after.session.id, after);
    this.rosterVersion += 1;
  }

  /** Someone in here is shown otherwise than before. */
  memberChanged(): void {
    this.rosterVersion += 1;
  }

  /** Puts the subscription among the receivers of its labels. */
  enterClass(sub: Subscription): void {
    let audience = this.#classOf(sub.labels, sub.session.codec);
    if (!audience) {
      audience = new AudienceClass(sub.labels, sub.session.codec);
      this.classes.push(audience);
    }
    audience.add(sub);
  }

  leaveClass(sub: Subscription): void {
    if (sub.slot < 0) return;
    this.#classOf(sub.labels, sub.session.codec)?.remove(sub);
  }

  #takeOut(sub: Subscription): void {
    this.leaveClass(sub);
    this.waiting.delete(sub);
    this.recovering.delete(sub);
    this.dirtySubs.delete(sub);
  }

  #classOf(labels: number, codec: Codec): AudienceClass | undefined {
    return this.classes.find((audience) => audience.labels === labels && audience.codec === codec);
  }
}

/** A stated id is rostered apart from the proven user of that name. */
export function occupantOf(member: Member): string {
  if (member.user === '') return `anon\u0000${member.session}`;
  return `${member.proven ? 'user' : 'stated'}\u0000${member.user}`;
}
