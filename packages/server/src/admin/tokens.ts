import { randomBytes } from 'node:crypto';
import type { Clock, EngineApi } from '@portcullis/engine';
import type { JsonObject } from '@portcullis/policy';
import * as v from 'valibot';
import type { AppCatalog } from '../apps/app-catalog.ts';
import { identityConfig } from '../apps/identities.ts';
import { HttpProblem } from '../http/problem.ts';
import { mintUserToken } from '../identity/index.ts';
import { duration, instant, jsonObject, key, milliseconds, text, user } from './fields.ts';
import { latestIssuedBefore } from './issued-before.ts';
import { type Operation, operation } from './operation.ts';

const TTL = 3_600;

export interface TokenDeps {
  readonly engine: EngineApi;
  readonly apps: AppCatalog;
  readonly clock: Clock;
}

/** Tokens that prove a user to the realtime doors, signed with the app's first shared secret. */
export function tokenOperations({ engine, apps, clock }: TokenDeps): readonly Operation[] {
  return [
    operation({
      id: 'mintToken',
      method: 'post',
      path: '/apps/{app}/tokens',
      summary:
        'Mint a realtime JWT for a user. `ttl` is 1h unless given; `extras` are shown to others; `grant` is carried along.',
      scope: 'tokens',
      body: v.strictObject({
        user,
        table: v.exactOptional(key),
        row: v.exactOptional(key),
        extras: v.exactOptional(jsonObject),
        ttl: v.optional(duration, TTL),
        grant: v.exactOptional(text(65_536)),
      }),
      status: 201,
      answer: v.object({ token: v.string(), jti: v.string(), key: v.string(), expiresAt: instant }),
      audit: 'token.minted',
      handle: async ({ app, body }) => {
        const { ttl, extras, ...spec } = body;
        const minted = await mintUserToken(
          { ...spec, ...(extras && { extras: extras as JsonObject }), ttl: milliseconds(ttl, 'ttl') / 1_000 },
          identityConfig(apps.get(app).config),
          {
            now: clock.now(),
            jti: randomBytes(16).toString('base64url'),
            issuedAfter: latestIssuedBefore(engine.source(app).revocations, body.user),
          },
        );
        if (!minted.ok) throw new HttpProblem(minted.code, { detail: minted.reason });
        const { token, jti, key: signedBy, expiresAt } = minted;
        return { body: { token, jti, key: signedBy, expiresAt }, audit: { user: body.user, jti, expiresAt } };
      },
    }),
  ];
}
