import type { Channel } from '../channel.ts';
import type { Message } from '../message.ts';
import { type PortcullisError, PortcullisError as Problem } from '../portcullis-error.ts';

export interface ConversationView<Payload> {
  /** Oldest first: what the channel kept, and what was said since. */
  readonly messages: readonly Message<Payload>[];
  /** Whether `loadOlder` may bring more. */
  readonly more: boolean;
  readonly loading: boolean;
  /** Why the history could not be read. A channel that keeps none has an empty one. */
  readonly error: PortcullisError | undefined;
  /** Messages may be missing: the connection was gone for longer than the server remembers. */
  readonly gap: boolean;
}

/** What one component shows of a channel: a page of its history, and all that comes after. */
export class Conversation<Payload> {
  readonly #channel: Channel<Payload>;
  readonly #page: number;
  readonly #keep: number;
  #view: ConversationView<Payload> = { messages: [], more: false, loading: false, error: undefined, gap: false };
  #changed: () => void = () => {};
  #begun = false;

  constructor(channel: Channel<Payload>, { page, keep }: { readonly page: number; readonly keep: number }) {
    this.#channel = channel;
    this.#page = page;
    this.#keep = keep;
  }

  readonly view = (): ConversationView<Payload> => this.#view;

  /** @returns stops listening */
  readonly listen = (changed: () => void): (() => void) => {
    this.#changed = changed;
    const offs = [
      this.#channel.on('message', (message) => this.#add([message])),
      this.#channel.on('gap', () => {
        this.#show({ gap: true });
        void this.#load({});
      }),
      this.#channel.on('state', (state) => state === 'joined' && this.#begin()),
    ];
    if (this.#channel.state === 'joined') this.#begin();
    return () => {
      for (const off of offs) off();
    };
  };

  readonly loadOlder = async (): Promise<void> => {
    const before = this.#view.messages[0]?.timetoken;
    await this.#load(before === undefined ? {} : { before });
  };

  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    if (this.#page > 0) void this.#load({});
  }

  async #load(bound: { readonly before?: string }): Promise<void> {
    if (this.#view.loading) return;
    this.#show({ loading: true });
    try {
      const { messages, more } = await this.#channel.history({ limit: this.#page, ...bound });
      this.#add(messages, 'before' in bound);
      this.#show({ loading: false, more, error: undefined });
    } catch (thrown) {
      const error = thrown instanceof Problem && thrown.code !== 'channel.history-off' ? thrown : undefined;
      this.#show({ loading: false, error });
    }
  }

  /** @param older they were asked for: what is kept grows by them */
  #add(added: readonly Message<Payload>[], older = false): void {
    const known = new Set(this.#view.messages.map(({ timetoken }) => timetoken));
    const fresh = added.filter(({ timetoken }) => !known.has(timetoken));
    if (fresh.length === 0) return;
    const all = [...this.#view.messages, ...fresh].sort((a, b) => (a.timetoken < b.timetoken ? -1 : 1));
    const dropped = older ? 0 : Math.max(0, all.length - Math.max(this.#keep, this.#view.messages.length));
    this.#show({ messages: all.slice(dropped), ...(dropped > 0 ? { more: true } : {}) });
  }

  #show(change: Partial<ConversationView<Payload>>): void {
    this.#view = { ...this.#view, ...change };
    this.#changed();
  }
}
