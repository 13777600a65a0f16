import type { IncomingMessage, ServerResponse } from 'node:http';
import { isPromise, type MaybePromise } from '@portcullis/engine';
import { ANONYMOUS } from '@portcullis/policy';
import { mayConnect, type Who, type WhoDeps, whoAsks } from '../identity/who-asks.ts';
import { channelsAsked } from '../names/channels-asked.ts';
import { refuseNames } from '../names/refuse-names.ts';
import { type SignedDeps, signedCaller } from '../signature/signed-caller.ts';
import { refusal } from './answers.ts';
import { Body } from './body.ts';
import type { Answer, PubNubDeps } from './call.ts';
import type { Family } from './families.ts';
import { HttpCall } from './http-call.ts';
import type { OpenCalls } from './open-calls.ts';
import type { Asked } from './read-request.ts';
import { timetokenAt } from './time.ts';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly family: Family;
}

export type ServeDeps = PubNubDeps & WhoDeps & SignedDeps & { readonly openCalls: OpenCalls };

const NOBODY: Who = { ok: true, principal: ANONYMOUS };
const NOT_SIGNED = refusal('operation.server-only', {}, 'Signature is missing');

/** Finds out who asks, whether they are let in at all, and has the endpoint answer. */
export function serve(asked: Asked, { request, response, family }: Exchange, deps: ServeDeps): MaybePromise<Answer> {
  const { app, endpoint, address } = asked;
  const max = app === undefined ? 0 : app.limits.message + app.settings.bodyEnvelope;
  const body = new Body({ request, family, max, timetoken: () => timetokenAt(deps.engine.now()) });
  const proceed = (who: Who): MaybePromise<Answer> => {
    if (!who.ok) return who.answer;
    const { principal } = who;
    if (app !== undefined && endpoint.callers !== 'open') {
      const refused = mayConnect(app, principal, deps) ?? refuseNames(asked, app);
      if (refused !== undefined) return refused;
    }
    if (endpoint.callers === 'server' && principal.kind !== 'server') {
      if (app !== undefined) deps.engine.turnAway(app.app, { code: 'operation.server-only', address, principal });
      return NOT_SIGNED;
    }
    const begin = () =>
      endpoint.handle(new HttpCall({ asked, request, response, body, principal, openCalls: deps.openCalls }), deps);
    const admitting =
      app === undefined || endpoint.callers !== undefined
        ? null
        : deps.engine.admit(app.app, principal, channelsAsked(asked, app, deps.engine));
    if (admitting === null || app === undefined) return begin();
    return admitting.then(() => mayConnect(app, principal, deps) ?? begin());
  };
  const who = whoIs(asked, body, deps);
  // Decided and begun in the turn in which it is known who asks.
  return isPromise(who) ? who.then(proceed) : proceed(who);
}

function whoIs({ app, endpoint, method, path, query, address }: Asked, body: Body, deps: ServeDeps): MaybePromise<Who> {
  if (app === undefined || endpoint.callers === 'open') return NOBODY;
  if (!query.has('signature')) return whoAsks({ app, query, address }, deps);
  const { reads = false } = endpoint;
  const signed = { method, path, query, address, reads: typeof reads === 'boolean' ? reads : reads(query) };
  return signedCaller(app, { ...signed, body: () => body.text() }, deps);
}
