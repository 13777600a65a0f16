import { type EventType, eventRow, type Happening } from '@portcullis/engine';
import type { JsonObject, Principal } from '@portcullis/policy';

/** An event as filters see it and receivers are told it. */
export interface AppEvent {
  readonly id: string;
  readonly type: EventType;
  /** ms since 1970. */
  readonly at: number;
  readonly app: string;
  readonly channel?: string;
  readonly principal: EventPrincipal;
  readonly code?: string;
  /** The actions through which it came about. */
  readonly trail?: readonly string[];
  readonly data: JsonObject;
}

/** Always whole. */
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

export function eventPrincipal(principal: Principal): EventPrincipal {
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

/** What happened, with its id: as JSON text, and as filters look at it, which is put together when one asks. */
export interface Draft {
  readonly text: string;
  readonly event: () => AppEvent;
}

export function draftEvent(
  happening: Happening,
  made: Pick<AppEvent, 'id' | 'at' | 'app'>,
  extra: JsonObject = {},
): Draft {
  const { type, principal, channel, code, data, texts = {}, trail } = happening;
  const head = {
    id: made.id,
    type,
    at: made.at,
    app: made.app,
    ...(channel === undefined ? {} : { channel }),
    principal: eventPrincipal(principal),
    ...(code === undefined ? {} : { code }),
    ...(trail === undefined || trail.length === 0 ? {} : { trail }),
  };
  const fields = Object.entries(texts).map(([name, text]) => `${JSON.stringify(name)}:${text}`);
  const said = JSON.stringify({ ...data, ...extra }).slice(1, -1);
  const body = [...fields, ...(said === '' ? [] : [said])].join();
  const text = `${JSON.stringify(head).slice(0, -1)},"data":{${body}}}`;
  let parsed: AppEvent | undefined;
  return {
    text,
    event: () => {
      parsed ??= JSON.parse(text) as AppEvent;
      return parsed;
    },
  };
}

/** The vendor's schema for an event of ours, or our own name for one it does not have. */
export const schemaOf = (type: EventType): string => eventRow(type).vendor ?? `portcullis.${type}`;
