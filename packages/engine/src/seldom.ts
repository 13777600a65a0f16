import type { JsonObject, Policy, Principal } from '@portcullis/policy';
import type { Publication } from './publication.ts';

/** Who a session was by another proof, and up to which arrival number that counts. */
export interface Before {
  readonly principal: Principal;
  /** What was in force when it ceased to be. */
  readonly policy: Policy;
  /** ms since 1970: when that was. */
  readonly at: number;
  readonly upTo: number;
}

const NOBODY_ELSE: readonly Before[] = [];
const NO_GROUPS: readonly string[] = [];

/** What a session that comes back is still to be sent, oldest first. */
export interface Missed {
  items: readonly Publication[];
  readonly ref?: number;
}

/** What few subscriptions have, and those for a while: most are idle, and there are many. */
export interface Seldom {
  addressed: Publication[] | null;
  state: JsonObject | null;
  waiting: Publication[] | null;
  waitingBytes: number;
  rosterPutOff: boolean;
  was: readonly Before[];
  recovers: boolean;
  missed: Missed | null;
  /** Groups through which it said it is present. */
  groups: readonly string[];
  /** The arrival number from which each label counts; `null` when that is when it entered. */
  from: { everyone: number; authenticated: number; presence: number } | null;
}

export const NOTHING: Readonly<Seldom> = {
  addressed: null,
  state: null,
  waiting: null,
  waitingBytes: 0,
  rosterPutOff: false,
  was: NOBODY_ELSE,
  recovers: false,
  missed: null,
  groups: NO_GROUPS,
  from: null,
};

/** Whether it says no more than that there is nothing. */
export function isNothing(seldom: Readonly<Seldom>): boolean {
  const { addressed, state, waiting, waitingBytes, rosterPutOff, was, recovers, missed, groups, from } = seldom;
  if (waitingBytes > 0 || rosterPutOff || was.length > 0 || recovers || groups.length > 0) return false;
  return addressed === null && state === null && waiting === null && missed === null && from === null;
}
