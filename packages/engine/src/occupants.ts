import type { Member } from './publication.ts';

/** How many sessions of each user are in a channel. A stated id is counted apart from the proven user of that name. */
export class Occupants {
  #anonymous = 0;
  readonly #proven = new Counts();
  readonly #stated = new Counts();
  /** Stated ids whose proven user is here. */
  #overshadowed = 0;

  /** Distinct user ids, each anonymous session counting as one. */
  get count(): number {
    return this.#anonymous + this.#proven.size + this.#stated.size - this.#overshadowed;
  }

  /** Sessions of a user; of the anonymous, all of them. */
  of({ user, proven }: Pick<Member, 'user' | 'proven'>): number {
    if (user === '') return this.#anonymous;
    return (proven ? this.#proven : this.#stated).of(user);
  }

  /** One more session of the member's user, or one less. */
  change({ user, proven }: Pick<Member, 'user' | 'proven'>, by: 1 | -1): void {
    if (user === '') {
      this.#anonymous += by;
      return;
    }
    const [own, other] = proven ? [this.#proven, this.#stated] : [this.#stated, this.#proven];
    const before = own.of(user);
    own.set(user, before + by);
    const cameOrWent = before === 0 || before + by === 0;
    if (cameOrWent && other.of(user) > 0) this.#overshadowed += by;
  }
}

/** Most channels have no more than a few users, or none with a name. */
class Counts {
  #counts: Map<string, number> | null = null;

  get size(): number {
    return this.#counts?.size ?? 0;
  }

  of(user: string): number {
    return this.#counts?.get(user) ?? 0;
  }

  set(user: string, count: number): void {
    this.#counts ??= new Map();
    if (count > 0) this.#counts.set(user, count);
    else this.#counts.delete(user);
  }
}
