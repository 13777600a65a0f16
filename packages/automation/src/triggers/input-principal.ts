import type { JsonObject, Principal } from '@portcullis/policy';

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

const shown = new WeakMap<Principal, InputPrincipal>();

/** A session's principal is the same at every message. */
export function shownPrincipal(principal: Principal): InputPrincipal {
  let found = shown.get(principal);
  if (!found) {
    found = principalOf(principal);
    shown.set(principal, found);
  }
  return found;
}

const texts = new WeakMap<Principal, string>();

/** As JSON text. */
export function textOfPrincipal(principal: Principal): string {
  let found = texts.get(principal);
  if (found === undefined) {
    found = JSON.stringify(shownPrincipal(principal));
    texts.set(principal, found);
  }
  return found;
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
