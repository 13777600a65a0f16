import type { Json } from '@portcullis/protocol';

/**
 * Payload types by channel pattern, as an app declares them:
 *
 *     interface Channels { 'chatroom/*': Chat; board: Cursor }
 *     connect<Channels>({ … }).channel('chatroom/1')   // Channel<Chat>
 *
 * A `*` stands for any characters. Without a declaration every name is a channel of JSON.
 */
export interface AnyChannels {
  '*': Json;
}

type Template<Pattern extends string> = Pattern extends `${infer Head}*${infer Tail}`
  ? `${Head}${string}${Template<Tail>}`
  : Pattern;

/** The names that some pattern of `Channels` covers. */
export type NameOf<Channels> = Template<keyof Channels & string>;

/** What travels on the channel: of an exact name its own type, otherwise that of the patterns which match. */
export type PayloadOf<Channels, Name extends string> = Name extends keyof Channels
  ? Channels[Name]
  : {
      [Pattern in keyof Channels & string]: Name extends Template<Pattern> ? Channels[Pattern] : never;
    }[keyof Channels & string];
