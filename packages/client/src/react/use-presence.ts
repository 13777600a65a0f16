import type { Member } from '@portcullis/protocol';
import { useCallback, useSyncExternalStore } from 'react';
import { useChannel } from './use-channel.ts';

const NOBODY: readonly Member[] = [];

/** Who is in the channel, kept up to date. Empty where the rule does not share it. */
export function usePresence(name: string): readonly Member[] {
  const { channel } = useChannel(name, { presence: true });
  const subscribe = useCallback((changed: () => void) => channel.on('roster', changed), [channel]);
  return useSyncExternalStore(
    subscribe,
    () => channel.members,
    () => NOBODY,
  );
}
