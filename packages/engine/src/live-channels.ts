import { compileTarget, matchesCompiled, type Target } from '@portcullis/policy';
import type { Channel } from './channel.ts';

/** Names are found by so many of their first characters. */
const HEAD = 12;

/** The channels of an app that somebody is in, also by the literal prefix of a target. */
export class LiveChannels extends Map<string, Channel> {
  readonly #heads = new Map<string, Set<Channel>>();

  override set(name: string, channel: Channel): this {
    this.#unlist(name);
    const head = name.slice(0, HEAD);
    const heads = this.#heads.get(head);
    if (heads) heads.add(channel);
    else this.#heads.set(head, new Set([channel]));
    return super.set(name, channel);
  }

  override delete(name: string): boolean {
    this.#unlist(name);
    return super.delete(name);
  }

  /** Those whose names the target matches. */
  *under(target: Target): Iterable<Channel> {
    if (!target.nested) {
      const channel = this.get(target.target);
      if (channel) yield channel;
      return;
    }
    const compiled = compileTarget(target);
    for (const channels of this.#beginningWith(compiled.prefix)) {
      for (const channel of channels) if (matchesCompiled(compiled, channel.name)) yield channel;
    }
  }

  *#beginningWith(prefix: string): Iterable<Set<Channel>> {
    const head = prefix.slice(0, HEAD);
    const exact = this.#heads.get(head);
    // A name as short as its head is all of it.
    if (prefix.length >= HEAD) {
      if (exact) yield exact;
      return;
    }
    for (const [known, channels] of this.#heads) if (known.startsWith(head)) yield channels;
  }

  #unlist(name: string): void {
    const channel = this.get(name);
    const head = name.slice(0, HEAD);
    const heads = this.#heads.get(head);
    if (!channel || !heads) return;
    heads.delete(channel);
    if (heads.size === 0) this.#heads.delete(head);
  }
}
