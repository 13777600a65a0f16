import {
  type EventType,
  type MembershipKey,
  type MembershipRow,
  NOTHING_TOLD,
  type ObjectKind,
  type ObjectRow,
  type Told,
} from '@portcullis/engine';
import type { Call, PubNubDeps } from '../http/call.ts';

type Change = 'created' | 'updated' | 'deleted';

/** What listeners are told of metadata that is written or removed, to be written along with it. */
export function objectTold(
  call: Call,
  deps: PubNubDeps,
  {
    kind,
    change,
    row,
  }: { readonly kind: ObjectKind; readonly change: Change; readonly row: ObjectRow | { readonly id: string } },
): Told {
  const written = 'fields' in row ? { fields: row.fields, etag: row.etag } : {};
  const channel = kind === 'channel' ? { channel: row.id } : {};
  return told(call, deps, `${kind}.${change}`, { ...channel, data: { id: row.id, ...written } });
}

/** Of a membership. */
export function membershipTold(
  call: Call,
  deps: PubNubDeps,
  { change, row }: { readonly change: Change; readonly row: MembershipRow | MembershipKey },
): Told {
  const written = 'fields' in row ? { fields: row.fields, etag: row.etag } : {};
  return told(call, deps, `membership.${change}`, { channel: row.channel, data: { user: row.user, ...written } });
}

function told(
  { app, principal }: Call,
  { engine }: PubNubDeps,
  type: EventType,
  what: Pick<Parameters<ReturnType<typeof engine.events>['note']>[0], 'channel' | 'data'>,
): Told {
  const events = engine.events(app.app);
  return events.hears(type) ? events.note({ type, principal, ...what }) : NOTHING_TOLD;
}
