import type { JsonObject, Policy, Principal } from '@portcullis/policy';
import { LABEL } from './labels.ts';
import type { Position, Publication } from './publication.ts';
import type { Session } from './session.ts';

/** Who a session was by another proof, and up to which arrival number that counts. */
export interface Before {
  readonly principal: Principal;
  /** What was in force when it ceased to be. */
  readonly policy: Policy;
  /** ms since 1970: when that was. */
  readonly at: number;
  readonly upTo: number;
}

const NOBODY_ELSE: readonly Before[] = [];

/** What a session that comes back is still to be sent, oldest first. */
export interface Missed {
  items: readonly Publication[];
  readonly ref?: number;
}

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
  /** The arrival number from which each label counts: a right gained later admits nothing older. */
  readonly #from = { everyone: 0, authenticated: 0, presence: 0 };
  /** Addressed publications of the channel's current batch that are for this session. */
  addressed: Publication[] | null = null;
  /** Gets deliveries; one that does not is present only. */
  listens = true;
  /** What the occupant says of itself here. */
  state: JsonObject | null = null;
  /** Live entries that wait behind the history this join asked for; `null` when nothing does. */
  waiting: Publication[] | null = null;
  waitingBytes = 0;
  /** A roster is put off until the next second. */
  rosterPutOff = false;
  /** Who it was when publications got their place that have not gone out yet. */
  was: readonly Before[] = NOBODY_ELSE;
  /** Comes back for what it missed: what got its place before it entered is for it too, if that is decided so. */
  recovers = false;
  /** What it missed and was not sent yet. */
  missed: Missed | null = null;

  constructor(session: Session, channel: string, wantsPresence: boolean) {
    this.session = session;
    this.channel = channel;
    this.wantsPresence = wantsPresence;
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
    if (gained & LABEL.everyone) this.#from.everyone = seq;
    if (gained & LABEL.authenticated) this.#from.authenticated = seq;
    if (gained & LABEL.presence) this.#from.presence = seq;
    if (gained) this.gate = Math.max(this.gate, seq);
    this.labels = labels;
  }

  /** Marks a publication of the current batch as for this session; the batch then goes out entry by entry. */
  address(publication: Publication): void {
    if (publication.seq < this.since && !(this.recovers && publication.position)) return;
    this.addressed ??= [];
    this.addressed.push(publication);
    this.gate = Math.max(this.gate, publication.seq + 1);
  }

  /** Whether a publication under `label` is for this subscription: admitted when it got its place, and now. */
  admits(publication: Publication, label: number): boolean {
    if ((this.labels & label) === 0) return false;
    return publication.seq >= this.#fromOf(label);
  }

  #fromOf(label: number): number {
    if (label === LABEL.everyone) return this.#from.everyone;
    return label === LABEL.authenticated ? this.#from.authenticated : this.#from.presence;
  }
}
