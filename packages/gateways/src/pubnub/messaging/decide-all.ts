import type { StatelessApi } from '@portcullis/engine';
import type { AccessRequest, Denied, Operation, Via } from '@portcullis/policy';
import { refusalOf } from '../http/answers.ts';
import type { Answer, Call } from '../http/call.ts';

/** One thing a call needs to be allowed. */
export interface Needed {
  readonly operation: Operation;
  readonly name: string;
  readonly via?: Via;
  /** What the name is in the payload of a refusal. */
  readonly is: 'channel' | 'group';
}

type Asks = Pick<StatelessApi, 'decide' | 'refuse' | 'now'>;

/** All of it, or a refusal that names whatever failed. */
export function refuseUnlessAll(call: Call, engine: Asks, needed: readonly Needed[]): Answer | undefined {
  const channels: string[] = [];
  const groups: string[] = [];
  let first: { readonly request: AccessRequest; readonly denied: Denied } | undefined;
  for (const one of needed) {
    const request = requestOf(call, engine, one);
    const decision = engine.decide(call.app.app, request);
    if (decision.allowed) continue;
    (one.is === 'group' ? groups : channels).push(one.name);
    first ??= { request, denied: decision };
  }
  if (first === undefined) return undefined;
  return refusalOf(engine.refuse(call.app.app, first.request, first.denied), { channels, groups });
}

/** Whether one thing would be allowed; a no is nobody's refusal and is not counted. */
export function isAllowed(call: Call, engine: Asks, needed: Omit<Needed, 'is'>): boolean {
  return engine.decide(call.app.app, requestOf(call, engine, { ...needed, is: 'channel' })).allowed;
}

function requestOf({ principal }: Call, engine: Asks, { operation, name, via }: Needed): AccessRequest {
  return { operation, principal, now: engine.now(), name, ...(via ? { via } : {}) };
}
