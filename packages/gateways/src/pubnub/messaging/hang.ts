import type { Deadlines, Poll, PollAnswer, Timetoken } from '@portcullis/engine';
import type { Answer, Call } from '../http/call.ts';
import type { Waiter } from '../http/open-calls.ts';

export type Hung =
  | { readonly type: 'answered'; readonly answer: PollAnswer }
  | { readonly type: 'nothing'; readonly cursor: Timetoken }
  /** The client went away. */
  | { readonly type: 'gone'; readonly cursor: Timetoken };

export interface Hang {
  readonly poll: Poll;
  /** ms. */
  readonly timeout: number;
  readonly timeouts: Deadlines<HangingCall>;
  /** Puts what came of it into an answer; called once, in the turn in which it came. */
  readonly answer: (hung: Hung) => Answer;
}

/**
 * Waits for the answer to a poll, for the client to go, or for the time to be up, whichever comes first. Leaves nothing
 * behind. Of the call nothing is held.
 */
export function hang(call: Pick<Call, 'waitFor'>, { timeout, ...how }: Hang): Promise<Answer> {
  return new Promise((resolve) => {
    const hanging = new HangingCall(how, resolve);
    hanging.begin();
    if (!hanging.over) call.waitFor(hanging);
    if (!hanging.over) how.timeouts.add(hanging, timeout);
  });
}

/** A call whose poll hangs: there are thousands. */
export class HangingCall implements Waiter {
  readonly #poll: Poll;
  readonly #timeouts: Deadlines<HangingCall>;
  readonly #answer: (hung: Hung) => Answer;
  readonly #resolve: (answer: Answer | Promise<Answer>) => void;
  #over = false;

  constructor({ poll, timeouts, answer }: Omit<Hang, 'timeout'>, resolve: (answer: Answer | Promise<Answer>) => void) {
    this.#poll = poll;
    this.#timeouts = timeouts;
    this.#answer = answer;
    this.#resolve = resolve;
  }

  get over(): boolean {
    return this.#over;
  }

  /** What is there already is answered in this very call. */
  begin(): void {
    this.#poll.onAnswer((answer) => this.#end({ type: 'answered', answer }));
  }

  gone(): void {
    if (!this.#over) this.#end({ type: 'gone', cursor: this.#poll.cancel() });
  }

  /** Its time is up. */
  timedOut(): void {
    if (!this.#over) this.#end({ type: 'nothing', cursor: this.#poll.cancel() });
  }

  #end(hung: Hung): void {
    if (this.#over) return;
    this.#over = true;
    this.#timeouts.remove(this);
    try {
      this.#resolve(this.#answer(hung));
    } catch (error) {
      this.#resolve(Promise.reject(error));
    }
  }
}

/** What a poll says in this very turn: its answer, or else where the reader stands; then it is over. */
export function atOnce(poll: Poll): Exclude<Hung, { readonly type: 'gone' }> {
  let answer: PollAnswer | undefined;
  poll.onAnswer((given) => {
    answer = given;
  });
  return answer === undefined ? { type: 'nothing', cursor: poll.cancel() } : { type: 'answered', answer };
}
