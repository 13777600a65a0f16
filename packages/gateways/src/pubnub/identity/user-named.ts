import { isPromise, type MaybePromise } from '@portcullis/engine';
import { refusal } from '../http/answers.ts';
import type { Answer, PubNubApp } from '../http/call.ts';
import { userExistsHere } from '../names/exists-here.ts';
import type { Identity } from './identified.ts';

export const INVALID_USER: Answer = refusal('request.malformed', {}, 'Invalid UUID');

/** The answer to a user id that can be nobody's. */
export function refuseUser(
  user: string | undefined,
  app: PubNubApp,
  identity: Identity,
): MaybePromise<Answer | undefined> {
  if (user === undefined) return undefined;
  if (!userExistsHere(user, app)) return INVALID_USER;
  const alone = identity.identify(app.app, { statedUser: user, statesUser: true });
  return isPromise(alone)
    ? alone.then(({ ok }) => (ok ? undefined : INVALID_USER))
    : alone.ok
      ? undefined
      : INVALID_USER;
}
