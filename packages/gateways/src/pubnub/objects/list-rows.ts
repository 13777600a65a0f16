import { countOf } from '../ask/parameters.ts';
import { data } from '../http/answers.ts';
import type { Answer, Call } from '../http/call.ts';
import { cursorAt, readCursor } from './cursor.ts';
import { type Facts, readFilter } from './filter.ts';
import { type BadInput, bad } from './object-answers.ts';
import { compareKeys, readSort, type SortKey, sortKey } from './sort.ts';

/** Rows fetched at once while scanning: what is held of them meanwhile. */
const CHUNK = 500;

/** Rows of one kind, in the store's own order of ids. */
export interface Rows<Row> {
  page(query: { readonly after?: string; readonly limit: number }): Promise<readonly Row[]>;
  count(): Promise<number>;
  row(id: string): Promise<Row | null>;
  idOf(row: Row): string;
  /** What filters and sorts read of rows. */
  facts(rows: readonly Row[]): Promise<readonly Facts[]>;
  /** Names that filters and sorts may use. */
  readonly fields: ReadonlySet<string>;
}

export interface Listing {
  readonly offset: number;
  readonly limit: number;
  readonly counted: boolean;
  readonly wants?: (facts: Facts) => boolean;
  readonly criteria: (ReturnType<typeof readSort> & { readonly ok: true })['criteria'];
}

export type ReadListing = ({ readonly ok: true } & Listing) | BadInput;

/** `limit`, `start`, `end`, `count`, `filter` and `sort` of a call. */
export function readListing({ query, app }: Call, fields: ReadonlySet<string>): ReadListing {
  const limit = countOf(query, 'limit', app.settings.objectsPage);
  if (limit === 'bad') return bad('limit', 'Not a positive number', { in: 'query' });
  const from = query.get('start') || undefined;
  const until = from === undefined ? query.get('end') || undefined : undefined;
  const place = readCursor(from ?? until ?? cursorAt(0));
  if (place === undefined) return bad(from === undefined ? 'end' : 'start', 'Not a cursor', { in: 'query' });
  const offset = until === undefined ? place : Math.max(0, place - limit);
  const sort = readSort(query, fields);
  if (!sort.ok) return sort;
  const text = query.get('filter') ?? '';
  const filter = text === '' ? undefined : readFilter(text, fields, app.settings);
  if (filter && !filter.ok) return filter;
  const counted = /^(?:true|1)$/i.test(query.get('count') ?? '') || query.list('include').includes('totalCount');
  return {
    ok: true,
    offset,
    limit: until === undefined ? limit : place - offset,
    counted,
    criteria: sort.criteria,
    ...(filter ? { wants: filter.wants } : {}),
  };
}

export interface Listed<Row> {
  readonly rows: readonly Row[];
  readonly total: number | undefined;
}

/** One page. Without a filter or sort, rows are passed over in the store's order; with them, all are looked at. */
export async function listRows<Row>(source: Rows<Row>, listing: Listing): Promise<Listed<Row>> {
  if (listing.criteria.length > 0) return sorted(source, listing);
  const { offset, limit, counted, wants } = listing;
  const found: Row[] = [];
  let matched = 0;
  for await (const chunk of scan(source, wants)) {
    for (const { row } of chunk) {
      if (matched >= offset && found.length < limit) found.push(row);
      matched += 1;
    }
    if (found.length >= limit && !(counted && wants)) break;
  }
  const total = !counted ? undefined : wants ? matched : await source.count();
  return { rows: found, total };
}

/** Only keys and ids are held of what is sorted; the page is fetched after. */
async function sorted<Row>(
  source: Rows<Row>,
  { offset, limit, counted, wants, criteria }: Listing,
): Promise<Listed<Row>> {
  const keys: { readonly key: SortKey; readonly id: string }[] = [];
  for await (const chunk of scan(source, wants, 'with facts')) {
    for (const { row, facts } of chunk) keys.push({ key: sortKey(facts, criteria), id: source.idOf(row) });
  }
  // The scan came in order of ids, and sorting keeps it among equals.
  keys.sort((one, other) => compareKeys(one.key, other.key, criteria));
  const page = await Promise.all(keys.slice(offset, offset + limit).map(({ id }) => source.row(id)));
  return { rows: page.filter((row) => row !== null), total: counted ? keys.length : undefined };
}

async function* scan<Row>(source: Rows<Row>, wants: Listing['wants'], need?: 'with facts') {
  let after: string | undefined;
  for (;;) {
    const rows = await source.page({ limit: CHUNK, ...(after === undefined ? {} : { after }) });
    const facts = wants || need ? await source.facts(rows) : [];
    const all = rows.map((row, index) => ({ row, facts: facts[index] ?? {} }));
    yield wants ? all.filter((one) => wants(one.facts)) : all;
    const last = rows.at(-1);
    if (last === undefined || rows.length < CHUNK) return;
    after = source.idOf(last);
  }
}

/** `next` goes with every page that holds something, `prev` with all but the first. */
export function listAnswer(shown: readonly unknown[], { offset }: Listing, total: number | undefined): Answer {
  return data(shown, {
    ...(total === undefined ? {} : { totalCount: total }),
    ...(shown.length > 0 ? { next: cursorAt(offset + shown.length) } : {}),
    ...(offset > 0 ? { prev: cursorAt(offset) } : {}),
  });
}
