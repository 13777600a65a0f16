import type { Channel } from '../channel.ts';
import type { JoinOptions } from '../channel-options.ts';

const holders = new WeakMap<object, number>();

/**
 * Joins for as long as anybody holds. A channel is left a moment after its last holder let go, so that a component that is
 * mounted again at once (as in strict mode, or on another page) does not leave and come back.
 *
 * @returns lets go
 */
export function hold(channel: Pick<Channel<unknown>, 'join' | 'leave'>, options: JoinOptions): () => void {
  holders.set(channel, (holders.get(channel) ?? 0) + 1);
  // Whether it was refused is read from its state.
  channel.join(options).catch(() => {});
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    holders.set(channel, (holders.get(channel) ?? 1) - 1);
    setTimeout(() => {
      if (holders.get(channel) === 0) void channel.leave();
    }, 0);
  };
}
