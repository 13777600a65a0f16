import type { Member, Publication } from '@portcullis/engine';
import { type JsonObject, presenceName } from '@portcullis/policy';

/** 100 ns units in one second, and in one millisecond. */
const TICKS_PER_SECOND = 10_000_000n;
const TICKS_PER_MS = 10_000n;

/** What a presence event says, and what filters see of it. */
export interface PresenceEvent {
  /** JSON text: `{"action","uuid","timestamp","precise_timestamp","occupancy","data"?}`. */
  readonly data: string;
  readonly meta: JsonObject;
}

/** The user as occupant lists name it: an anonymous session of another door is one of its own. */
export function occupantName({ user, session }: Pick<Member, 'user' | 'session'>): string {
  return user === '' ? `anon-${session}` : user;
}

/**
 * The event of a presence publication; those that announce counts carry theirs ready. Occupancy and timestamps are
 * integers on every action: clients stop at anything else.
 */
export function presenceEvent(publication: Publication): PresenceEvent {
  const { channel, presence, timetoken } = publication;
  const timestamp = Number(timetoken / TICKS_PER_SECOND);
  const precise = Number(timetoken / TICKS_PER_MS);
  const common = { pn_channel: channel, pn_ispresence: 1, pn_timestamp: timestamp, pn_precise_timestamp: precise };
  if (presence === undefined) {
    const { occupancy } = JSON.parse(publication.data) as { readonly occupancy: number };
    return { data: publication.data, meta: { ...common, pn_action: 'interval', pn_occupancy: occupancy } };
  }
  const { action, member, occupancy, state } = presence;
  const uuid = occupantName(member);
  const states = Object.fromEntries(Object.entries(state ?? {}).map(([key, value]) => [`pn_state_${key}`, value]));
  return {
    data: JSON.stringify({
      action,
      uuid,
      timestamp,
      precise_timestamp: precise,
      occupancy,
      ...(state === undefined ? {} : { data: state }),
    }),
    meta: { ...states, ...common, pn_action: action, pn_uuid: uuid, pn_occupancy: occupancy },
  };
}

/** The channel an envelope names: presence comes on the twin. */
export function wireChannel({ kind, channel }: Publication): string {
  return kind === 'presence' ? presenceName(channel) : channel;
}
