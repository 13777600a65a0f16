import type { AnyChannels } from './channel-types.ts';
import { Client } from './client.ts';
import type { WebSocketClass } from './link.ts';
import type { ConnectOptions } from './options.ts';
import { ownError } from './portcullis-error.ts';

/** A client that is on its way to the server. It keeps itself connected until it is closed, or refused for good. */
export function connect<Channels = AnyChannels>(options: ConnectOptions): Client<Channels> {
  const given = options.WebSocket ?? (globalThis as { readonly WebSocket?: WebSocketClass }).WebSocket;
  if (given === undefined) throw ownError('client.no-websocket');
  const client = new Client<Channels>({ ...options, WebSocket: given });
  client.open();
  return client;
}
