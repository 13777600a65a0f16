import { CODES } from './codes.ts';
import type { Allowed, DecidedBy, Decision, Explanation } from './decision.ts';
import { appGate } from './gates/app-gate.ts';
import { bearerGate } from './gates/bearer-gate.ts';
import { type ChannelAnswer, channelGate } from './gates/channel-gate.ts';
import { deny } from './gates/deny.ts';
import { identityGate } from './gates/identity-gate.ts';
import { nameGate } from './gates/name-gate.ts';
import type { Question } from './gates/question.ts';
import { peerGate } from './gates/sending.ts';
import { serverGate } from './gates/server-gate.ts';
import { triggerGate } from './gates/trigger-gate.ts';
import { isOperation, operationRow } from './operations.ts';
import type { Policy } from './policy.ts';
import type { AccessRequest } from './request.ts';
import { Trace } from './trace.ts';

/**
 * May this be done? The only place where that is answered, for every door and every path. Pure and synchronous; never
 * throws. The gates are asked in order: app, identity, name, channel (rules), bearer (grants); the first no is the answer.
 */
export function decide(request: AccessRequest, policy: Policy): Decision {
  return ask(request, policy, undefined);
}

/** The same decision with its steps, and for a denial the nearest fix. For operators: clients get `clientView`. */
export function explain(request: AccessRequest, policy: Policy): Explanation {
  const trace = new Trace();
  const decision = ask(request, policy, trace);
  const { steps } = trace;
  return decision.allowed ? { ...decision, steps } : { ...decision, steps, fix: CODES[decision.code].fix };
}

function ask(request: AccessRequest, policy: Policy, trace: Trace | undefined): Decision {
  if (!isOperation(request.operation)) return deny('app', 'request.unknown-action');
  const question: Question = { request, row: operationRow(request.operation), policy, trace };
  const stopped = appGate(question) ?? identityGate(question);
  if (stopped !== undefined) return stopped;
  const name = nameGate(question);
  if (!name.ok) return name.denied;
  if (request.principal.kind === 'server') return serverGate(question, name.named);
  if (request.principal.kind === 'trigger') return triggerGate(question, name.named, request.principal);
  const channel = channelGate(question, name.named);
  if (!channel.ok) return channel.denied;
  const denied = bearerGate(question, name.named) ?? (channel.target && peerGate(request, channel.rule, trace));
  return denied ?? allow(question, channel);
}

function allow({ request, policy, row }: Question, channel: ChannelAnswer & { readonly ok: true }): Allowed {
  const { rule, target } = channel;
  const grant = row.bearer !== null && policy.compiled.gates.grants ? request.principal.grant : undefined;
  const by: DecidedBy = {
    gate: grant !== undefined ? 'bearer' : rule !== undefined ? 'channel' : 'none',
    ...(rule === undefined ? {} : { rule: rule.id }),
    ...(grant === undefined ? {} : { grant: grant.id }),
  };
  return { allowed: true, by, ...(rule === undefined ? {} : { rule }), ...(target === undefined ? {} : { target }) };
}
