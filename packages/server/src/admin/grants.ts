import { randomBytes } from 'node:crypto';
import type { Clock, EngineApi } from '@portcullis/engine';
import {
  BIT,
  GRANT_SECTIONS,
  type GrantEntries,
  type GrantSection,
  type JsonObject,
  mintGrant,
  type Permission,
} from '@portcullis/policy';
import * as v from 'valibot';
import type { AppCatalog } from '../apps/app-catalog.ts';
import { signingSecrets } from '../config/index.ts';
import { HttpProblem } from '../http/problem.ts';
import { serverPrincipal } from './events.ts';
import { takes } from './field-problem.ts';
import { jsonObject, user } from './fields.ts';
import { latestIssuedBefore } from './issued-before.ts';
import { type Operation, operation } from './operation.ts';

const permissions = Object.keys(BIT) as [Permission, ...Permission[]];
const entries = v.record(
  v.string(),
  v.pipe(
    v.union([
      v.array(v.picklist(permissions)),
      v.pipe(v.number(), v.integer(), v.minValue(0), v.description('A sum of permission bits.')),
    ]),
    takes(`a list of permissions (${permissions.join(', ')}) or a sum of their bits`),
  ),
);
const table = v.strictObject({
  channels: v.exactOptional(entries),
  groups: v.exactOptional(entries),
  uuids: v.exactOptional(entries),
});
type Table = v.InferOutput<typeof table>;

const note = v.object({
  at: v.string(),
  message: v.string(),
  pattern: v.exactOptional(v.string()),
  position: v.exactOptional(v.number()),
});

export interface GrantDeps {
  readonly engine: EngineApi;
  readonly apps: AppCatalog;
  readonly clock: Clock;
}

/** Permission tokens (PubNub: Access Manager, version 3). */
export function grantOperations({ engine, apps, clock }: GrantDeps): readonly Operation[] {
  return [
    operation({
      id: 'mintGrant',
      method: 'post',
      path: '/apps/{app}/grants',
      summary: 'Mint a permission token: for names (`resources`) and for patterns that match whole names (`patterns`).',
      scope: 'grants',
      body: v.strictObject({
        ttl: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(43_200), v.description('Minutes.')),
        authorizedUser: v.exactOptional(user),
        resources: v.exactOptional(table),
        patterns: v.exactOptional(table),
        meta: v.exactOptional(jsonObject),
      }),
      status: 201,
      answer: v.object({ token: v.string(), id: v.string(), warnings: v.array(note) }),
      audit: 'grant.minted',
      handle: async ({ actor, app, body }) => {
        const [secret] = signingSecrets(apps.get(app).config);
        if (!secret) throw new HttpProblem('grant.invalid', { detail: 'The app has no `keys.secret` to sign with.' });
        const { ttl, authorizedUser, resources, patterns, meta } = body;
        const revokedUntil = latestIssuedBefore(engine.source(app).revocations, authorizedUser);
        const now = Math.max(clock.now(), (revokedUntil + 1) * 1_000);
        const minted = mintGrant(
          {
            ttl,
            ...(authorizedUser !== undefined && { authorizedUser }),
            ...(resources && { resources: toTable(resources) }),
            ...(patterns && { patterns: toTable(patterns) }),
            ...(meta && { meta: meta as JsonObject }),
          },
          { app, secret, now, nonce: randomBytes(16).toString('base64url') },
        );
        if (!minted.ok) {
          const errors = minted.problems.map(({ at, pattern, position, message }) => ({
            path: at,
            message: [pattern && `"${pattern}"`, position !== undefined && `at ${position}`, message]
              .filter(Boolean)
              .join(' '),
          }));
          throw new HttpProblem('grant.invalid', { errors });
        }
        const { token, id, warnings } = minted;
        const detail = { grant: id, ttl, ...(authorizedUser && { user: authorizedUser }) };
        const events = engine.events(app);
        if (events.hears('grant.created')) {
          await events.tell({ type: 'grant.created', principal: serverPrincipal(actor), data: detail });
        }
        return { body: { token, id, warnings }, audit: detail };
      },
    }),
  ];
}

function toTable(given: Table): { readonly [section in GrantSection]?: GrantEntries } {
  return Object.fromEntries(
    GRANT_SECTIONS.flatMap((section) => {
      const named = given[section];
      return named ? [[section, new Map(Object.entries(named).map(([name, bits]) => [name, toMask(bits)]))]] : [];
    }),
  );
}

function toMask(bits: number | readonly Permission[]): number {
  return typeof bits === 'number' ? bits : bits.reduce((mask, permission) => mask | BIT[permission], 0);
}
