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
  /** Bans, and holds on a room. */
  readonly absences: readonly Absence[];
  /** Connections whose proof was revoked. */
  readonly revoked: ReadonlySet<number>;
}

/** One connection of a client, as far as admission goes. */
export interface Bearer {
  readonly connection: number;
  readonly client: number;
  /** ms since 1970. */
  readonly expiresAt: number;
}

/** Whether the era admits the bearer to the room at an instant (ms since 1970). */
export function admits(era: Era, { connection, client, expiresAt }: Bearer, room: Room, now: number): boolean {
  if (!era.enabled || now >= expiresAt || era.revoked.has(connection)) return false;
  if (client < ANONYMOUS_CLIENTS && !era.anonymous) return false;
  return !era.absences.some(
    (absence) => absence.client === client && absence.until > now && (absence.room ?? room) === room,
  );
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
    const era = this.#eras.find((one) => one.epoch === epoch);
    if (!era) throw new Error(`Nobody asked for epoch ${epoch}.`);
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
