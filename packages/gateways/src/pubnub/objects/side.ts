import type { MembershipKey } from '@portcullis/engine';
import type { Operation } from '@portcullis/policy';
import type { Call } from '../http/call.ts';
import { CHANNELS, type Kind, USERS } from './kinds.ts';

/** Memberships from one side: those of a user by channel, those of a channel by user. */
export interface Side {
  readonly own: Kind;
  readonly other: Kind;
  readonly get: Operation;
  readonly set: Operation;
  /** What each of the others that is set or removed needs. */
  readonly each?: Operation;
}

export const OF_USER: Side = {
  own: USERS,
  other: CHANNELS,
  get: 'memberships.get',
  set: 'memberships.set',
  each: 'memberships.channel',
};
export const OF_CHANNEL: Side = { own: CHANNELS, other: USERS, get: 'members.get', set: 'members.set' };

export const idOf = (call: Call, { own }: Side): string => call.params[own.wire] ?? '';

export const keyOf = (id: string, other: string, { own }: Side): MembershipKey =>
  own.kind === 'user' ? { user: id, channel: other } : { user: other, channel: id };
