import type { Clock, EngineApi } from '@portcullis/engine';
import type { Revocation, RevocationSubject } from '@portcullis/policy';
import * as v from 'valibot';
import type { Identities } from '../apps/identities.ts';
import { HttpProblem } from '../http/problem.ts';
import { serverPrincipal } from './events.ts';
import { ack, channel, idIn, reason, text, toAck, user } from './fields.ts';
import { type Operation, operation } from './operation.ts';

/** What has no end of its own is kept for ever: nobody knows how long a foreign issuer's tokens live. */
const FOR_EVER = Number.MAX_SAFE_INTEGER;

const seconds = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(0),
  v.maxValue(99_999_999_999),
  v.description('Seconds since 1970, as `iat` has them. Covers its own second.'),
);
const body = v.strictObject({
  token: v.exactOptional(v.pipe(text(65_536), v.description('The token itself; its id is kept.'))),
  tokenId: v.exactOptional(v.pipe(text(128), v.description('The id by which logs and explanations name a token.'))),
  user: v.exactOptional(user),
  channel: v.exactOptional(channel),
  key: v.exactOptional(v.pipe(text(128), v.description('Id of a signing key.'))),
  jti: v.exactOptional(text(1_024)),
  issuedBefore: v.exactOptional(seconds),
  reason: v.exactOptional(reason),
});
type Body = v.InferOutput<typeof body>;

const shown = v.object({
  id: v.pipe(v.number(), v.integer()),
  type: v.picklist(['token', 'user', 'user-channel', 'key', 'jti', 'issued-before']),
  token: v.exactOptional(v.string()),
  user: v.exactOptional(v.string()),
  channel: v.exactOptional(v.string()),
  key: v.exactOptional(v.string()),
  jti: v.exactOptional(v.string()),
  issuedBefore: v.exactOptional(v.number()),
  reason: v.string(),
  keepUntil: v.number(),
});

export interface RevocationDeps {
  readonly engine: EngineApi;
  readonly identities: Identities;
  readonly clock: Clock;
}

type Subject = RevocationSubject & { readonly keepUntil: number };

/** What takes tokens back before they expire. */
export function revocationOperations({ engine, identities, clock }: RevocationDeps): readonly Operation[] {
  const subjects = async (app: string, given: Body): Promise<readonly Subject[]> => {
    if (given.token === undefined) return [subjectOf(given, Math.floor(clock.now() / 1_000))];
    const known = await identities.credentialsOf(app, given.token);
    if (!known.ok) throw new HttpProblem(known.code, { detail: known.reason });
    return known.credentials.map(({ id, expiresAt }) => ({
      type: 'token',
      token: id,
      keepUntil: Math.min(expiresAt, FOR_EVER),
    }));
  };

  return [
    operation({
      id: 'listRevocations',
      method: 'get',
      path: '/apps/{app}/revocations',
      summary: 'Revocations in force.',
      scope: 'revoke',
      answer: v.object({ revocations: v.array(shown) }),
      handle: ({ app }) => ({
        body: { revocations: engine.source(app).revocations.filter(({ keepUntil }) => keepUntil > clock.now()) },
      }),
    }),
    operation({
      id: 'revoke',
      method: 'post',
      path: '/apps/{app}/revocations',
      summary:
        'Revoke by `token` (or `tokenId`), `user`, `user` and `channel`, `key`, `jti`, or all that was `issuedBefore`. Answers when no live session rests on it any more.',
      scope: 'revoke',
      body,
      status: 201,
      answer: v.object({ ids: v.array(v.number()), ...ack.entries }),
      audit: 'revocation.created',
      handle: async ({ actor, app, body: given, noted }) => {
        exactlyOne(given);
        const revocations = (await subjects(app, given)).map(
          (subject): Revocation => ({ ...subject, id: engine.nextId(), reason: given.reason ?? '' }),
        );
        const ids = revocations.map(({ id }) => id);
        const { token: _, ...named } = given;
        const tokens = revocations.flatMap((revocation) => (revocation.type === 'token' ? [revocation.token] : []));
        const answer = await engine.commit(
          app,
          [
            ...revocations.map((revocation) => ({ type: 'revocation.put', revocation }) as const),
            noted({ revocations: ids, ...named, ...(tokens[0] && { tokens }) }),
          ],
          serverPrincipal(actor),
        );
        return { body: { ids, ...toAck(answer) } };
      },
    }),
    operation({
      id: 'deleteRevocation',
      method: 'delete',
      path: '/apps/{app}/revocations/{revocation}',
      summary: 'Take a revocation back: what it covered and has not expired is valid again.',
      scope: 'revoke',
      answer: ack,
      audit: 'revocation.deleted',
      handle: async ({ actor, app, params, noted }) => {
        const id = idIn(params, 'revocation');
        if (!engine.source(app).revocations.some((revocation) => revocation.id === id)) {
          throw new HttpProblem('not-found', { detail: 'There is no such revocation.' });
        }
        const changes = [{ type: 'revocation.delete', id } as const, noted({ revocation: id })];
        return { body: toAck(await engine.commit(app, changes, serverPrincipal(actor))) };
      },
    }),
  ];
}

/** One subject a call. `channel` narrows a user, `issuedBefore` dates one. */
function exactlyOne({ token, tokenId, user: who, channel: where, key, jti, issuedBefore }: Body): void {
  const named = [token, tokenId, who, key, jti].filter((subject) => subject !== undefined).length;
  const alone = named === 0 && issuedBefore !== undefined;
  const dated = issuedBefore === undefined || who !== undefined || alone;
  if ((named === 1 || alone) && dated && (where === undefined || who !== undefined)) return;
  throw new HttpProblem('request.malformed', {
    detail: 'Name one of `token`, `tokenId`, `user`, `user` and `channel`, `key`, `jti` or `issuedBefore`.',
  });
}

function subjectOf({ tokenId, user: who, channel: where, key, jti, issuedBefore }: Body, now: number): Subject {
  const keepUntil = FOR_EVER;
  if (tokenId !== undefined) return { type: 'token', token: tokenId, keepUntil };
  if (key !== undefined) return { type: 'key', key, keepUntil };
  if (jti !== undefined) return { type: 'jti', jti, keepUntil };
  const before = issuedBefore ?? now;
  if (who === undefined) return { type: 'issued-before', issuedBefore: before, keepUntil };
  if (where === undefined) return { type: 'user', user: who, issuedBefore: before, keepUntil };
  return { type: 'user-channel', user: who, channel: where, issuedBefore: before, keepUntil };
}
