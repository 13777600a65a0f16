/** A named list of channels, subscribed to as one. May be empty. */
export interface ChannelGroup {
  readonly group: string;
  readonly channels: readonly string[];
}

/**
 * Groups decide who receives what, so they are written by `Store.commit` under a policy epoch, and are read with the
 * app. A put replaces the group whole.
 */
export type GroupChange =
  | ({ readonly type: 'group.put' } & ChannelGroup)
  | { readonly type: 'group.delete'; readonly group: string };
