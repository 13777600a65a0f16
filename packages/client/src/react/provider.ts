import { createContext, createElement, type ReactElement, type ReactNode, useContext } from 'react';
import type { Client } from '../client.ts';

/** What a client is, whatever travels on its channels. */
type AnyClient = Pick<Client, 'state' | 'error' | 'session' | 'self' | 'on' | 'connected' | 'close'>;

const Context = createContext<AnyClient | null>(null);

/** Lends a client to all below. It is made outside, by `connect()`, and closed by whoever made it. */
export function PortcullisProvider(props: { readonly client: AnyClient; readonly children?: ReactNode }): ReactElement {
  const { client, children } = props;
  return createElement(Context.Provider, { value: client }, children);
}

export function useClient<Channels>(): Client<Channels> {
  const client = useContext(Context);
  if (client === null) throw new Error('There is no client here: put <PortcullisProvider client={…}> around it.');
  return client as Client<Channels>;
}
