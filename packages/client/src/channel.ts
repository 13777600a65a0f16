import type { HistoryPage, Item, JsonObject, Member, Position, Published, ServerMessage } from '@portcullis/protocol';
import type { ChannelEvents, ChannelState } from './channel-events.ts';
import type { HistoryOptions, JoinOptions, PublishOptions } from './channel-options.ts';
import { Crowd } from './crowd.ts';
import type { Desk } from './desk.ts';
import { Emitter } from './emitter.ts';
import { Inbox } from './inbox.ts';
import { Membership } from './membership.ts';
import { itemsOf, type Message, messageOf } from './message.ts';
import { type PortcullisError, refusal } from './portcullis-error.ts';

/** How many items an iterator keeps for a reader that is slower. */
const BUFFER = 1_000;

/** One channel, as this client sees it. Got from `client.channel(name)`; the same name is the same object. */
export class Channel<Payload> implements AsyncIterable<Message<Payload>> {
  readonly name: string;
  readonly #desk: Desk;
  readonly #emitter = new Emitter<ChannelEvents<Payload>>();
  readonly #membership: Membership;
  readonly #crowd = new Crowd();
  readonly #inboxes = new Set<Inbox<never>>();

  constructor(name: string, desk: Desk) {
    this.name = name;
    this.#desk = desk;
    this.#membership = new Membership(name, desk, (event, value) => this.#emitter.emit(event, value as never));
  }

  get state(): ChannelState {
    return this.#membership.state;
  }

  /** Why it is lost. */
  get error(): PortcullisError | undefined {
    return this.#membership.error;
  }

  /** Who is here, for a join with `presence`. The same array until somebody comes, goes or changes. */
  get members(): readonly Member[] {
    return this.#crowd.members;
  }

  /** The last position seen. */
  get position(): Position | null {
    return this.#membership.place.position;
  }

  /** Resolves once joined; waits for a connection where there is none. Rejects when refused. */
  join(options: JoinOptions = {}): Promise<void> {
    return this.#membership.join(options);
  }

  leave(): Promise<void> {
    this.#crowd.empty();
    const left = this.#membership.leave();
    this.#endInboxes();
    return left;
  }

  /** Resolves once the message has its place, and is on disk where the channel keeps history. */
  publish(data: Payload, { to, meta, key = this.#desk.key() }: PublishOptions = {}): Promise<Published> {
    return this.#desk.publish({
      type: 'publish',
      channel: this.name,
      data: data as never,
      key,
      ...(to === undefined ? {} : { to }),
      ...(meta === undefined ? {} : { meta }),
    });
  }

  /** A page of what was said, oldest first; the newest without bounds. */
  async history(options: HistoryOptions = {}): Promise<{ messages: Message<Payload>[]; more: boolean }> {
    const page = await this.#desk.ask({ type: 'history', channel: this.name, ...options }, 'history');
    return { messages: page.messages.map((item) => messageOf<Payload>(this.name, item, true)), more: page.more };
  }

  async roster(): Promise<{ members: readonly Member[]; total: number }> {
    const { members, total } = await this.#desk.ask({ type: 'roster', channel: this.name }, 'roster');
    return { members, total };
  }

  /** What others see of oneself in the roster, also after a reconnect; `null` takes it back. */
  async setState(state: JsonObject | null): Promise<void> {
    this.#membership.ownState = state;
    if (this.state === 'joined') await this.#desk.ask({ type: 'state', channel: this.name, state }, 'state');
  }

  /** @returns takes the listener off again */
  on<Name extends keyof ChannelEvents<Payload>>(
    event: Name,
    listener: (value: ChannelEvents<Payload>[Name]) => void,
  ): () => void {
    return this.#emitter.on(event, listener);
  }

  /**
   * What happens from now on, one at a time. Ends when the channel is left; throws when it is lost, or when the reader is
   * so slow that more than `buffer` items wait.
   */
  stream<Name extends 'message' | 'presence'>(
    event: Name,
    { buffer = BUFFER }: { readonly buffer?: number } = {},
  ): AsyncIterableIterator<ChannelEvents<Payload>[Name]> {
    let off = () => {};
    const inbox = new Inbox<ChannelEvents<Payload>[Name]>(buffer, this.name, () => {
      off();
      this.#inboxes.delete(inbox as never);
    });
    off = this.on(event, (value) => inbox.push(value));
    this.#inboxes.add(inbox as never);
    return inbox;
  }

  /** The messages from now on, as by `stream('message')`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Message<Payload>> {
    return this.stream('message');
  }

  /** @internal What the client has to tell. */
  hears(message: ServerMessage): void {
    switch (message.type) {
      case 'joined':
        this.#membership.joined(message);
        return;
      case 'history':
        this.#page(message);
        return;
      case 'messages':
        // What a join asked for comes before anything live.
        this.#membership.place.caughtUp();
        for (const item of itemsOf(message)) this.#receive(item, message.epoch, false);
        return;
      case 'roster':
        this.#crowd.replace(message);
        this.#tellRoster();
        return;
      case 'presence': {
        this.#crowd.change(message);
        const { type: _, ...presence } = message;
        this.#emitter.emit('presence', presence);
        this.#tellRoster();
        return;
      }
      case 'lost': {
        const error = message.what === 'channel' ? this.#membership.lost(message) : refusal(message);
        if (error) this.#lost(message.what, error);
        return;
      }
      case 'error':
        if (this.#membership.refused(message) && this.error) this.#lost('channel', this.error);
    }
  }

  /** @internal */
  connected(): void {
    this.#membership.connected();
  }

  /** @internal */
  disconnected(): void {
    this.#membership.disconnected();
  }

  /** @internal */
  closed(error: PortcullisError): void {
    this.#crowd.empty();
    this.#membership.closed(error);
    this.#endInboxes(error.code === 'client.closed' ? undefined : error);
  }

  #page({ join, messages, more }: HistoryPage): void {
    if (!join) return;
    for (const item of messages) this.#receive(item, undefined, true);
    if (!more) this.#membership.place.caughtUp();
  }

  #receive(item: Item, epoch: string | undefined, replayed: boolean): void {
    if (this.state !== 'joined' || !this.#membership.place.passes(item, epoch)) return;
    this.#emitter.emit('message', messageOf<Payload>(this.name, item, replayed));
  }

  #lost(what: 'channel' | 'presence', error: PortcullisError): void {
    this.#crowd.empty();
    if (what === 'presence') this.#emitter.emit('lost', { what, error });
    else this.#endInboxes(error);
    this.#tellRoster();
  }

  #tellRoster(): void {
    const { members, total } = this.#crowd;
    this.#emitter.emit('roster', { members, total });
  }

  #endInboxes(error?: PortcullisError): void {
    for (const inbox of this.#inboxes) inbox.end(error);
  }
}
