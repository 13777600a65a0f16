import type { Timetoken } from '../../publication.ts';
import { ANONYMOUS_CLIENTS, type Room } from './acts.fixture.ts';

interface Absence {
  readonly client: number;
  /** Absent: everywhere. */
  readonly room?: Room;
  /** ms since 1970. */
  readonly until: number;
}

/** What one policy epoch of an app admits, written down apart from the engine. */
export interface Era {
  readonly epoch: number;
  readonly enabled: boolean;
  readonly anonymous: boolean;
  readonly presence: boolean;
  readonly history: number;
  /** Which stack of triggers is asked; 0: none. */
  readonly stack: number;
  /** Bans, and holds on a room. */
  readonly absences: readonly Absence[];
  /** Tokens taken back. */
  readonly revoked: ReadonlySet<string>;
}

/** What a connection shows of its user, from some moment on. */
export interface Proof {
  readonly from: Timetoken;
  readonly token: string;
  /** The table its user is a row of. */
  readonly table: number;
  /** ms since 1970. */
  readonly expiresAt: number;
}

/** Whether the proof holds, and its user is welcome anywhere. */
export function isWelcome(era: Era, client: number, { token, expiresAt }: Proof, now: number): boolean {
  if (now >= expiresAt || era.revoked.has(token)) return false;
  return !era.absences.some(
    (absence) => absence.client === client && absence.until > now && absence.room === undefined,
  );
}

/** Whether the era admits the client by its proof to the room at an instant (ms since 1970). */
export function admits(era: Era, client: number, proof: Proof, room: Room, now: number): boolean {
  if (!era.enabled || !isWelcome(era, client, proof, now)) return false;
  if (client < ANONYMOUS_CLIENTS && !era.anonymous) return false;
  return !era.absences.some((absence) => absence.client === client && absence.until > now && absence.room === room);
}

/** The eras of one app, in the order in which they were asked for: commits are made one at a time. */
export class Eras {
  readonly #eras: Era[];

  constructor(first: Era) {
    this.#eras = [first];
  }

  get first(): Era {
    return this.#at(0);
  }

  get last(): Era {
    return this.#at(-1);
  }

  #at(place: number): Era {
    const era = this.#eras.at(place);
    if (!era) throw new Error('There is always one.');
    return era;
  }

  of(epoch: number): Era {
    const era = this.#eras[epoch - this.first.epoch];
    if (era?.epoch !== epoch) throw new Error(`Nobody asked for epoch ${epoch}.`);
    return era;
  }

  follow(changes: Partial<Omit<Era, 'epoch'>>): Era {
    const era = { ...this.last, ...changes, epoch: this.last.epoch + 1 };
    this.#eras.push(era);
    return era;
  }
}

/** Of timetokens: 100 ns units since 1970. */
export function instantOf(timetoken: Timetoken): number {
  return Number(timetoken / 10_000n);
}
