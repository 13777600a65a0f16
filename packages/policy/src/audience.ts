import type { Rule } from './rule.ts';

/** To whom one publication goes. Fixed when it is published, kept with it in history, inherited by what refers to it. */
export type Audience =
  /** Every joined client. `anonymous` is false when the rule admitted no anonymous clients at the time. */
  | { readonly to: 'everyone'; readonly anonymous: boolean }
  /** Joined clients with a proven identity. */
  | { readonly to: 'authenticated' }
  /** The authenticated of one table (a server event). */
  | { readonly to: 'table'; readonly table: number | string }
  /** The proven sessions of one user: a native private message, or a server event for one row. `from` is the proven sender, if there is one. */
  | { readonly to: 'user'; readonly user: string; readonly from?: string }
  /** One row of one table: a server event for one user as Xano names users. */
  | { readonly to: 'row'; readonly table: number | string; readonly row: number | string }
  /** One session: a private message. `pair` holds both proven users, sender first; without it the item is never kept. */
  | {
      readonly to: 'session';
      readonly session: string;
      readonly from: string;
      readonly pair?: readonly [string, string];
    }
  /** Those who see who is here. Presence updates; never kept. */
  | { readonly to: 'presence' };

/** What a sender may ask for. */
export type SendTarget =
  | { readonly to: 'everyone' }
  | { readonly to: 'authenticated' }
  | { readonly to: 'session'; readonly session: string }
  | { readonly to: 'user'; readonly user: string };

/** To whom an item for everyone goes, and is kept for: everyone whom the rule admits as it is sent; without a rule, everyone. */
export function everyoneUnder(rule: Pick<Rule, 'anonymousClients'> | undefined): Audience {
  return { to: 'everyone', anonymous: rule?.anonymousClients ?? true };
}
