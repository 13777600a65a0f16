import type { Action, Publication, RangeBounds } from '@portcullis/engine';
import type { Decision, Operation } from '@portcullis/policy';
import { type Ask, type Asker, decideFor, refusedAny } from '../ask/ask.ts';
import { refusal } from '../http/answers.ts';
import type { Answer, Call, PubNubDeps } from '../http/call.ts';
import { type Page, readPage } from './read-page.ts';

export interface ChannelsRead {
  readonly channels: readonly string[];
  /** What has to be allowed on each of them. */
  readonly operations: readonly Operation[];
  readonly bounds: RangeBounds;
  readonly from: 'newest' | 'oldest';
  /** Items of each channel. */
  readonly max: number;
  /** With the reactions to each item. */
  readonly actions?: boolean;
}

export interface ChannelPage extends Page {
  readonly actions: readonly Action[];
}

/** A rule narrowed more often than this while one call reads means that it changes faster than it can be read. */
const MOST_READS = 3;

/**
 * Reads pages of channels and hands them to `answer` in the turn in which all is decided again: each channel, and each
 * item for this reader.
 */
export async function readChannels(
  call: Call,
  deps: PubNubDeps,
  read: ChannelsRead,
  answer: (pages: ReadonlyMap<string, ChannelPage>) => Answer,
): Promise<Answer> {
  const asks = read.operations.flatMap((operation) => read.channels.map((name): Ask => ({ operation, name })));
  for (let time = 1; time <= MOST_READS; time++) {
    const denied = refusedAny(call, deps, asks);
    if (denied) return denied;
    const pages = new Map<string, ChannelPage>();
    const given = new Map<string, number>();
    for (const channel of read.channels) {
      const history = historyOf(call, deps, channel);
      given.set(channel, history);
      pages.set(channel, await readOne(call, deps, read, { channel, history }));
    }
    const deniedNow = refusedAny(call, deps, asks);
    if (deniedNow) return deniedNow;
    if (read.channels.some((channel) => historyOf(call, deps, channel) < (given.get(channel) ?? 0))) continue;
    return answer(
      new Map([...pages].map(([channel, page]) => [channel, { ...page, items: page.items.filter(seer(call, deps)) }])),
    );
  }
  return refusal('trigger.stale');
}

/** One call holds no more than one page of the largest messages, however many channels it names. */
async function readOne(
  call: Call,
  deps: PubNubDeps,
  { bounds, from, max, channels, actions = false }: ChannelsRead,
  { channel, history }: { readonly channel: string; readonly history: number },
): Promise<ChannelPage> {
  const { app, limits, settings } = call.app;
  const maxBytes = Math.floor((settings.historyPage * limits.message) / channels.length);
  const now = deps.engine.now();
  const sees = seer(call, deps);
  const page = await readPage(deps.store, { app, channel, history, now, bounds, from, max, maxBytes, sees });
  if (!actions || page.items.length === 0) return { ...page, actions: [] };
  const timetokens = page.items.map(({ timetoken }) => timetoken);
  return { ...page, actions: await deps.store.actionsOf(app, channel, timetokens) };
}

/** How many of a channel's newest items are within the reader's reach; for servers all that are kept. */
export function historyOf(call: Asker, deps: PubNubDeps, name: string): number {
  return historyIn(decideFor(call, deps, { operation: 'history', name }));
}

/** How many of a channel's newest items whatever was allowed there may be about. */
export function historyIn(decision: Decision): number {
  if (!decision.allowed) return 0;
  return decision.by.gate === 'server' ? Number.POSITIVE_INFINITY : (decision.rule?.history ?? 0);
}

/** Whether the reader may see an item, under the policy as it stands. */
export function seer(call: Asker, deps: PubNubDeps) {
  return ({ channel, audience }: Pick<Publication, 'channel' | 'audience'>): boolean =>
    decideFor(call, deps, { operation: 'history.item', name: channel, audience }).allowed;
}
