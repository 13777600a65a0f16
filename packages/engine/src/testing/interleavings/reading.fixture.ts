import type { Joined } from '../../ports/outlet.ts';
import type { Position, Publication } from '../../publication.ts';
import type { Got } from '../wire.fixture.ts';
import type { Room } from './acts.fixture.ts';
import { broken } from './broken.fixture.ts';
import type { Written } from './line.fixture.ts';
import type { Asked, Connection, Run } from './run.fixture.ts';

/** A time in a room as its client saw it, from `joined` to `left`, `lost` or the end. */
export interface Entry {
  readonly joined: Joined;
  readonly asked: Asked;
  /** Where it went on from, if all that was missed was promised. */
  readonly from: Position | null;
  readonly missed: { readonly publication: Publication; readonly written: Written }[];
  readonly live: { readonly publication: Publication; readonly written: Written }[];
  /** The last page of what was missed has come. */
  caughtUp: boolean;
  /** The page of history that came with it. */
  page: readonly Publication[] | null;
  open: boolean;
  rejoined: boolean;
}

/** What a client saw of a room, in the order in which it saw it. Throws where it makes no sense to a client. */
export function entriesOf(run: Run, connection: Connection, room: Room): Entry[] {
  const entries: Entry[] = [];
  let inside: Entry | null = null;
  for (const written of connection.line.written) {
    const { item } = written;
    if (!isAbout(item, room)) continue;
    switch (item.type) {
      case 'joined':
        if (inside) inside.rejoined = true;
        else {
          inside = begin(run, item);
          entries.push(inside);
        }
        break;
      case 'left':
      case 'lost':
        if (item.type === 'lost' && !item.left) break;
        // One that came back may leave what is kept for it.
        if (item.type === 'left' && !inside && run.schedule.expects) break;
        if (!inside) broken('nobody is told twice that they are out', { room, item });
        else inside.open = false;
        inside = null;
        break;
      case 'publication':
        if (!inside) broken('nothing of a room reaches those outside', { room, item });
        else readLive(inside, written, item.publication);
        break;
      case 'history':
        if (item.join) readPage(inside, written, item);
        break;
      case 'roster':
        if (!inside) broken('nothing of a room reaches those outside', { room, item });
        break;
      case 'end':
        if (inside) inside.open = false;
        inside = null;
        break;
      case 'refused':
      case 'token-expired':
        break;
    }
  }
  // Who closes a connection is not told.
  if (inside && connection.session.ended) inside.open = false;
  return entries;
}

function isAbout(item: Got, room: Room): boolean {
  if (item.type === 'end') return true;
  return (item.type === 'publication' ? item.publication.channel : item.channel) === room;
}

function begin(run: Run, joined: Joined): Entry {
  const asked = run.asked.get(joined.ref ?? 0);
  if (!asked) return broken('an answer says what it answers', joined);
  const { recover } = asked.options;
  if (!recover !== (joined.recovery === undefined))
    broken('who asks for what it missed is told whether it comes', joined);
  const from = joined.recovery === 'complete' && recover ? recover : null;
  if (from && joined.position?.epoch !== from.epoch) broken('nobody misses exactly what another log holds', joined);
  return {
    joined,
    asked,
    from,
    missed: [],
    live: [],
    caughtUp: from === null,
    page: null,
    open: true,
    rejoined: false,
  };
}

function readLive(inside: Entry, written: Written, publication: Publication): void {
  if (publication.kind !== 'presence') {
    if (!inside.caughtUp) broken('nothing live comes before what was missed', { publication });
    inside.live.push({ publication, written });
  }
}

function readPage(
  inside: Entry | null,
  written: Written,
  { items, more, ref }: { readonly items: readonly Publication[]; readonly more: boolean; readonly ref?: number },
): void {
  if (!inside) {
    broken('a page that comes with a join comes behind it', { items });
  } else if (inside.from && !inside.caughtUp && ref === inside.joined.ref) {
    inside.missed.push(...items.map((publication) => ({ publication, written })));
    inside.caughtUp = !more;
  } else if (!inside.rejoined) {
    if (inside.live.length > 0) broken('nothing live comes before the history of a join', { items });
    if (inside.page) broken('the history of a join is one page', { items });
    inside.page = items;
  }
}
