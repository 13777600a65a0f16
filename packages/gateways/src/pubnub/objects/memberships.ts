import type { MembershipKey, MembershipRow, MembershipsOf, ObjectRow } from '@portcullis/engine';
import { type Ask, decideFor, refused, refusedAny } from '../ask/ask.ts';
import { data } from '../http/answers.ts';
import type { Answer, Call, Endpoint, PubNubDeps } from '../http/call.ts';
import { timeText } from './fields.ts';
import { type Kind, ON_DEMAND } from './kinds.ts';
import { listAnswer, listRows, type Rows, readListing } from './list-rows.ts';
import { readMembershipBody } from './membership-body.ts';
import { factsOf, fieldsOf } from './metadata.ts';
import { badInput, tooFast } from './object-answers.ts';
import { rowsHere } from './rows-here.ts';
import { embeds, includesOf, shownMembership } from './show.ts';
import { idOf, keyOf, OF_CHANNEL, OF_USER, type Side } from './side.ts';
import { writeMemberships } from './write-memberships.ts';

export const MEMBERSHIPS: readonly Endpoint[] = [OF_USER, OF_CHANNEL].flatMap((side): readonly Endpoint[] => {
  const path = `/v2/objects/{sub}/${side.own.wire}s/{${side.own.wire}}/${side.other.wire}s`;
  return [
    { method: 'GET', path, reads: true, handle: (call, deps) => list(call, deps, side) },
    { method: 'PATCH', path, handle: (call, deps) => change(call, deps, side) },
  ];
});

async function list(call: Call, deps: PubNubDeps, side: Side): Promise<Answer> {
  const ask = { operation: side.get, name: idOf(call, side) } as const;
  return refused(call, deps, ask) ?? page(call, deps, side, () => refused(call, deps, ask));
}

/** The answer is the first page of the list as it then is; who may not read it gets back what it set. */
async function change(call: Call, deps: PubNubDeps, side: Side): Promise<Answer> {
  const id = idOf(call, side);
  const own: Ask = { operation: side.set, name: id };
  const body = await readMembershipBody(call, side.other);
  if (!body.ok) return badInput(body);
  const others = [...body.set.keys(), ...body.remove];
  const { each } = side;
  const asks = [own, ...(each === undefined ? [] : others.map((name): Ask => ({ operation: each, name })))];
  const listing = readListing(call, rowsOf(call, deps, side).fields);
  if (!listing.ok) return badInput(listing);
  const refusedNow = refusedAny(call, deps, asks) ?? tooFast(call, deps);
  if (refusedNow) return refusedNow;
  const failed = await writeMemberships(call, deps, { side, id, ...body, may: () => refusedAny(call, deps, asks) });
  if (failed) return failed;
  const reads = () => decideFor(call, deps, { operation: side.get, name: id }).allowed;
  if (reads()) {
    const answer = await page(call, deps, side);
    if (reads()) return answer;
  }
  const set = await Promise.all([...body.set.keys()].map((other) => membership(call, deps, keyOf(id, other, side))));
  const includes = includesOf(call.query);
  const there = set.filter((row) => row !== null && !body.remove.has(row[side.other.kind]));
  return data(there.flatMap((row) => (row ? [shownMembership(row, side.other, { includes, described: null })] : [])));
}

const membership = ({ app }: Call, { store }: PubNubDeps, key: MembershipKey) => store.membership(app.app, key);

/** `denied` is asked in the turn of the answer. */
async function page(call: Call, deps: PubNubDeps, side: Side, denied?: () => Answer | undefined): Promise<Answer> {
  const { other } = side;
  const rows = rowsOf(call, deps, side);
  const listing = readListing(call, rows.fields);
  if (!listing.ok) return badInput(listing);
  const { rows: found, total } = await listRows(rows, listing);
  const includes = includesOf(call.query);
  const described = embeds(includes, other) ? await describe(call, deps, side, found) : [];
  const shown = found.map((row, at) => shownMembership(row, other, { includes, described: described[at] ?? null }));
  return denied?.() ?? listAnswer(shown, listing, total);
}

function rowsOf(call: Call, deps: PubNubDeps, side: Side): Rows<MembershipRow> {
  const { app } = call.app;
  const { store } = deps;
  const { own, other } = side;
  const id = idOf(call, side);
  const of: MembershipsOf = own.kind === 'user' ? { user: id } : { channel: id };
  const names = [...ON_DEMAND, 'updated', 'eTag', ...fieldsOf(other).map((name) => `${other.wire}.${name}`)];
  const asked = `${call.query.get('filter') ?? ''} ${call.query.all('sort').join()}`;
  const looksUp = asked.includes(other.wire);
  const rows: Rows<MembershipRow> = {
    page: (query) => store.memberships(app, of, query),
    count: () => store.countMemberships(app, of),
    row: (otherId) => store.membership(app, keyOf(id, otherId, side)),
    idOf: (row) => row[other.kind],
    facts: async (rows) => {
      const described = looksUp ? await describe(call, deps, side, rows) : [];
      return rows.map((row, at) => facts(row, other, described[at] ?? null));
    },
    fields: new Set(names),
  };
  return rowsHere(rows, other, call.app);
}

const facts = (row: MembershipRow, other: Kind, described: ObjectRow | null) => ({
  ...row.fields,
  updated: timeText(row.updated),
  eTag: row.etag,
  [other.wire]: described === null ? { id: row[other.kind] } : factsOf(described),
});

function describe({ app }: Call, { store }: PubNubDeps, { other }: Side, rows: readonly MembershipRow[]) {
  return Promise.all(rows.map((row) => store.object(app.app, other.kind, row[other.kind])));
}
