import { type AccessRequest, type Code, type Decision, type Denied, operationRow } from '@portcullis/policy';
import { type FailingNames, refusalOf } from '../http/answers.ts';
import type { Answer, Call, PubNubDeps } from '../http/call.ts';

/** What a call asks to do; who asks and when is the call's. */
export type Ask = Omit<AccessRequest, 'principal' | 'now'>;

/** Who asks, in which app: a call, or whom a form or link was given to. */
export type Asker = Pick<Call, 'app' | 'principal'>;

/** Decides one question under the policy as it stands. Ask again after each await. */
export function decideFor(asker: Asker, { engine }: PubNubDeps, ask: Ask): Decision {
  return engine.decide(asker.app.app, requestOf(asker, engine.now(), ask));
}

/**
 * Decides them all. The answer to the first denial, with the names of all that failed; `undefined` when nothing did: a
 * call is done whole or not at all.
 */
export function refusedAny(asker: Asker, deps: PubNubDeps, asks: Iterable<Ask>): Answer | undefined {
  const failed = failures(asker, deps, asks);
  return failed && refusalOf(failed, failed.names);
}

export const refused = (asker: Asker, deps: PubNubDeps, ask: Ask): Answer | undefined => refusedAny(asker, deps, [ask]);

/** What was refused: what the client may be told, and all the names that failed. */
export interface Failed {
  readonly code: Code;
  readonly message: string;
  readonly names: FailingNames;
}

/** As `refusedAny`, for those who have words of their own. */
export function failures(asker: Asker, { engine }: PubNubDeps, asks: Iterable<Ask>): Failed | undefined {
  const failed: { readonly request: AccessRequest; readonly denied: Denied }[] = [];
  const now = engine.now();
  for (const ask of asks) {
    const request = requestOf(asker, now, ask);
    const decision = engine.decide(asker.app.app, request);
    if (!decision.allowed) failed.push({ request, denied: decision });
  }
  const [first] = failed;
  if (first === undefined) return undefined;
  const { code, message } = engine.refuse(asker.app.app, first.request, first.denied);
  return { code, message, names: namesOf(failed.map(({ request }) => request)) };
}

const requestOf = ({ principal }: Asker, now: number, ask: Ask): AccessRequest => ({ ...ask, principal, now });

function namesOf(requests: readonly AccessRequest[]): FailingNames {
  const names = { channels: new Set<string>(), groups: new Set<string>(), uuids: new Set<string>() };
  for (const { operation, name } of requests) {
    if (name === undefined) continue;
    const kind = operationRow(operation).name;
    const section = kind === 'user' ? names.uuids : kind === 'group' ? names.groups : names.channels;
    section.add(name);
  }
  return { channels: [...names.channels], groups: [...names.groups], uuids: [...names.uuids] };
}
