import type { Revocation } from '../standing.ts';
import { difference } from './difference.ts';
import { LayeredMap } from './layered-map.ts';

/** What was issued in this second or before is covered by the revocation with this id. */
export interface Watermark {
  readonly id: number;
  readonly issuedBefore: number;
}

/** With more that are gone, or come, all is put together again: that costs no more. */
const MOST_GONE = 8;
const MOST_COME = 64;

type ByChannel = ReadonlyMap<string, Watermark>;

/** Revocations by what they name. Immutable; one with a few others shares the rest. */
export class Revoked {
  readonly all: readonly Revocation[];
  readonly tokens: LayeredMap<string, number>;
  readonly keys: LayeredMap<string, number>;
  readonly jtis: LayeredMap<string, number>;
  readonly users: LayeredMap<string, Watermark>;
  readonly userChannels: LayeredMap<string, ByChannel>;
  readonly everything: Watermark | undefined;

  private constructor(all: readonly Revocation[], before: Revoked | undefined, changes: Changes) {
    this.all = all;
    this.tokens = after(before?.tokens, changes.tokens);
    this.keys = after(before?.keys, changes.keys);
    this.jtis = after(before?.jtis, changes.jtis);
    this.users = after(before?.users, changes.users);
    this.userChannels = after(before?.userChannels, changes.userChannels);
    this.everything = changes.everything;
  }

  static of(all: readonly Revocation[]): Revoked {
    const changes = new Changes(undefined);
    for (const revocation of all) changes.add(revocation);
    return new Revoked(all, undefined, changes);
  }

  /** What other revocations come to. */
  next(all: readonly Revocation[]): Revoked {
    if (all === this.all) return this;
    const { gone, come } = difference(this.all, all);
    if (gone.length === 0 && come.length === 0) return this;
    if (gone.length > MOST_GONE || come.length > MOST_COME) return Revoked.of(all);
    const changes = new Changes(this);
    for (const revocation of gone) changes.forget(revocation);
    // What else names the same is looked for once, among all.
    if (gone.length > 0) for (const revocation of all) if (changes.forgot(revocation)) changes.add(revocation);
    for (const revocation of come) changes.add(revocation);
    return new Revoked(all, this, changes);
  }
}

function after<V>(before: LayeredMap<string, V> | undefined, changes: Map<string, V | undefined>) {
  return before?.with(changes) ?? new LayeredMap<string, V>(changes as Map<string, V>);
}

/** What is different from before, by what is named. */
class Changes {
  readonly #before: Revoked | undefined;
  readonly tokens = new Map<string, number | undefined>();
  readonly keys = new Map<string, number | undefined>();
  readonly jtis = new Map<string, number | undefined>();
  readonly users = new Map<string, Watermark | undefined>();
  readonly userChannels = new Map<string, ByChannel | undefined>();
  everything: Watermark | undefined;
  readonly #forgotten = new Set<string>();

  constructor(before: Revoked | undefined) {
    this.#before = before;
    this.everything = before?.everything;
  }

  add(revocation: Revocation): void {
    switch (revocation.type) {
      case 'token':
        this.tokens.set(revocation.token, revocation.id);
        return;
      case 'key':
        this.keys.set(revocation.key, revocation.id);
        return;
      case 'jti':
        this.jtis.set(revocation.jti, revocation.id);
        return;
      case 'user': {
        const { user } = revocation;
        const known = this.users.has(user) ? this.users.get(user) : this.#before?.users.get(user);
        this.users.set(user, later(known, revocation));
        return;
      }
      case 'user-channel': {
        const channels = new Map(this.#channelsOf(revocation.user));
        channels.set(revocation.channel, later(channels.get(revocation.channel), revocation));
        this.userChannels.set(revocation.user, channels);
        return;
      }
      case 'issued-before':
        this.everything = later(this.everything, revocation);
        return;
    }
  }

  /** Nothing is known any more of what it names. */
  forget(revocation: Revocation): void {
    this.#forgotten.add(subjectOf(revocation));
    switch (revocation.type) {
      case 'token':
        this.tokens.set(revocation.token, undefined);
        return;
      case 'key':
        this.keys.set(revocation.key, undefined);
        return;
      case 'jti':
        this.jtis.set(revocation.jti, undefined);
        return;
      case 'user':
        this.users.set(revocation.user, undefined);
        return;
      case 'user-channel': {
        const channels = new Map(this.#channelsOf(revocation.user));
        channels.delete(revocation.channel);
        this.userChannels.set(revocation.user, channels.size === 0 ? undefined : channels);
        return;
      }
      case 'issued-before':
        this.everything = undefined;
        return;
    }
  }

  forgot(revocation: Revocation): boolean {
    return this.#forgotten.has(subjectOf(revocation));
  }

  #channelsOf(user: string): ByChannel {
    const known = this.userChannels.has(user) ? this.userChannels.get(user) : this.#before?.userChannels.get(user);
    return known ?? new Map();
  }
}

function subjectOf(revocation: Revocation): string {
  switch (revocation.type) {
    case 'token':
      return `token ${revocation.token}`;
    case 'key':
      return `key ${revocation.key}`;
    case 'jti':
      return `jti ${revocation.jti}`;
    case 'user':
      return `user ${revocation.user}`;
    case 'user-channel':
      return `channel ${JSON.stringify([revocation.user, revocation.channel])}`;
    case 'issued-before':
      return 'everything';
  }
}

function later(known: Watermark | undefined, { id, issuedBefore }: Watermark): Watermark {
  return known !== undefined && known.issuedBefore >= issuedBefore ? known : { id, issuedBefore };
}
