import type { Member } from '@portcullis/protocol';
import { useCallback, useSyncExternalStore } from 'react';
import type { ConnectionState } from '../life.ts';
import type { PortcullisError } from '../portcullis-error.ts';
import { useClient } from './provider.ts';

export interface ConnectionView {
  readonly state: ConnectionState;
  /** Why there is no connection. */
  readonly error: PortcullisError | undefined;
  readonly session: string | undefined;
  /** This connection as others see it. */
  readonly self: Member | undefined;
}

/** How the connection stands. */
export function useConnection(): ConnectionView {
  const client = useClient();
  const subscribe = useCallback((changed: () => void) => client.on('state', changed), [client]);
  const state = useSyncExternalStore(
    subscribe,
    () => client.state,
    () => 'closed' as const,
  );
  const { error, session, self } = client;
  return { state, error, session, self };
}
