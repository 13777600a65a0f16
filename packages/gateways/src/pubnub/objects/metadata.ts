import type { ObjectRow } from '@portcullis/engine';
import { decideFor, refused } from '../ask/ask.ts';
import { data } from '../http/answers.ts';
import type { Answer, Call, Endpoint, PubNubDeps } from '../http/call.ts';
import { isJsonObject, parseJson } from '../messaging/json-text.ts';
import { etagOf, isUserId, type Patch, patched, readPatch, timeOf, timeText } from './fields.ts';
import { type Kind, ON_DEMAND } from './kinds.ts';
import { listAnswer, listRows, type Rows, readListing } from './list-rows.ts';
import { bad, badInput, notFound, objectProblem, stale, tooFast } from './object-answers.ts';
import { tellObject } from './object-events.ts';
import { objectTold } from './object-told.ts';
import { rowsHere } from './rows-here.ts';
import { includesOf, shown } from './show.ts';

/** Writes that lost against another one are tried again so often. */
const MOST_TRIES = 5;

/** Metadata of users, or of channels: list, read, change, remove. */
export function metadataEndpoints(kind: Kind): readonly Endpoint[] {
  const all = `/v2/objects/{sub}/${kind.wire}s`;
  const one = `${all}/{${kind.wire}}`;
  return [
    { method: 'GET', path: all, reads: true, handle: (call, deps) => list(call, deps, kind) },
    { method: 'GET', path: one, reads: true, handle: (call, deps) => get(call, deps, kind) },
    { method: 'PATCH', path: one, handle: (call, deps) => set(call, deps, kind) },
    { method: 'DELETE', path: one, handle: (call, deps) => remove(call, deps, kind) },
  ];
}

/** The row as filters, sorts and included fields read it. */
export const factsOf = (row: ObjectRow) => ({
  ...row.fields,
  id: row.id,
  updated: timeText(row.updated),
  eTag: row.etag,
});

export const fieldsOf = ({ texts }: Kind): readonly string[] => ['id', ...texts, ...ON_DEMAND, 'updated', 'eTag'];

async function list(call: Call, deps: PubNubDeps, kind: Kind): Promise<Answer> {
  const ask = { operation: kind.operations.list } as const;
  const denied = refused(call, deps, ask);
  if (denied) return denied;
  const { app } = call.app;
  const { store } = deps;
  const all: Rows<ObjectRow> = {
    page: (query) => store.objects(app, kind.kind, query),
    count: () => store.countObjects(app, kind.kind),
    row: (id) => store.object(app, kind.kind, id),
    idOf: ({ id }) => id,
    facts: async (found) => found.map(factsOf),
    fields: new Set(fieldsOf(kind)),
  };
  const rows = rowsHere(all, kind, call.app);
  const listing = readListing(call, rows.fields);
  if (!listing.ok) return badInput(listing);
  const { rows: found, total } = await listRows(rows, listing);
  const includes = includesOf(call.query);
  return (
    refused(call, deps, ask) ??
    listAnswer(
      found.map((row) => shown(row, kind, includes)),
      listing,
      total,
    )
  );
}

async function get(call: Call, deps: PubNubDeps, kind: Kind): Promise<Answer> {
  const id = call.params[kind.wire] ?? '';
  const ask = { operation: kind.operations.get, name: id } as const;
  const denied = refused(call, deps, ask);
  if (denied) return denied;
  const row = await deps.store.object(call.app.app, kind.kind, id);
  return refused(call, deps, ask) ?? (row === null ? notFound() : data(shown(row, kind, includesOf(call.query))));
}

/** Absent fields stay, null ones go, `custom` is replaced as a whole. The same content again changes nothing. */
async function set(call: Call, deps: PubNubDeps, kind: Kind): Promise<Answer> {
  const id = call.params[kind.wire] ?? '';
  const ask = { operation: kind.operations.set, name: id } as const;
  const denied = refused(call, deps, ask) ?? tooFast(call, deps);
  if (denied) return denied;
  if (!isUserId(id)) return badInput(bad(kind.wire, 'Not an id', { in: 'path' }));
  const parsed = parseJson(await call.body(), call.app.limits.messageDepth);
  if (!parsed.ok || !isJsonObject(parsed.value)) return badInput(bad('body', 'Not a JSON object'));
  const read = readPatch(parsed.value, [...kind.texts, 'type', 'status'], call.app.settings);
  if (!read.ok) return badInput(read);
  const expected = call.headers.get('if-match')?.replace(/^"(.*)"$/, '$1');
  const { app } = call.app;
  for (let time = 1; time <= MOST_TRIES; time++) {
    const before = await deps.store.object(app, kind.kind, id);
    const deniedNow = refused(call, deps, ask);
    if (deniedNow) return deniedNow;
    if (expected !== undefined && !isExpected(before, expected)) return stale(kind.stale);
    const fields = patched(before?.fields ?? {}, read.patch);
    const etag = etagOf(fields);
    if (before !== null && before.etag === etag) return setAnswer(call, deps, kind, { row: before, patch: read.patch });
    const row = { id, fields, etag, updated: timeOf(deps.engine.now(), before) };
    const told = objectTold(call, deps, { kind: kind.kind, change: before === null ? 'created' : 'updated', row });
    if ((await deps.store.putObject(app, kind.kind, row, before?.etag ?? null, told)) === 'conflict') continue;
    await tellObject(call, deps, kind, row);
    return setAnswer(call, deps, kind, { row, patch: read.patch });
  }
  return objectProblem(409, kind.stale, 'request.conflict');
}

const isExpected = (row: ObjectRow | null, etag: string): boolean =>
  row !== null && (etag === '*' || row.etag === etag);

/** Who may change but not read is shown what it said, not what was there before. */
function setAnswer(
  call: Call,
  deps: PubNubDeps,
  kind: Kind,
  { row, patch }: { readonly row: ObjectRow; readonly patch: Patch },
): Answer {
  const reads = decideFor(call, deps, { operation: kind.operations.get, name: row.id }).allowed;
  const said = Object.fromEntries(Object.entries(row.fields).filter(([name]) => patch.has(name)));
  return data(shown(reads ? row : { ...row, fields: said }, kind, includesOf(call.query)));
}

/** What is not there is removed as well. */
async function remove(call: Call, deps: PubNubDeps, kind: Kind): Promise<Answer> {
  const id = call.params[kind.wire] ?? '';
  const denied = refused(call, deps, { operation: kind.operations.remove, name: id }) ?? tooFast(call, deps);
  if (denied) return denied;
  const told = objectTold(call, deps, { kind: kind.kind, change: 'deleted', row: { id } });
  if (await deps.store.deleteObject(call.app.app, kind.kind, id, told)) await tellObject(call, deps, kind, { id });
  return data(null);
}
