import type { Clock, Log } from '@portcullis/engine';

export interface Repeated {
  readonly clock: Clock;
  readonly log: Log;
  /** Names the task where it fails. */
  readonly name: string;
  readonly every: number;
}

/** Runs the task every so many ms after it last ended, and goes on when it fails. Returns a function that ends it. */
export function repeat({ clock, log, name, every }: Repeated, task: () => Promise<void>): () => void {
  let ended = false;
  let callOff = () => {};
  const arm = () => {
    if (ended) return;
    callOff = clock.after(every, () => {
      task()
        .catch((error: unknown) => log.error('task.failed', { task: name, error }))
        .finally(arm);
    });
  };
  arm();
  return () => {
    ended = true;
    callOff();
  };
}
