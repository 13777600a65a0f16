import type { AnyChannels, NameOf, PayloadOf } from '../channel-types.ts';
import type { Client } from '../client.ts';
import { useClient } from './provider.ts';
import { type ChannelView, useChannel } from './use-channel.ts';
import { type ConnectionView, useConnection } from './use-connection.ts';
import { type MessagesView, useMessages } from './use-messages.ts';
import { usePresence } from './use-presence.ts';

export interface Hooks<Channels> {
  useClient(): Client<Channels>;
  useConnection(): ConnectionView;
  useChannel<Name extends NameOf<Channels>>(
    name: Name,
    options?: Parameters<typeof useChannel>[1],
  ): ChannelView<PayloadOf<Channels, Name>>;
  useMessages<Name extends NameOf<Channels>>(
    name: Name,
    options?: Parameters<typeof useMessages>[1],
  ): MessagesView<PayloadOf<Channels, Name>>;
  usePresence(name: NameOf<Channels>): ReturnType<typeof usePresence>;
}

/** The hooks, knowing what travels on an app's channels: `export const { useMessages } = createHooks<Channels>();` */
export function createHooks<Channels = AnyChannels>(): Hooks<Channels> {
  return { useClient, useConnection, useChannel, useMessages, usePresence } as Hooks<Channels>;
}
