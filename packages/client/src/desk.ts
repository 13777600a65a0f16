import type { ClientMessage, Published } from '@portcullis/protocol';
import type { Answer, AnswerType, Question } from './asks.ts';

/** What a channel has of its client. */
export interface Desk {
  readonly connected: boolean;
  readonly canRenew: boolean;
  nextId(): number;
  say(message: ClientMessage): void;
  ask<Type extends AnswerType>(question: Question, expects: Type): Promise<Extract<Answer, { readonly type: Type }>>;
  /** Refused where there is no connection and no room in the queue. */
  publish(question: Question & { readonly type: 'publish' }): Promise<Published>;
  /** A key no other publication has. */
  key(): string;
  /** The token no longer holds; whoever is suspended is joined again once another is in use. */
  renewToken(): void;
  /** Gives up what was asked of a channel. */
  forget(channel: string): void;
  after(ms: number, run: () => void): () => void;
  random(): number;
}
