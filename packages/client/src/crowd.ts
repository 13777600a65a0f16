import type { Member, PresenceChanged, RosterSnapshot } from '@portcullis/protocol';

/** Who is in a channel, as far as this client is told: the last roster and every change since. */
export class Crowd {
  readonly #members = new Map<string, Member>();
  #list: readonly Member[] = [];
  #unlisted = 0;

  /** The same array until something changes. */
  get members(): readonly Member[] {
    return this.#list;
  }

  /** All who are here; more than `members` where the roster is longer than is sent. */
  get total(): number {
    return this.#members.size + this.#unlisted;
  }

  replace({ members, total }: RosterSnapshot): void {
    this.#members.clear();
    for (const member of members) this.#members.set(member.session, member);
    this.#unlisted = Math.max(0, total - members.length);
    this.#relist();
  }

  change({ action, member }: PresenceChanged): void {
    const here = action === 'join' || action === 'state';
    if (here) this.#members.set(member.session, member);
    else if (!this.#members.delete(member.session) && this.#unlisted > 0) this.#unlisted -= 1;
    this.#relist();
  }

  empty(): void {
    if (this.total === 0) return;
    this.#members.clear();
    this.#unlisted = 0;
    this.#relist();
  }

  #relist(): void {
    this.#list = [...this.#members.values()];
  }
}
