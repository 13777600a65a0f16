import type { Operation, Via } from '@portcullis/policy';
import { refusalOf } from '../http/answers.ts';
import type { Answer, Call, PubNubDeps } from '../http/call.ts';
import { badCall } from '../messaging/bad-call.ts';
import { isAllowed, refuseUnlessAll } from '../messaging/decide-all.ts';
import { membersHere } from '../names/exists-here.ts';
import { refuseTooMany } from '../names/refuse-too-many.ts';

export interface Reach {
  readonly channels: readonly string[];
  readonly groups: readonly string[];
}

/** Channels that are reached together: as they are named, or through one group. */
export interface Reached {
  readonly channels: readonly string[];
  readonly via?: Via;
}

/**
 * The channels that a presence call reaches: those it names, all of them or a refusal with each that failed; and of its
 * groups, which it may have to read, those channels on which the operation is allowed. None left is a refusal.
 */
export function reach(
  call: Call,
  { engine }: PubNubDeps,
  operation: Operation,
  { channels, groups }: Reach,
): readonly Reached[] | Answer {
  const { app, settings } = call.app;
  const tooMany = refuseTooMany(channels, groups, settings);
  if (tooMany) return tooMany;
  if (channels.length + groups.length === 0) {
    return badCall('Presence', 'request.malformed', 'Channel or channel group is missing');
  }
  const refused = refuseUnlessAll(call, engine, [
    ...channels.map((name) => ({ operation, name, is: 'channel' as const })),
    ...groups.map((name) => ({ operation: 'subscribe.group' as const, name, is: 'group' as const })),
  ]);
  if (refused) return refused;
  const members = groups.map((group) => ({ via: { group }, names: membersHere(engine, call.app, group) }));
  const admitted = members.map(({ via, names }): Reached => {
    return { via, channels: names.filter((name) => isAllowed(call, engine, { operation, name, via })) };
  });
  const left = [{ channels }, ...admitted].filter((reached) => reached.channels.length > 0);
  const first = members.find(({ names }) => names.length > 0);
  if (first && left.length === 0) {
    const request = {
      operation,
      principal: call.principal,
      now: engine.now(),
      name: first.names[0] ?? '',
      via: first.via,
    };
    const decision = engine.decide(app, request);
    if (!decision.allowed) return refusalOf(engine.refuse(app, request, decision), { groups });
  }
  return left;
}

/** Each channel once, in the order asked for. */
export const channelsOf = (reached: readonly Reached[]): readonly string[] => [
  ...new Set(reached.flatMap(({ channels }) => channels)),
];
