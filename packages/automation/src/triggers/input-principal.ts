import type { JsonObject, Principal } from '@portcullis/policy';
import { oncePer } from '../once-per.ts';
import { type Who, whoIs } from '../who.ts';

/** Who asks, as steps see it. */
export interface InputPrincipal extends Who {
  readonly grant: { readonly id: string; readonly meta: JsonObject } | null;
}

function principalOf(principal: Principal): InputPrincipal {
  const { kind, user, claimedUser, dbo, row, extras } = whoIs(principal);
  const { grant } = principal;
  return { kind, user, claimedUser, dbo, row, extras, grant: grant ? { id: grant.id, meta: grant.meta } : null };
}

/** A session's principal is the same at every message. */
export const shownPrincipal = oncePer(principalOf);

/** As JSON text. */
export const textOfPrincipal = oncePer((principal: Principal) => JSON.stringify(shownPrincipal(principal)));
