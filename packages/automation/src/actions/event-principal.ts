import type { JsonObject, Principal } from '@portcullis/policy';
import { oncePer } from '../once-per.ts';
import { type Who, whoIs } from '../who.ts';

/** Who did it, as filters see it and receivers are told it. */
export type EventPrincipal = JsonObject &
  Who & {
    /** Id of the permission token it carries. */
    readonly grant: string | null;
    /** Which server or trigger: as the audit trail names it; `''` for everyone else. */
    readonly name: string;
  };

function principalOf(principal: Principal): EventPrincipal {
  const { kind, user, claimedUser, dbo, row, extras } = whoIs(principal);
  const grant = principal.credentials.find(({ type }) => type === 'grant')?.id ?? null;
  const name = principal.kind === 'server' || principal.kind === 'trigger' ? principal.name : '';
  return { kind, user, claimedUser, dbo, row, extras, grant, name };
}

/** A session's principal is the same at every event. */
export const eventPrincipal = oncePer(principalOf);
