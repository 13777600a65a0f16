import type { Audience, Ban, Revocation, Rule } from '@portcullis/policy';
import type { DenialCount, HistoryQuery, Store } from '../ports/store.ts';
import type { Publication, Timetoken } from '../publication.ts';

/** One store of its own for one case, made and put away by the adapter's test. */
export interface StoreHarness {
  readonly store: Store;
  /** Closes the store and opens what it kept; only asked of durable adapters. */
  reopen(): Promise<Store>;
}

export const APP = 'demo';
export const CHANNEL = 'room/1';
export const EVERYONE: Audience = { to: 'everyone', anonymous: true };
/** A timetoken of today: 17 digits, past what a JavaScript number holds exactly. */
export const START: Timetoken = 17_642_345_678_901_237n;

export function privateTo(from: string, to: string): Audience {
  return { to: 'session', session: `session-of-${to}`, from: `session-of-${from}`, pair: [from, to] };
}

/** The n-th message of a channel, n from 1: offset n, timetoken START + n. */
export function message(n: number, changes: Partial<Publication> = {}): Publication {
  return {
    app: APP,
    channel: CHANNEL,
    kind: 'message',
    audience: EVERYONE,
    sender: {
      session: 'session-1',
      user: 'ann',
      table: 7,
      row: 'a-1',
      extras: { name: 'Ann', tags: ['x', null, 1.5] },
    },
    data: `{"n":${n}}`,
    logged: true,
    position: { epoch: 'epoch-1', offset: n },
    timetoken: START + BigInt(n),
    stamp: 3,
    seq: 0,
    ...changes,
  };
}

export async function keepAll(store: Store, publications: readonly Publication[], keep = 100): Promise<void> {
  await Promise.all(publications.map((publication) => store.append({ publication, keep })));
}

/** The first `count` messages of a channel. */
export function messages(count: number, changes: Partial<Publication> = {}): Publication[] {
  return Array.from({ length: count }, (_, index) => message(index + 1, changes));
}

export async function newest(store: Store, query: Partial<HistoryQuery> = {}): Promise<readonly Publication[]> {
  return store.history({ app: APP, channel: CHANNEL, limit: 100, scope: { of: 'channel' }, ...query });
}

export function offsets(items: readonly Publication[]): (number | undefined)[] {
  return items.map((item) => item.position?.offset);
}

export function rule(id: number, target = 'room/*'): Rule {
  return {
    id,
    version: 1,
    target,
    nested: true,
    enabled: true,
    description: 'Rooms — «für alle»',
    anonymousClients: false,
    presence: true,
    publicMessaging: { enabled: true, authenticatedOnly: true },
    authenticatedMessaging: false,
    privateMessaging: { enabled: false, authenticatedOnly: false },
    history: 100,
    origin: 'store',
  };
}

export function ban(id: number, user = 'mallory'): Ban {
  return { id, user, channel: CHANNEL, until: 1_790_000_000_000, reason: 'rude', hold: false };
}

export function revocation(id: number): Revocation {
  return {
    id,
    reason: 'lost phone',
    keepUntil: 1_790_000_000_000,
    type: 'user',
    user: 'ann',
    issuedBefore: 1_764_000_000,
  };
}

export function denial(changes: Partial<DenialCount> = {}): DenialCount {
  return {
    minute: 29_400_000,
    app: APP,
    code: 'channel.no-rule',
    principal: 'anonymous',
    rule: null,
    count: 1,
    ...changes,
  };
}
