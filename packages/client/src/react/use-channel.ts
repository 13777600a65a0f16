import { useCallback, useEffect, useSyncExternalStore } from 'react';
import type { Channel } from '../channel.ts';
import type { ChannelState } from '../channel-events.ts';
import type { JoinOptions } from '../channel-options.ts';
import type { PortcullisError } from '../portcullis-error.ts';
import { hold } from './holding.ts';
import { useClient } from './provider.ts';

export interface ChannelView<Payload> {
  readonly channel: Channel<Payload>;
  readonly state: ChannelState;
  /** Why it is lost. */
  readonly error: PortcullisError | undefined;
}

/** Joined for as long as the component is mounted. */
export function useChannel<Payload>(
  name: string,
  { presence = false }: Pick<JoinOptions, 'presence'> = {},
): ChannelView<Payload> {
  const client = useClient<{ '*': Payload }>();
  const channel = client.channel(name) as Channel<Payload>;
  useEffect(() => hold(channel, presence ? { presence } : {}), [channel, presence]);
  const subscribe = useCallback((changed: () => void) => channel.on('state', changed), [channel]);
  const state = useSyncExternalStore(
    subscribe,
    () => channel.state,
    () => 'left' as const,
  );
  return { channel, state, error: channel.error };
}
