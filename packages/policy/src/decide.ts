import type { Decision, Explanation } from './decision.ts';
import type { Policy } from './policy.ts';
import type { AccessRequest } from './request.ts';

/** First version: refuses everything but what needs nothing. */
export function decide(request: AccessRequest, policy: Policy): Decision {
  if (!policy.settings.enabled) return { allowed: false, code: 'app.disabled', by: { gate: 'app' } };
  if (request.principal.kind === 'server') return { allowed: true, by: { gate: 'server' } };
  if (request.operation === 'connect') return { allowed: true, by: { gate: 'none' } };
  return { allowed: false, code: 'channel.no-rule', by: { gate: 'channel' } };
}

export function explain(request: AccessRequest, policy: Policy): Explanation {
  return { ...decide(request, policy), steps: [] };
}
