import {
  type AccessRequest,
  type Code,
  type JsonObject,
  operationRow,
  type Principal,
  type Rule,
} from '@portcullis/policy';
import type { EventType } from './event-types.ts';
import { type AppEvents, type Happening, NOTHING_TOLD } from './ports/events.ts';
import type { Change, StoredApp } from './ports/store.ts';
import type { Told } from './ports/store-outbox.ts';
import type { Publication } from './publication.ts';

const OF_KIND = { message: 'message.published', signal: 'signal.sent', file: 'file.sent' } as const;

/** What is told of a message of this kind. */
export const messageEvent = (kind: keyof typeof OF_KIND): EventType => OF_KIND[kind];

/** What is told of a publication that has its place. */
export function publicationHappened(
  type: EventType,
  principal: Principal,
  { channel, data, meta, customType, timetoken, position, audience, table, row }: Publication,
  { fire, trail }: { readonly fire?: boolean; readonly trail?: readonly string[] },
): Happening {
  return {
    type,
    principal,
    channel,
    data: {
      timetoken: String(timetoken),
      position: position && { epoch: position.epoch, offset: position.offset },
      audience: audience as unknown as JsonObject,
      ...(customType === undefined ? {} : { customType }),
      ...(fire ? { fire } : {}),
      ...(table === undefined ? {} : { table, row: row ?? 0 }),
    },
    texts: { message: data, meta: meta ?? 'null' },
    ...(trail ? { trail } : {}),
  };
}

interface Denial {
  readonly principal: Principal;
  readonly code: Code;
  readonly message: string;
  readonly rule?: number | undefined;
  /** Absent for a limit. */
  readonly request?: AccessRequest;
  readonly channel?: string | undefined;
  /** Of one who was refused at the door. */
  readonly address?: string | undefined;
}

export function deniedHappened({ principal, code, message, rule, request, channel, address }: Denial): Happening {
  const name = request?.name ?? channel;
  const named = request && namesChannel(request) ? request.name : channel;
  return {
    type: 'access.denied',
    principal,
    code,
    ...(named === undefined ? {} : { channel: named }),
    ...(address === undefined ? {} : { address }),
    data: {
      operation: request?.operation ?? null,
      rule: rule ?? null,
      message,
      ...(name === undefined ? {} : { name }),
      ...(address === undefined ? {} : { address }),
    },
  };
}

function namesChannel({ operation }: AccessRequest): boolean {
  const kind = operationRow(operation).name;
  return kind !== 'none' && kind !== 'user' && kind !== 'group';
}

/** What is to be written with changes of authority; `before` is what they change. */
export function noteChanges(
  events: AppEvents,
  changes: readonly Change[],
  before: StoredApp,
  principal: Principal,
): Told {
  return changes.flatMap((change) => {
    const happened = changeHappened(change, before, principal);
    return happened && events.hears(happened.type) ? events.note(happened) : NOTHING_TOLD;
  });
}

function changeHappened(change: Change, before: StoredApp, principal: Principal): Happening | undefined {
  const told = (type: EventType, data: JsonObject, channel?: string): Happening => ({
    type,
    principal,
    data,
    ...(channel === undefined ? {} : { channel }),
  });
  switch (change.type) {
    case 'rule.put':
      return told(
        before.rules.some(({ id }) => id === change.rule.id) ? 'rule.changed' : 'rule.created',
        ruleData(change.rule),
      );
    case 'rule.delete':
      return told('rule.deleted', { rule: change.id });
    case 'revocation.put': {
      const { id, type, reason, keepUntil, ...rest } = change.revocation;
      const user = 'user' in rest && rest.user !== undefined ? { user: rest.user } : {};
      return told(
        'revocation.created',
        { id, type, reason, until: keepUntil, ...user },
        'channel' in rest ? rest.channel : undefined,
      );
    }
    case 'revocation.delete':
      return told('revocation.deleted', { id: change.id });
    case 'ban.put': {
      const { id, user, until, reason, hold, channel } = change.ban;
      return told('ban.created', { id, type: 'user', user, until: until ?? null, reason, hold }, channel);
    }
    case 'ban.delete':
      return told('ban.deleted', { id: change.id });
    case 'group.put':
      return told('group.changed', { group: change.group, channels: change.channels });
    case 'group.delete':
      return told('group.deleted', { group: change.group });
    case 'trigger.put':
      return told('trigger.changed', { trigger: change.trigger.id });
    case 'trigger.delete':
      return told('trigger.deleted', { trigger: change.id });
    case 'app.put':
    case 'outside':
      return told('app.changed', {});
    case 'trail':
      return undefined;
    case 'app.delete':
      // Whoever listened goes with it.
      return undefined;
  }
}

const ruleData = ({ id, target, nested }: Rule): JsonObject => ({ rule: id, target, nested });
