import type { ClientMessage, ServerMessage } from '@portcullis/protocol';
import { bytesOf, FIRST_FRAMES } from './link.ts';
import { ownError, type PortcullisError, refusal } from './portcullis-error.ts';

type WithoutId<Message> = Message extends unknown ? Omit<Message, 'id'> : never;
export type Question = WithoutId<ClientMessage>;
export type Answer = Extract<ServerMessage, { readonly id: number } | { readonly type: 'roster' }>;
export type AnswerType = Answer['type'];

interface Ask {
  readonly message: ClientMessage;
  readonly expects: AnswerType;
  readonly since: number;
  said: boolean;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: PortcullisError) => void;
}

/**
 * What was asked and not answered yet, in the order in which it was asked. It outlives connections: all that is asked
 * here may be asked again, for a publication carries its key and everything else says what is to be.
 */
export class Asks {
  readonly #asks = new Map<number, Ask>();
  readonly #nextId: () => number;

  constructor(nextId: () => number) {
    this.#nextId = nextId;
  }

  /** @param say says it now; absent while there is no connection */
  ask<Type extends AnswerType>(
    question: Question,
    expects: Type,
    now: number,
    say: ((message: ClientMessage) => void) | undefined,
  ): Promise<Extract<Answer, { readonly type: Type }>> {
    const message: ClientMessage = { ...question, id: this.#nextId() };
    return new Promise((resolve, reject) => {
      const settle = resolve as (answer: Answer) => void;
      this.#asks.set(message.id, { message, expects, since: now, said: say !== undefined, resolve: settle, reject });
      say?.(message);
    });
  }

  /** Says all of it again, on a new connection. */
  repeat(say: (message: ClientMessage) => void): void {
    for (const ask of this.#asks.values()) {
      ask.said = true;
      say(ask.message);
    }
  }

  /** Whether this was the answer to something here. */
  answer(told: ServerMessage): boolean {
    const ask = this.#askOf(told);
    if (ask === undefined || (told.type !== 'error' && told.type !== ask.expects)) return false;
    // The server goes down: the next one is asked.
    if (told.type === 'error' && told.code === 'session.restarting') return true;
    this.#asks.delete(ask.message.id);
    if (told.type === 'error') ask.reject(refusal(told));
    else ask.resolve(told as Answer);
    return true;
  }

  #askOf(told: ServerMessage): Ask | undefined {
    if ('id' in told && told.id !== undefined) return this.#asks.get(told.id);
    if (told.type !== 'error' || told.code !== 'limit.frameBeforeJoin') return undefined;
    // The server did not read whose frame it was. Frames are small before a channel is joined, but for one message alone in its own.
    for (const ask of this.#asks.values()) {
      if (ask.said && bytesOf(JSON.stringify(ask.message)) > FIRST_FRAMES) return ask;
    }
    return undefined;
  }

  publications(): number {
    let count = 0;
    for (const { message } of this.#asks.values()) if (message.type === 'publish') count += 1;
    return count;
  }

  /** Gives up what was asked before an instant. */
  expire(before: number): void {
    this.#fail(({ since }) => since < before, 'client.unanswered');
  }

  /** Gives up what may have been published, where saying it again could publish it twice. */
  giveUpPublications(): void {
    this.#fail(({ message, said }) => said && message.type === 'publish', 'client.unanswered');
  }

  /** Gives up what was asked of a channel that is left. */
  leave(channel: string): void {
    this.#fail(({ message }) => 'channel' in message && message.channel === channel, 'client.left');
  }

  close(error: PortcullisError): void {
    for (const ask of this.#asks.values()) ask.reject(error);
    this.#asks.clear();
  }

  #fail(fits: (ask: Ask) => boolean, code: 'client.unanswered' | 'client.left'): void {
    for (const [id, ask] of this.#asks) {
      if (!fits(ask)) continue;
      this.#asks.delete(id);
      ask.reject(ownError(code, 'channel' in ask.message ? ask.message.channel : undefined));
    }
  }
}
