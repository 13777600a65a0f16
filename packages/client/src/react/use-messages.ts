import type { Published } from '@portcullis/protocol';
import { useCallback, useMemo, useSyncExternalStore } from 'react';
import type { PublishOptions } from '../channel-options.ts';
import { Conversation, type ConversationView } from './conversation.ts';
import { useChannel } from './use-channel.ts';

export interface MessagesView<Payload> extends ConversationView<Payload> {
  loadOlder(): Promise<void>;
  publish(data: Payload, options?: PublishOptions): Promise<Published>;
}

/**
 * What is said in a channel: `page` messages of its history, and all that come while the component is mounted, the newest
 * `keep` of them.
 */
export function useMessages<Payload>(
  name: string,
  { page = 50, keep = 500 }: { readonly page?: number; readonly keep?: number } = {},
): MessagesView<Payload> {
  const { channel } = useChannel<Payload>(name);
  const conversation = useMemo(() => new Conversation(channel, { page, keep }), [channel, page, keep]);
  const view = useSyncExternalStore(conversation.listen, conversation.view, conversation.view);
  const publish = useCallback((data: Payload, options?: PublishOptions) => channel.publish(data, options), [channel]);
  return { ...view, loadOlder: conversation.loadOlder, publish };
}
