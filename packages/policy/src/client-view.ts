import { CODES, type Code } from './codes.ts';
import { decide } from './decide.ts';
import type { Denied } from './decision.ts';
import { countsAsAuthenticated } from './gates/authenticated.ts';
import { baseOfPresence } from './name.ts';
import { operationRow } from './operations.ts';
import type { Policy } from './policy.ts';
import type { AccessRequest } from './request.ts';

/** What a refused client is told: a code and a sentence. */
export interface ClientView {
  readonly code: Code;
  readonly message: string;
}

/** What clients of the Xano SDK wait for, word for word. */
const ANONYMOUS_REFUSED = CODES['channel.anonymous-not-allowed'].sentence;

/**
 * What the client may be told of a denial. With `explainToClients: full` the exact code. With `short`, whoever is not
 * admitted to the channel is told that it is not available, whether there is such a channel or not; and whether the
 * other end of a private message is absent or anonymous is not told. A trigger's reason is written for clients, and
 * triggers are asked only about those whom both gates let in.
 */
export function clientView(denied: Denied, request: AccessRequest, policy: Policy): ClientView {
  if (policy.settings.explainToClients === 'full' || denied.reason !== undefined)
    return exact(denied.code, denied.reason);
  const code = withoutPeer(denied.code, request, policy);
  if (!tellsOfChannel(code) || isAdmitted(request, policy)) return exact(code);
  const anonymous = !isAuthenticated(request, policy);
  const message = anonymous && isJoin(request) ? ANONYMOUS_REFUSED : CODES['channel.not-available'].sentence;
  return { code: 'channel.not-available', message };
}

/** Of an authenticated sender the rule asks nothing more: what stopped it is how the other end stands, which is not told. */
function withoutPeer(code: Code, request: AccessRequest, policy: Policy): Code {
  return code === 'channel.private-messaging-authenticated-only' && isAuthenticated(request, policy)
    ? 'channel.peer-not-present'
    : code;
}

const exact = (code: Code, message: string = CODES[code].sentence): ClientView => ({ code, message });

/** Codes that depend on what the rules or the grant say of a name. That a name is not valid anyone can see. */
function tellsOfChannel(code: Code): boolean {
  return (code.startsWith('channel.') && code !== 'channel.bad-name') || code.startsWith('grant.');
}

/** Whether the asker may know that the channel exists. Groups and users are not told apart by any code. */
function isAdmitted(request: AccessRequest, policy: Policy): boolean {
  const kind = operationRow(request.operation).name;
  if (kind !== 'channel' && kind !== 'presence' && kind !== 'member') return true;
  const name = request.name ?? '';
  const { principal, now, via } = request;
  const base = { principal, now, name: baseOfPresence(name) ?? name };
  const admission: AccessRequest =
    via === undefined ? { ...base, operation: 'join' } : { ...base, operation: 'subscribe.member', via };
  return decide(admission, policy).allowed;
}

function isJoin({ operation }: AccessRequest): boolean {
  return operation === 'join' || operation === 'subscribe';
}

const isAuthenticated = ({ principal }: AccessRequest, policy: Policy): boolean =>
  countsAsAuthenticated(principal, policy.settings);
