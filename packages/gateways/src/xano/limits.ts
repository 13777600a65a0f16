import type { Limits } from '@portcullis/engine';

/** The bounds this door keeps itself. Sizes in bytes. */
export interface XanoLimits extends Pick<Limits, 'message' | 'messageDepth' | 'pendingCommands'> {
  /**
   * What a connection may send before it has joined its first channel: the bytes of its frames, and 64 more for each.
   * 64 KiB when absent.
   */
  readonly beforeJoin?: number;
  /** One frame before that; a larger one is refused unread. 4 KiB when absent, more than any join has. */
  readonly frameBeforeJoin?: number;
}

export const DEFAULT_FRAME_BEFORE_JOIN = 4 * 1024;
/** What a frame may have beside its payload: action, channel name (255 bytes, escaped), session id, options of others. */
export const ENVELOPE_MAX = 8 * 1024;
