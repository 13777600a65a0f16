import type { Member, Position, PresenceChanged } from '@portcullis/protocol';
import type { Message } from './message.ts';
import type { PortcullisError } from './portcullis-error.ts';

/**
 * - `left`: not joined, and not to be.
 * - `joining`: to be joined, as soon as there is a connection and the server says yes.
 * - `joined`
 * - `lost`: refused, or taken away; `error` says why. It is not joined again until somebody asks.
 */
export type ChannelState = 'left' | 'joining' | 'joined' | 'lost';

export interface ChannelEvents<Payload> {
  message: Message<Payload>;
  /** Somebody came, went or changed their state. */
  presence: Omit<PresenceChanged, 'type'>;
  /** Who is here, whenever that changes. */
  roster: { readonly members: readonly Member[]; readonly total: number };
  /** The channel was taken away (`what: 'channel'`), or the right to see who is here. */
  lost: { readonly what: 'channel' | 'presence'; readonly error: PortcullisError };
  /** What was said between these positions may be missing: the server no longer has it. */
  gap: { readonly from: Position; readonly to: Position | null };
  state: ChannelState;
}
