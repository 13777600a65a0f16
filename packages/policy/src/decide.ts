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
import type { Grant } from './grant/grant.ts';
import { rowNamed } from './operations.ts';
import type { Policy } from './policy.ts';
import type { AccessRequest } from './request.ts';
import type { Rule } from './rule.ts';
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
  const row = rowNamed(request.operation);
  if (row === undefined) return deny('app', 'request.unknown-action');
  const question: Question = { request, row, policy, trace };
  const stopped = appGate(question) ?? identityGate(question);
  if (stopped !== undefined) return stopped;
  const named = nameGate(question);
  if ('allowed' in named) return named;
  if (request.principal.kind === 'server') return serverGate(question, named);
  if (request.principal.kind === 'trigger') return triggerGate(question, named, request.principal);
  const channel = channelGate(question, named);
  if (!channel.ok) return channel.denied;
  const denied = bearerGate(question, named) ?? (channel.target && peerGate(request, channel.rule, trace));
  return denied ?? allow(question, channel);
}

function allow({ request, policy, row }: Question, channel: ChannelAnswer & { readonly ok: true }): Allowed {
  const { rule, target } = channel;
  const grant = row.bearer !== null && policy.compiled.gates.grants ? request.principal.grant : undefined;
  const by = decidedBy(rule, grant);
  // Written out: this is made for every message, and copies of parts cost more than the gates.
  if (rule === undefined) return target === undefined ? { allowed: true, by } : { allowed: true, by, target };
  return target === undefined ? { allowed: true, by, rule } : { allowed: true, by, rule, target };
}

function decidedBy(rule: Rule | undefined, grant: Grant | undefined): DecidedBy {
  if (rule === undefined) return grant === undefined ? { gate: 'none' } : { gate: 'bearer', grant: grant.id };
  return grant === undefined ? { gate: 'channel', rule: rule.id } : { gate: 'bearer', rule: rule.id, grant: grant.id };
}
