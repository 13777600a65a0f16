import type { Operation, Via } from '@portcullis/policy';
import { refusal } from '../http/answers.ts';
import type { Answer, Call, PubNubDeps } from '../http/call.ts';
import { badCall } from '../messaging/bad-call.ts';
import { isAllowed, refuseUnlessAll } from '../messaging/decide-all.ts';

export interface Reach {
  readonly channels: readonly string[];
  readonly groups: readonly string[];
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
): readonly string[] | Answer {
  const { app, settings } = call.app;
  if (groups.length > settings.groupsPerCall) return refusal('limit.groupsPerCall');
  if (channels.length + groups.length > settings.channelsPerCall) return refusal('limit.channelsPerCall');
  if (channels.length + groups.length === 0) {
    return badCall('Presence', 'request.malformed', 'Channel or channel group is missing');
  }
  const refused = refuseUnlessAll(call, engine, [
    ...channels.map((name) => ({ operation, name, is: 'channel' as const })),
    ...groups.map((name) => ({ operation: 'subscribe.group' as const, name, is: 'group' as const })),
  ]);
  if (refused) return refused;
  const members = groups.flatMap((group) => engine.group(app, group).map((name) => ({ name, via: { group } as Via })));
  const admitted = members.filter(({ name, via }) => isAllowed(call, engine, { operation, name, via }));
  const [first] = members;
  if (first && admitted.length === 0 && channels.length === 0) {
    const request = { operation, principal: call.principal, now: engine.now(), name: first.name, via: first.via };
    const decision = engine.decide(app, request);
    if (!decision.allowed) return refusal(engine.refuse(app, request, decision).code, { groups });
  }
  return [...new Set([...channels, ...admitted.map(({ name }) => name)])];
}
