import type { JsonObject, Principal } from '@portcullis/policy';
import { oncePer } from '../once-per.ts';

/** Who asks, as steps see it. */
export interface InputPrincipal {
  readonly kind: Principal['kind'];
  readonly user: string;
  readonly claimedUser: string;
  readonly dbo: number | string;
  readonly row: number | string;
  readonly extras: JsonObject;
  readonly grant: { readonly id: string; readonly meta: JsonObject } | null;
}

function principalOf(principal: Principal): InputPrincipal {
  const { kind, grant } = principal;
  const proven = kind === 'user';
  return {
    kind,
    user: proven ? principal.user : '',
    claimedUser: kind === 'stated' ? principal.user : kind === 'server' ? (principal.as ?? '') : '',
    dbo: proven ? principal.table : 0,
    row: proven ? principal.row : 0,
    extras: proven ? principal.extras : {},
    grant: grant ? { id: grant.id, meta: grant.meta } : null,
  };
}

/** A session's principal is the same at every message. */
export const shownPrincipal = oncePer(principalOf);

/** As JSON text. */
export const textOfPrincipal = oncePer((principal: Principal) => JSON.stringify(shownPrincipal(principal)));
