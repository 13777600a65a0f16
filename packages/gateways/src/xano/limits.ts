import type { Limits } from '@portcullis/engine';

/** The bounds this door keeps itself. Sizes in bytes. */
export interface XanoLimits extends Pick<Limits, 'message' | 'messageDepth' | 'pendingCommands'> {
  /**
   * What a connection may send before it has joined its first channel: the bytes of its frames, and 64 more for each.
   * 64 KiB when absent.
   */
  readonly beforeJoin?: number;
}

export const DEFAULT_BEFORE_JOIN = 64 * 1024;
/** What a frame may have beside its payload: action, channel name (255 bytes, escaped), session id, options of others. */
export const ENVELOPE_MAX = 8 * 1024;
