import type { JsonObject, Principal } from '@portcullis/policy';

/** Who somebody is, as what an operator wrote is told it: what is proven, and apart from it what is only stated. Always whole. */
export interface Who {
  readonly kind: Principal['kind'];
  /** The proven user id; `''` when none is proven. */
  readonly user: string;
  /** A user id that is only stated: a label. */
  readonly claimedUser: string;
  readonly dbo: number | string;
  readonly row: number | string;
  readonly extras: JsonObject;
}

export function whoIs(principal: Principal): Who {
  const { kind } = principal;
  const proven = kind === 'user';
  return {
    kind,
    user: proven ? principal.user : '',
    claimedUser: kind === 'stated' ? principal.user : kind === 'server' ? (principal.as ?? '') : '',
    dbo: proven ? principal.table : 0,
    row: proven ? principal.row : 0,
    extras: proven ? principal.extras : {},
  };
}
