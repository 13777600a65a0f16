import type { Clock, EngineApi } from '@portcullis/engine';
import {
  type AccessRequest,
  ANONYMOUS,
  type Operation as Asked,
  CODES,
  OPERATIONS,
  type Principal,
} from '@portcullis/policy';
import * as v from 'valibot';
import type { Identities } from '../apps/identities.ts';
import { HttpProblem } from '../http/problem.ts';
import { key, text, user } from './fields.ts';
import { type Operation, operation } from './operation.ts';

const operations = Object.keys(OPERATIONS) as [Asked, ...Asked[]];

const target = v.variant('to', [
  v.strictObject({ to: v.literal('everyone') }),
  v.strictObject({ to: v.literal('authenticated') }),
  v.strictObject({ to: v.literal('session'), session: text(256) }),
  v.strictObject({ to: v.literal('user'), user }),
]);
const id = v.union([v.number(), text(256)]);
const audience = v.variant('to', [
  v.strictObject({ to: v.literal('everyone'), anonymous: v.optional(v.boolean(), true) }),
  v.strictObject({ to: v.literal('authenticated') }),
  v.strictObject({ to: v.literal('table'), table: id }),
  v.strictObject({ to: v.literal('row'), table: id, row: id }),
  v.strictObject({ to: v.literal('user'), user, from: v.exactOptional(user) }),
  v.strictObject({ to: v.literal('session'), session: text(256), from: text(256) }),
  v.strictObject({ to: v.literal('presence') }),
]);
const body = v.strictObject({
  operation: v.picklist(operations),
  channel: v.exactOptional(
    v.pipe(text(4_096), v.description('The channel, or the group or user the operation is about.')),
  ),
  user: v.exactOptional(v.pipe(user, v.description('A proven user; `table` and `row` as its token would name them.'))),
  table: v.exactOptional(key),
  row: v.exactOptional(key),
  token: v.exactOptional(v.pipe(text(65_536), v.description('Ask as the bearer of this token.'))),
  anonymous: v.exactOptional(v.boolean()),
  joined: v.exactOptional(v.pipe(v.boolean(), v.description('Absent: whether the asker may join is what counts.'))),
  target: v.exactOptional(v.pipe(target, v.description('`publish`: to whom. Everyone unless given.'))),
  audience: v.exactOptional(
    v.pipe(audience, v.description('`receive`, `history.item`: to whom the item was published.')),
  ),
  session: v.exactOptional(v.pipe(text(256), v.description('`receive`, `history.item`: the asker’s session.'))),
  peer: v.exactOptional(
    v.strictObject({ joined: v.boolean(), authenticated: v.boolean(), self: v.optional(v.boolean(), false) }),
  ),
});
type Body = v.InferOutput<typeof body>;

const by = v.object({
  gate: v.string(),
  rule: v.exactOptional(v.number()),
  grant: v.exactOptional(v.string()),
  ban: v.exactOptional(v.number()),
  revocation: v.exactOptional(v.number()),
});
const step = v.object({
  gate: v.string(),
  question: v.string(),
  answer: v.picklist(['yes', 'no', 'skipped']),
  detail: v.string(),
});

export interface ExplainDeps {
  readonly engine: EngineApi;
  readonly identities: Identities;
  readonly clock: Clock;
}

/** A decision with its steps: the one that clients get, by the same code. */
export function explainOperations({ engine, identities, clock }: ExplainDeps): readonly Operation[] {
  return [
    operation({
      id: 'explain',
      method: 'post',
      path: '/apps/{app}/explain',
      summary: 'Ask what would be decided, and why. Nothing is done.',
      scope: 'explain',
      body,
      answer: v.object({
        allowed: v.boolean(),
        code: v.exactOptional(v.string()),
        by,
        rule: v.exactOptional(v.looseObject({ id: v.number(), target: v.string() })),
        target: v.exactOptional(v.looseObject({ to: v.string() })),
        names: v.exactOptional(v.array(v.string())),
        steps: v.array(step),
        fix: v.exactOptional(v.string()),
      }),
      handle: async ({ app, body: asked }) => {
        const proven = asked.token === undefined ? undefined : await identities.identify(app, { token: asked.token });
        if (proven && !proven.ok) return { body: notIdentified(proven.code, proven.reason) };
        const principal = proven ? proven.principal : statedPrincipal(asked);
        return { body: engine.explain(app, requestOf(asked, principal, clock.now())) };
      },
    }),
  ];
}

function statedPrincipal(asked: Body): Principal {
  if (asked.user === undefined) return ANONYMOUS;
  if (asked.anonymous === true) {
    throw new HttpProblem('request.malformed', { detail: 'An anonymous asker has no `user`.' });
  }
  const { user: who, table = 1, row = who } = asked;
  return { kind: 'user', user: who, table, row, extras: {}, credentials: [] };
}

function requestOf(asked: Body, principal: Principal, now: number): AccessRequest {
  const { operation: what, channel: name, joined, target: to, peer, session } = asked;
  return {
    operation: what,
    principal,
    now,
    ...(name !== undefined && { name }),
    ...(joined !== undefined && { joined }),
    ...(to !== undefined ? { target: to } : what === 'publish' && { target: { to: 'everyone' } }),
    ...(peer !== undefined && { peer }),
    ...(asked.audience !== undefined && { audience: asked.audience }),
    ...(session !== undefined && { session }),
  };
}

/** A token that proves nothing ends the question before the policy is asked. */
function notIdentified(code: keyof typeof CODES, reason: string) {
  return {
    allowed: false,
    code,
    by: { gate: 'identity' },
    steps: [{ gate: 'identity', question: 'Is the token genuine and still valid?', answer: 'no', detail: reason }],
    fix: CODES[code].fix,
  };
}
