import type { JsonObject } from '@portcullis/policy';
import { LABEL } from './labels.ts';
import type { Position, Publication } from './publication.ts';
import { type Before, isNothing, type Missed, NOTHING, type Seldom } from './seldom.ts';
import type { Session } from './session.ts';

/** One session's place in one channel. */
export class Subscription {
  readonly session: Session;
  readonly channel: string;
  /** Whether the client asked for presence at its latest join. */
  wantsPresence: boolean;
  /** Where the channel's log stood when it entered. */
  entered: Position | null = null;
  /** Bits of `LABEL`, as last decided. */
  labels = 0;
  /** Index in its class, kept by the class. */
  slot = -1;
  /** The hot loop's one comparison: a batch that begins at or after `gate` goes out whole. */
  gate = 0;
  /** Nothing that was given its place before this arrival number is delivered. */
  since = 0;
  /** Gets deliveries; one that does not is present only. */
  listens = true;
  #seldom: Readonly<Seldom> = NOTHING;

  constructor(session: Session, channel: string, wantsPresence: boolean) {
    this.session = session;
    this.channel = channel;
    this.wantsPresence = wantsPresence;
  }

  /** What the occupant says of itself here. */
  get state(): JsonObject | null {
    return this.#seldom.state;
  }

  set state(state: JsonObject | null) {
    this.#own().state = state;
  }

  /** Live entries that wait behind the history this join asked for; `null` when nothing does. */
  get waiting(): Publication[] | null {
    return this.#seldom.waiting;
  }

  set waiting(waiting: Publication[] | null) {
    this.#own().waiting = waiting;
  }

  get waitingBytes(): number {
    return this.#seldom.waitingBytes;
  }

  set waitingBytes(bytes: number) {
    this.#own().waitingBytes = bytes;
  }

  /** A roster is put off until the next second. */
  get rosterPutOff(): boolean {
    return this.#seldom.rosterPutOff;
  }

  set rosterPutOff(putOff: boolean) {
    this.#own().rosterPutOff = putOff;
  }

  /** Who it was when publications got their place that have not gone out yet. */
  get was(): readonly Before[] {
    return this.#seldom.was;
  }

  set was(was: readonly Before[]) {
    this.#own().was = was;
  }

  /** Comes back for what it missed: what got its place before it entered is for it too, if that is decided so. */
  get recovers(): boolean {
    return this.#seldom.recovers;
  }

  set recovers(recovers: boolean) {
    this.#own().recovers = recovers;
  }

  /** What it missed and was not sent yet. */
  get missed(): Missed | null {
    return this.#seldom.missed;
  }

  set missed(missed: Missed | null) {
    this.#own().missed = missed;
  }

  /** Groups through which it said it is present, where it does not listen: the right to one of them is enough to stay. */
  get groups(): readonly string[] {
    return this.#seldom.groups;
  }

  set groups(groups: readonly string[]) {
    this.#own().groups = groups;
  }

  /** Forgets what is over and was only held for a while. */
  tidy(): void {
    if (isNothing(this.#seldom)) this.#seldom = NOTHING;
  }

  /** Addressed publications of the channel's current batch that are for this session; then forgets them. */
  takeAddressed(): readonly Publication[] | null {
    const { addressed } = this.#seldom;
    if (!addressed) return null;
    this.#own().addressed = null;
    this.tidy();
    return addressed;
  }

  /** Forgets who it was where nothing of that time is left; `first`: the arrival number of what goes out next. */
  forgetWas(first: number): void {
    if (this.was.length > 0 && !this.missed) this.was = this.was.filter(({ upTo }) => upTo >= first);
  }

  /** Enters the audience at arrival number `seq`. */
  begin(seq: number, labels: number): void {
    this.since = seq;
    this.gate = seq;
    this.relabel(labels, seq);
  }

  /** Takes on newly decided labels. What is gained counts from `seq` on. */
  relabel(labels: number, seq: number): void {
    const gained = labels & ~this.labels;
    if (gained && (seq !== this.since || this.#seldom.from)) this.#gain(gained, seq);
    if (gained) this.gate = Math.max(this.gate, seq);
    this.labels = labels;
  }

  /** Marks a publication of the current batch as for this session; the batch then goes out entry by entry. */
  address(publication: Publication): void {
    // What a log that is no more still had on its way was not missed: of that one nobody asked to go on.
    const { position } = publication;
    const missed = this.recovers && position !== null && position.epoch === this.entered?.epoch;
    if (publication.seq < this.since && !missed) return;
    const own = this.#own();
    own.addressed ??= [];
    own.addressed.push(publication);
    this.gate = Math.max(this.gate, publication.seq + 1);
  }

  /** Whether a publication under `label` is for this subscription: admitted when it got its place, and now. */
  admits(publication: Publication, label: number): boolean {
    if ((this.labels & label) === 0) return false;
    return publication.seq >= this.#fromOf(label);
  }

  #gain(labels: number, seq: number): void {
    const own = this.#own();
    own.from ??= { everyone: this.since, authenticated: this.since, presence: this.since };
    if (labels & LABEL.everyone) own.from.everyone = seq;
    if (labels & LABEL.authenticated) own.from.authenticated = seq;
    if (labels & LABEL.presence) own.from.presence = seq;
  }

  #fromOf(label: number): number {
    const { from } = this.#seldom;
    if (from === null) return this.since;
    if (label === LABEL.everyone) return from.everyone;
    return label === LABEL.authenticated ? from.authenticated : from.presence;
  }

  #own(): Seldom {
    if (this.#seldom === NOTHING) this.#seldom = { ...NOTHING };
    return this.#seldom;
  }
}
