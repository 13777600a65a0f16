import type { Clock, Poll, PollAnswer, Timetoken } from '@portcullis/engine';

export type Hung =
  | { readonly type: 'answered'; readonly answer: PollAnswer }
  | { readonly type: 'nothing'; readonly cursor: Timetoken }
  /** The client went away. */
  | { readonly type: 'gone'; readonly cursor: Timetoken };

/** Waits for the answer to a poll, for the client to go, or for `timeout` ms, whichever comes first. Leaves nothing behind. */
export function hang(poll: Poll, clock: Clock, timeout: number, signal: AbortSignal): Promise<Hung> {
  return new Promise((resolve) => {
    let stopTimer: () => void = () => {};
    let over = false;
    const end = (hung: Hung): void => {
      if (over) return;
      over = true;
      stopTimer();
      signal.removeEventListener('abort', gone);
      resolve(hung);
    };
    const gone = (): void => end({ type: 'gone', cursor: poll.cancel() });
    poll.onAnswer((answer) => end({ type: 'answered', answer }));
    if (over) return;
    if (signal.aborted) {
      gone();
      return;
    }
    signal.addEventListener('abort', gone, { once: true });
    stopTimer = clock.after(timeout, () => end({ type: 'nothing', cursor: poll.cancel() }));
  });
}

/** What a poll says in this very turn: its answer, or else where the reader stands; then it is over. */
export function atOnce(poll: Poll): Exclude<Hung, { readonly type: 'gone' }> {
  let answer: PollAnswer | undefined;
  poll.onAnswer((given) => {
    answer = given;
  });
  return answer === undefined ? { type: 'nothing', cursor: poll.cancel() } : { type: 'answered', answer };
}
