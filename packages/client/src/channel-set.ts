import type { ServerMessage } from '@portcullis/protocol';
import { Channel } from './channel.ts';
import type { Desk } from './desk.ts';
import type { PortcullisError } from './portcullis-error.ts';

/** As many channels are joined before the first has answered: until then a server takes only so much. */
const AT_FIRST = 100;

/** All channels of a client, and how they come back together. */
export class ChannelSet {
  readonly #channels = new Map<string, Channel<unknown>>();
  #goOn: (() => void) | undefined;

  of(name: string, desk: Desk): Channel<unknown> {
    const known = this.#channels.get(name);
    if (known) return known;
    const channel = new Channel<unknown>(name, desk);
    this.#channels.set(name, channel);
    return channel;
  }

  /** There is a connection. @param done every join was said */
  connected(done: () => void): void {
    this.#join([...this.#channels.values()], done);
  }

  /** There is another token: whoever lost a channel with the last one is joined again. */
  renewed(): void {
    for (const channel of this.#channels.values()) channel.connected();
  }

  disconnected(): void {
    this.#goOn = undefined;
    for (const channel of this.#channels.values()) channel.disconnected();
  }

  closed(error: PortcullisError): void {
    for (const channel of this.#channels.values()) channel.closed(error);
  }

  hears(message: ServerMessage & { readonly channel?: string }): void {
    if (message.channel !== undefined) this.#channels.get(message.channel)?.hears(message);
    if (message.type === 'joined' || message.type === 'error') this.#goOn?.();
  }

  #join(channels: readonly Channel<unknown>[], done: () => void): void {
    for (const channel of channels.slice(0, AT_FIRST)) channel.connected();
    const rest = channels.slice(AT_FIRST);
    this.#goOn = rest.length === 0 ? undefined : () => this.#join(rest, done);
    if (rest.length === 0) done();
  }
}
