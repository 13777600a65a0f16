import type { Credential } from '../principal.ts';
import type { Ban, Revocation } from '../standing.ts';

interface Watermark {
  readonly id: number;
  readonly issuedBefore: number;
}

interface Asked {
  readonly user: string;
  readonly channel: string | undefined;
  readonly now: number;
  /** The request opens a new connection. */
  readonly connecting: boolean;
}

/** Revocations and bans of one app, found by what they name. */
export class StandingIndex {
  readonly revocations: readonly Revocation[];
  readonly bans: readonly Ban[];
  readonly #tokens = new Map<string, number>();
  readonly #keys = new Map<string, number>();
  readonly #jtis = new Map<string, number>();
  readonly #users = new Map<string, Watermark>();
  readonly #userChannels = new Map<string, Map<string, Watermark>>();
  #everything: Watermark | undefined;
  readonly #bans = new Map<string, Ban[]>();

  constructor(revocations: readonly Revocation[], bans: readonly Ban[]) {
    this.revocations = revocations;
    this.bans = bans;
    for (const revocation of revocations) this.#add(revocation);
    for (const ban of bans) {
      const others = this.#bans.get(ban.user);
      if (others === undefined) this.#bans.set(ban.user, [ban]);
      else others.push(ban);
    }
  }

  /** The id of a revocation that covers the credential as borne by `user` (stated or proven) on `channel`. */
  revokes(credential: Credential, user: string | undefined, channel: string | undefined): number | undefined {
    if (this.revocations.length === 0) return undefined;
    const named =
      this.#tokens.get(credential.id) ??
      this.#keys.get(credential.key) ??
      (credential.jti === undefined ? undefined : this.#jtis.get(credential.jti)) ??
      covers(this.#everything, credential.issuedAt);
    if (named !== undefined || user === undefined) return named;
    return this.revokesUser(user, channel, credential.issuedAt);
  }

  /** As `revokes`, of what was issued to the user at `issuedAt`, in seconds since 1970. */
  revokesUser(user: string, channel: string | undefined, issuedAt: number): number | undefined {
    const everywhere = covers(this.#users.get(user), issuedAt);
    if (everywhere !== undefined || channel === undefined) return everywhere;
    return covers(this.#userChannels.get(user)?.get(channel), issuedAt);
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

  #add(revocation: Revocation): void {
    switch (revocation.type) {
      case 'token':
        this.#tokens.set(revocation.token, revocation.id);
        return;
      case 'key':
        this.#keys.set(revocation.key, revocation.id);
        return;
      case 'jti':
        this.#jtis.set(revocation.jti, revocation.id);
        return;
      case 'user':
        this.#users.set(revocation.user, later(this.#users.get(revocation.user), revocation));
        return;
      case 'user-channel': {
        const channels = this.#userChannels.get(revocation.user) ?? new Map<string, Watermark>();
        channels.set(revocation.channel, later(channels.get(revocation.channel), revocation));
        this.#userChannels.set(revocation.user, channels);
        return;
      }
      case 'issued-before':
        this.#everything = later(this.#everything, revocation);
        return;
    }
  }
}

const NONE: readonly Ban[] = [];

/** "Issued before" includes its own second. */
function covers(watermark: Watermark | undefined, issuedAt: number): number | undefined {
  return watermark !== undefined && Math.floor(issuedAt) <= watermark.issuedBefore ? watermark.id : undefined;
}

function later(known: Watermark | undefined, { id, issuedBefore }: Watermark): Watermark {
  return known !== undefined && known.issuedBefore >= issuedBefore ? known : { id, issuedBefore };
}
