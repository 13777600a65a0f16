import type { MembershipRow, ObjectRow } from '@portcullis/engine';
import type { Json, JsonObject } from '@portcullis/policy';
import type { Query } from '../http/call.ts';
import { timeText } from './fields.ts';
import { type Kind, ON_DEMAND } from './kinds.ts';

/** What a client asks to be included: words of a list. Clients repeat some. */
export function includesOf(query: Query): ReadonlySet<string> {
  return new Set(query.list('include').map((word) => word.trim()));
}

/** Metadata as clients read it: unset texts are null; type, status and custom only where they are asked for. */
export function shown({ id, fields, updated, etag }: ObjectRow, { texts }: Kind, includes: ReadonlySet<string>) {
  return {
    id,
    ...picked(fields, texts),
    ...picked(
      fields,
      ON_DEMAND.filter((name) => includes.has(name)),
    ),
    updated: timeText(updated),
    eTag: etag,
  };
}

/**
 * A membership from one side: the other one embedded under its key, as much of it as is asked for. `described`: its
 * metadata, where there is some.
 */
export function shownMembership(
  { fields, updated, etag, ...ids }: MembershipRow,
  other: Kind,
  { includes, described }: { readonly includes: ReadonlySet<string>; readonly described: ObjectRow | null },
) {
  const id = ids[other.kind];
  return {
    [other.wire]: described === null ? { id } : embedded(described, other, includes),
    ...picked(
      fields,
      ON_DEMAND.filter((name) => includes.has(name)),
    ),
    updated: timeText(updated),
    eTag: etag,
  };
}

/** Whether anything of the other side's metadata is asked for. */
export function embeds(includes: ReadonlySet<string>, { wire }: Kind): boolean {
  return [wire, ...ON_DEMAND.map((name) => `${wire}.${name}`)].some((word) => includes.has(word));
}

function embedded(row: ObjectRow, { wire, texts }: Kind, includes: ReadonlySet<string>) {
  const { id, fields, updated, etag } = row;
  const whole = includes.has(wire);
  return {
    id,
    ...picked(fields, whole ? texts : []),
    ...picked(
      fields,
      ON_DEMAND.filter((name) => includes.has(`${wire}.${name}`)),
    ),
    ...(whole ? { updated: timeText(updated), eTag: etag } : {}),
  };
}

const picked = (fields: JsonObject, names: readonly string[]): Record<string, Json> =>
  Object.fromEntries(names.map((name) => [name, fields[name] ?? null]));
