import { type Audience, CODES } from '@portcullis/policy';
import type { History, Item } from '@portcullis/protocol';
import type { Kept } from './room.ts';
import type { Seat } from './seat.ts';

/** Private items are kept for pairs of proven users. */
const NOBODY = 'channel.peer-not-present';

/** Answers a page of what was said; `with` another, of what was said between the two. */
export function history(seat: Seat, { id, channel, limit = 100, before, after, with: other }: History): void {
  const refused = seat.world.refusal({ ...seat.about(), operation: 'history', name: channel });
  if (refused) {
    seat.say({ type: 'error', id, channel, ...refused });
    return;
  }
  const partner = other && ('user' in other ? other.user : userOf(seat, other.session));
  if (other && (seat.principal.kind !== 'user' || partner === undefined)) {
    seat.say({ type: 'error', id, channel, code: NOBODY, message: CODES[NOBODY].sentence, fix: CODES[NOBODY].fix });
    return;
  }
  const inside = newestFor(seat, channel, Number.POSITIVE_INFINITY, other && { partner }).filter(
    ({ item }) => (before === undefined || item.timetoken < before) && (after === undefined || item.timetoken > after),
  );
  const page = after === undefined ? inside.slice(-limit) : inside.slice(0, limit);
  const messages = page.map((one) => shownTo(seat, one));
  seat.say({ type: 'history', id, channel, messages, more: inside.length > page.length });
}

/** The newest items that the rule keeps and this reader may see, oldest first: those for all, or of one pair. */
export function newestFor(
  seat: Seat,
  channel: string,
  wanted: number,
  between?: { readonly partner: string | undefined },
): readonly Kept[] {
  const decision = seat.world.decide({ ...seat.about(), operation: 'history', name: channel });
  const most = decision.allowed ? (decision.rule?.history ?? 0) : 0;
  const own = seat.principal.kind === 'user' ? seat.principal.user : undefined;
  const there = seat.world.room(channel).log.filter(({ audience }) => {
    const pair = pairOf(audience);
    if (!between) return audience.to !== 'session' && audience.to !== 'user';
    return own !== undefined && pair?.includes(own) && pair.includes(between.partner ?? '');
  });
  const newest = most === 0 ? [] : there.slice(-Math.min(most, wanted));
  return newest.filter(
    ({ audience }) =>
      seat.world.decide({ ...seat.about(), operation: 'history.item', name: channel, audience }).allowed,
  );
}

export function mayReceive(seat: Seat, name: string, { audience }: Kept): boolean {
  return seat.world.decide({ ...seat.about(), operation: 'receive', name, joined: true, audience }).allowed;
}

export function shownTo(seat: Seat, { item, audience }: Kept): Item {
  if (audience.to === 'authenticated') return { ...item, to: 'authenticated' };
  return audience.to === 'everyone' || seat.session === item.from?.session ? item : { ...item, to: 'you' };
}

function pairOf(audience: Audience): readonly string[] | undefined {
  if (audience.to === 'session') return audience.pair;
  return audience.to === 'user' && audience.from !== undefined ? [audience.from, audience.user] : undefined;
}

function userOf({ world }: Seat, wanted: string): string | undefined {
  const principal = [...world.seats].find(({ session }) => session === wanted)?.principal;
  return principal?.kind === 'user' ? principal.user : undefined;
}
