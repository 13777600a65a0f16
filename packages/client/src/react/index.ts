export { createHooks, type Hooks } from './hooks.ts';
export { PortcullisProvider, useClient } from './provider.ts';
export { type ChannelView, useChannel } from './use-channel.ts';
export { type ConnectionView, useConnection } from './use-connection.ts';
export { type MessagesView, useMessages } from './use-messages.ts';
export { usePresence } from './use-presence.ts';
