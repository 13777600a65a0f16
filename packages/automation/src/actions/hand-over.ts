import type { Clock } from '@portcullis/engine';
import type { Parcel } from './envelope/parcel.ts';
import { failed, type Sender, type Sent } from './send/sender.ts';

interface Attempt {
  readonly clock: Clock;
  /** ms. */
  readonly timeout: number;
  /** Aborted when the server stops. */
  readonly stop: AbortSignal;
}

/** One attempt, within its time also where the client does not look at it. Never rejects. */
export async function handOver(sender: Sender, parcel: Parcel, { clock, timeout, stop }: Attempt): Promise<Sent> {
  const aborter = new AbortController();
  const onStop = () => aborter.abort();
  let cancel = () => {};
  const late = new Promise<Sent>((resolve) => {
    cancel = clock.after(timeout, () => {
      resolve(failed(`no answer within ${timeout} ms`));
      aborter.abort();
    });
    aborter.signal.addEventListener('abort', () => resolve(failed('the server is stopping')));
  });
  stop.addEventListener('abort', onStop);
  if (stop.aborted) aborter.abort();
  try {
    return await Promise.race([sender.send(parcel, aborter.signal), late]);
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  } finally {
    cancel();
    stop.removeEventListener('abort', onStop);
  }
}
