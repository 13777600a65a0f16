import type { Limits } from '@portcullis/engine';

/** The bounds this door keeps itself. Sizes in bytes, times in ms. */
export interface NativeLimits extends Pick<Limits, 'message' | 'messageDepth' | 'pendingCommands' | 'joinTimeout'> {
  /** What a connection may send before it has joined its first channel: the bytes of its frames, and 64 more for each. */
  readonly beforeJoin: number;
  /** One frame between `connect` and the first channel; a single join always fits. */
  readonly frameBeforeJoin: number;
  /** One frame; a single message and what goes with it always fit. */
  readonly frame: number;
  /** Messages of one frame. */
  readonly commandsPerFrame: number;
  /** What is said beside a payload, as JSON. */
  readonly meta: number;
  /** What a client says of itself in a roster, as JSON. */
  readonly state: number;
  /** Channels of one event stream. */
  readonly channelsPerStream: number;
  /** One token as text. */
  readonly token: number;
}

/** What a message may have beside its payload: type, channel name (255 bytes, escaped), key, receiver. */
const ENVELOPE = 8 * 1024;

/** Bytes of one frame that are taken. */
export function frameMax({ frame, message, meta }: NativeLimits): number {
  return Math.max(frame, message + meta + ENVELOPE);
}

/** What a `connect` has beside its token, and a join beside its state. */
const SMALL_ENVELOPE = 2 * 1024;

/** Bytes of a frame that are taken before `connect` is answered. */
export function largestConnect(limits: NativeLimits): number {
  return Math.max(largestJoin(limits), limits.token + SMALL_ENVELOPE);
}

/** Bytes of a frame that are taken between `connect` and the first channel. */
export function largestJoin({ frameBeforeJoin, state }: NativeLimits): number {
  return Math.max(frameBeforeJoin, state + SMALL_ENVELOPE);
}
