import type { Broker } from '../ports/broker.ts';
import type { Draft, Publication } from '../publication.ts';
import { check } from './check.ts';

/** One broker of its own for one case, made by the adapter's test; its clock stands still unless the case moves it. */
export interface BrokerHarness {
  readonly broker: Broker;
  /** Sets the clock that timetokens are made from: ms since 1970, forwards or backwards. */
  setTime(ms: number): void;
  /** Resolves when all that was published so far has been handed to the receiver, as far as it may be. */
  settled(): Promise<void>;
}

export const APP = 'demo';
export const CHANNEL = 'room/1';
/** In 2025. */
export const NOW = 1_764_000_000_000;

export function draft(changes: Partial<Draft> = {}): Draft {
  return {
    app: APP,
    channel: CHANNEL,
    kind: 'message',
    audience: { to: 'everyone', anonymous: true },
    sender: null,
    data: '"hello"',
    logged: true,
    ...changes,
  };
}

/** Appends under the epoch; a `'stale'` here is a failure of the case. */
export async function placed(broker: Broker, changes: Partial<Draft> = {}, epoch = 0): Promise<Publication> {
  const publication = await broker.append(draft(changes), epoch);
  check(publication !== 'stale', `a draft decided under epoch ${epoch} is not stale`);
  if (publication === 'stale') throw new Error('unreachable');
  return publication;
}

/** Collects what the one receiver is handed. */
export function received(broker: Broker): Publication[] {
  const items: Publication[] = [];
  broker.onPublication((publication) => items.push(publication));
  return items;
}

export function numbers(items: readonly Publication[]): number[] {
  return items.map((item) => item.seq);
}
