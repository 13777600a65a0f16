export type {
  Item,
  Json,
  JsonObject,
  Member,
  Position,
  Published,
  Sender,
  Timetoken,
  To,
} from '@portcullis/protocol';
export type { Backoff } from './backoff.ts';
export type { Channel } from './channel.ts';
export type * from './channel-events.ts';
export type * from './channel-options.ts';
export type * from './channel-types.ts';
export type { Client, ClientEvents } from './client.ts';
export { connect } from './connect.ts';
export type { ConnectionState } from './life.ts';
export type { WebSocketClass } from './link.ts';
export type { Message } from './message.ts';
export type { ConnectOptions, TokenReason } from './options.ts';
export { PortcullisError } from './portcullis-error.ts';
export type { Ports } from './ports.ts';
