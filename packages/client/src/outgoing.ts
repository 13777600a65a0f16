import type { ClientMessage, Connected, Published } from '@portcullis/protocol';
import { type Answer, type AnswerType, Asks, type Question } from './asks.ts';
import type { Connection } from './connection.ts';
import { bytesOf } from './link.ts';
import type { ConnectOptions } from './options.ts';
import { ownError, tooLarge } from './portcullis-error.ts';
import type { Ports } from './ports.ts';

const RETRY_FOR = 5 * 60_000;

/** What is asked of the server, or refused because it cannot be asked now. What was asked outlasts the connection. */
export class Outgoing {
  readonly asks: Asks;
  /** While there is a connection, and every channel has been asked for on it. */
  #welcome: Connected | undefined;
  readonly #queue: number;
  readonly #retryFor: number;
  readonly #ports: Ports;
  readonly #connection: Connection;

  constructor(
    { queue = 0, retryFor = RETRY_FOR }: ConnectOptions,
    ports: Ports,
    around: { readonly nextId: () => number; readonly connection: Connection },
  ) {
    this.asks = new Asks(around.nextId);
    this.#queue = queue;
    this.#retryFor = retryFor;
    this.#ports = ports;
    this.#connection = around.connection;
  }

  ask<Type extends AnswerType>(question: Question, expects: Type): Promise<Extract<Answer, { type: Type }>> {
    const { state, error } = this.#connection;
    if (state === 'closed') return Promise.reject(error ?? ownError('client.closed'));
    return this.asks.ask(question, expects, this.#ports.now(), this.#welcome && this.#say);
  }

  publish(question: Question & { readonly type: 'publish' }): Promise<Published> {
    const { channel, data } = question;
    const max = this.#welcome?.maxMessage;
    if (max !== undefined && bytesOf(JSON.stringify(data) ?? '') > max) return Promise.reject(tooLarge(channel, max));
    const waits = !this.#welcome && this.#connection.state !== 'closed';
    if (waits && this.asks.publications() >= this.#queue) {
      return Promise.reject(ownError(this.#queue > 0 ? 'client.queue-full' : 'client.offline', channel));
    }
    return this.ask(question, 'published');
  }

  /** On a new connection, behind the joins: all that was not answered is said again, unless it is too old. */
  begin(welcome: Connected): void {
    this.#welcome = welcome;
    this.expire();
    this.asks.repeat(this.#say);
  }

  stop(): void {
    // The server knows the keys of a proven user on every connection, those of others on one alone.
    if (this.#welcome?.authenticated === false) this.asks.giveUpPublications();
    this.#welcome = undefined;
  }

  expire(): void {
    this.asks.expire(this.#ports.now() - this.#retryFor);
  }

  readonly #say = (message: ClientMessage): void => this.#connection.say(message);
}
