import type { Audience } from '@portcullis/policy';
import type { Timetoken } from '../publication.ts';
import type { Told } from './store-outbox.ts';

/** What somebody added to a kept public message: a reaction, a receipt. It goes when its message goes. */
export interface Action {
  readonly messageTimetoken: Timetoken;
  /** Its own; names it within its channel. */
  readonly timetoken: Timetoken;
  readonly type: string;
  readonly value: string;
  readonly user: string;
  /** False when the user id is only stated. A proven user and a stated one of the same name are two. */
  readonly proven: boolean;
  /** That of its message. */
  readonly audience: Audience;
}

export interface NewAction extends Omit<Action, 'audience'> {
  readonly app: string;
  readonly channel: string;
  /** ms since 1970. A message that has expired by then takes no actions. */
  readonly now: number;
  /** Actions that one message takes; absent: any number. */
  readonly most?: number;
}

/**
 * `exists`: the user has said just this of the message. `taken`: another action of the channel has the timetoken, so
 * that the caller asks again with a later one. `full`: the message has `most` already. In each case nothing was written.
 */
export type AddedAction = 'added' | 'exists' | 'taken' | 'full' | 'no-message';

export interface ActionsQuery {
  readonly app: string;
  readonly channel: string;
  /** Of the action's own timetoken; exclusive. */
  readonly olderThan?: Timetoken;
  /** Of the action's own timetoken; inclusive. */
  readonly notOlderThan?: Timetoken;
  readonly limit: number;
  /** ms since 1970. Actions on what has expired by then are not there. */
  readonly now: number;
}

/** Actions on messages. Finding a message, and adding to it, is one step: none is added to what is being deleted. */
export interface StoreActions {
  addAction(action: NewAction, told?: Told): Promise<AddedAction>;
  /** The newest of the range by their own timetoken, oldest first. */
  actions(query: ActionsQuery): Promise<readonly Action[]>;
  /** By message, then by their own timetoken, oldest first. Messages without actions, and unknown ones, add nothing. */
  actionsOf(app: string, channel: string, messageTimetokens: readonly Timetoken[]): Promise<readonly Action[]>;
  action(app: string, channel: string, messageTimetoken: Timetoken, timetoken: Timetoken): Promise<Action | null>;
  /** False when it was not there. */
  removeAction(
    app: string,
    channel: string,
    messageTimetoken: Timetoken,
    timetoken: Timetoken,
    told?: Told,
  ): Promise<boolean>;
}
