import type { JsonObject, Principal } from '@portcullis/policy';
import { oncePer } from '../once-per.ts';

/** Who did it, as filters see it and receivers are told it. Always whole. */
export type EventPrincipal = JsonObject & {
  readonly kind: Principal['kind'];
  /** The proven user id; `''` when none is proven. */
  readonly user: string;
  /** A user id that is only stated: a label. */
  readonly claimedUser: string;
  readonly dbo: number | string;
  readonly row: number | string;
  readonly extras: JsonObject;
  /** Id of the permission token it carries. */
  readonly grant: string | null;
  /** Which server or trigger: as the audit trail names it; `''` for everyone else. */
  readonly name: string;
};

function principalOf(principal: Principal): EventPrincipal {
  const grant = principal.credentials.find(({ type }) => type === 'grant')?.id ?? null;
  const nobody = { kind: principal.kind, user: '', claimedUser: '', dbo: 0, row: 0, extras: {}, grant, name: '' };
  switch (principal.kind) {
    case 'anonymous':
      return nobody;
    case 'user': {
      const { user, table, row, extras } = principal;
      return { ...nobody, user, dbo: table, row, extras };
    }
    case 'stated':
      return { ...nobody, claimedUser: principal.user };
    case 'server':
      return { ...nobody, claimedUser: principal.as ?? '', name: principal.name };
    case 'trigger':
      return { ...nobody, name: principal.name };
  }
}

/** A session's principal is the same at every event. */
export const eventPrincipal = oncePer(principalOf);
