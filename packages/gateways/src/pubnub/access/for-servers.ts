import type { Code } from '@portcullis/policy';
import { refusal } from '../http/answers.ts';
import type { Answer, Call, PubNubDeps } from '../http/call.ts';

/** Why the caller may not administer access; `undefined` when it may. Whoever signs may. */
export function codeAgainst(call: Call, { engine }: PubNubDeps, operation: 'grant' | 'revoke'): Code | undefined {
  const request = { operation, principal: call.principal, now: engine.now() };
  const decision = engine.decide(call.app.app, request);
  return decision.allowed ? undefined : engine.refuse(call.app.app, request, decision).code;
}

export function refusedForServers(code: Code): Answer {
  return refusal(code, {}, code === 'operation.server-only' ? 'Signature is missing' : undefined);
}

/** Who it was, in the audit trail. */
export const actorOf = ({ principal }: Call): string => (principal.kind === 'server' ? principal.name : principal.kind);
