import type { Decision } from '../decision.ts';
import type { TriggerPrincipal } from '../principal.ts';
import { matchesTarget } from '../target.ts';
import { deny } from './deny.ts';
import type { Named } from './name-gate.ts';
import type { Question } from './question.ts';
import { peerGate } from './sending.ts';

/** A trigger publishes in the channels that its configuration names, where a rule covers them. It does nothing else. */
export function triggerGate({ request, policy, trace }: Question, named: Named, trigger: TriggerPrincipal): Decision {
  const { operation, target } = request;
  if (operation !== 'publish' || named.channel === undefined || target?.to === 'session') {
    trace?.no('trigger', 'may a trigger do this?', 'it publishes, and nothing else');
    return deny('trigger', 'operation.server-only');
  }
  const { channel } = named;
  if (!trigger.channels.some((one) => matchesTarget(one, channel))) {
    trace?.no('trigger', 'does its configuration name the channel?', `\`publishes\` of ${trigger.name} does not`);
    return deny('trigger', 'trigger.channel-not-named');
  }
  const rule = policy.compiled.ruleFor(channel);
  if (rule === undefined) {
    trace?.no('channel', 'does a rule apply?', 'none covers the name');
    return deny('channel', 'channel.no-rule');
  }
  const absent = target?.to === 'user' ? peerGate(request, undefined, trace) : undefined;
  if (absent !== undefined) return absent;
  trace?.yes('trigger', 'does its configuration name the channel?', `\`publishes\` of ${trigger.name} does`);
  return { allowed: true, by: { gate: 'trigger', rule: rule.id }, rule, target: target ?? { to: 'everyone' } };
}
