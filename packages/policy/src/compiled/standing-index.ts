import type { Credential } from '../principal.ts';
import type { Ban, Revocation } from '../standing.ts';
import { difference } from './difference.ts';
import { LayeredMap } from './layered-map.ts';
import { Revoked, type Watermark } from './revoked.ts';

interface Asked {
  readonly user: string;
  readonly channel: string | undefined;
  readonly now: number;
  /** The request opens a new connection. */
  readonly connecting: boolean;
}

/** Revocations and bans of one app, found by what they name. Another one that differs in little shares the rest. */
export class StandingIndex {
  readonly #revoked: Revoked;
  readonly #all: readonly Ban[];
  /** By user. */
  readonly #bans: LayeredMap<string, readonly Ban[]>;

  private constructor(revoked: Revoked, all: readonly Ban[], bans: LayeredMap<string, readonly Ban[]>) {
    this.#revoked = revoked;
    this.#all = all;
    this.#bans = bans;
  }

  static of(revocations: readonly Revocation[], bans: readonly Ban[]): StandingIndex {
    const byUser = new LayeredMap<string, readonly Ban[]>();
    return new StandingIndex(Revoked.of(revocations), bans, byUser.with(changedBans(byUser, { gone: [], come: bans })));
  }

  /** What other revocations and bans come to. */
  next(revocations: readonly Revocation[], bans: readonly Ban[]): StandingIndex {
    const revoked = this.#revoked.next(revocations);
    if (bans === this.#all) return revoked === this.#revoked ? this : new StandingIndex(revoked, bans, this.#bans);
    const changes = changedBans(this.#bans, difference(this.#all, bans));
    return new StandingIndex(revoked, bans, this.#bans.with(changes));
  }

  /** The id of a revocation that covers the credential as borne by `user` (stated or proven) on `channel`. */
  revokes(credential: Credential, user: string | undefined, channel: string | undefined): number | undefined {
    const { all, tokens, keys, jtis, everything } = this.#revoked;
    if (all.length === 0) return undefined;
    const named =
      tokens.get(credential.id) ??
      keys.get(credential.key) ??
      (credential.jti === undefined ? undefined : jtis.get(credential.jti)) ??
      covers(everything, credential.issuedAt);
    if (named !== undefined || user === undefined) return named;
    return this.revokesUser(user, channel, credential.issuedAt);
  }

  /** As `revokes`, of what was issued to the user at `issuedAt`, in seconds since 1970. */
  revokesUser(user: string, channel: string | undefined, issuedAt: number): number | undefined {
    const { users, userChannels } = this.#revoked;
    const everywhere = covers(users.get(user), issuedAt);
    if (everywhere !== undefined || channel === undefined) return everywhere;
    return covers(userChannels.get(user)?.get(channel), issuedAt);
  }

  /**
   * The ban or hold of the user that is in force at `now`, here or everywhere. A ban goes before a hold. A hold without
   * a channel is what a kick leaves behind: it keeps the user from connecting, and leaves their other connections alone.
   */
  banOf({ user, channel, now, connecting }: Asked): Ban | undefined {
    let hold: Ban | undefined;
    for (const ban of this.#bans.get(user) ?? NONE) {
      if (ban.until !== undefined && now >= ban.until) continue;
      if (ban.channel !== undefined && ban.channel !== channel) continue;
      if (!ban.hold) return ban;
      if (ban.channel !== undefined || connecting) hold = ban;
    }
    return hold;
  }
}

const NONE: readonly Ban[] = [];

interface Bans {
  readonly gone: readonly Ban[];
  readonly come: readonly Ban[];
}

/** The bans of each user for whom they are others. */
function changedBans(before: LayeredMap<string, readonly Ban[]>, { gone, come }: Bans): Map<string, Ban[] | undefined> {
  const left = new Set(gone);
  const changed = new Map<string, Ban[]>();
  for (const { user } of gone)
    changed.set(
      user,
      (before.get(user) ?? NONE).filter((ban) => !left.has(ban)),
    );
  for (const ban of come) {
    const bans = changed.get(ban.user);
    if (bans) bans.push(ban);
    else changed.set(ban.user, [...(before.get(ban.user) ?? NONE), ban]);
  }
  return new Map([...changed].map(([user, bans]) => [user, bans.length === 0 ? undefined : bans]));
}

/** "Issued before" includes its own second. */
function covers(watermark: Watermark | undefined, issuedAt: number): number | undefined {
  return watermark !== undefined && Math.floor(issuedAt) <= watermark.issuedBefore ? watermark.id : undefined;
}
