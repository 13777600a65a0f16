import type { AccessRequest, Denied } from '@portcullis/policy';
import type { App } from './app.ts';
import type { Core } from './core.ts';
import type { PresenceCall, PresenceOutcome } from './stateless-api.ts';

type PresenceRefused = Extract<PresenceOutcome, { readonly ok: false }>;

/** Decides a call about presence for each of its channels; the refusal names all that fail. `unasked`: see `Admissions.subtract`. */
export function refusePresence(
  core: Core,
  app: App,
  call: Omit<PresenceCall, 'app'>,
  operation: 'heartbeat' | 'state.set',
  unasked: 'refuse' | 'pass' = 'refuse',
): PresenceRefused | undefined {
  const failed: string[] = [];
  let first: { readonly denied: Denied; readonly request: AccessRequest } | undefined;
  for (const name of call.channels) {
    const request: AccessRequest = {
      operation,
      principal: call.principal,
      now: core.clock.now(),
      name,
      ...(call.via ? { via: call.via } : {}),
    };
    const decision = app.admissions.subtract(request, core.decide(app, request), unasked);
    if (decision.allowed) continue;
    failed.push(name);
    first ??= { denied: decision, request };
  }
  return first && { ok: false, ...first, names: failed };
}
