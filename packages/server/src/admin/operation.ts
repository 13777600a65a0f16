import type { Change } from '@portcullis/engine';
import type { JsonObject } from '@portcullis/policy';
import * as v from 'valibot';
import { HttpProblem } from '../http/problem.ts';
import { fieldProblem } from './field-problem.ts';
import type { Actor, Scope } from './scopes.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** One management call, as its handler sees it. */
export interface Call<Query, Body> {
  readonly actor: Actor;
  /** The app of the path, known to exist and to be the actor's to touch; `''` where the path names none. */
  readonly app: string;
  /** The other `{names}` of the path. */
  readonly params: ReadonlyMap<string, string>;
  readonly query: Query;
  readonly body: Body;
  /** What the trail says of the call, to be committed with its changes. Without it `Result.audit` is written behind them. */
  readonly noted: (detail: JsonObject) => Change;
}

export interface Result {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** What the trail says beside actor, app and path, unless it was noted. Never a token, a secret or a payload. */
  readonly audit?: JsonObject;
}

export type Schema = v.GenericSchema;

interface Definition<Query extends Schema, Body extends Schema> {
  /** `operationId` of the OpenAPI document. */
  readonly id: string;
  readonly method: Method;
  /** Below `/admin/v1`, with `{names}`. */
  readonly path: string;
  readonly summary: string;
  readonly scope: Scope;
  readonly query?: Query;
  readonly body?: Body;
  readonly status?: 200 | 201 | 204;
  /** Shape of the answer; absent with 204. */
  readonly answer?: Schema;
  /** Name of the trail's entry, for every call that changes something. */
  readonly audit?: string;
  readonly handle: (call: Call<v.InferOutput<Query>, v.InferOutput<Body>>) => Result | Promise<Result>;
}

/** A call of the management API: what the router serves and the OpenAPI document describes. */
export interface Operation {
  readonly id: string;
  readonly method: Method;
  readonly path: string;
  readonly summary: string;
  readonly scope: Scope;
  readonly query: Schema;
  readonly body: Schema | null;
  readonly status: 200 | 201 | 204;
  readonly answer: Schema | null;
  readonly audit: string | null;
  readonly run: (call: Call<unknown, unknown>) => Promise<Result>;
}

export const NO_QUERY = v.strictObject({});
export const NO_BODY = v.undefined();

export function operation<Query extends Schema = typeof NO_QUERY, Body extends Schema = typeof NO_BODY>(
  definition: Definition<Query, Body>,
): Operation {
  const query = definition.query ?? NO_QUERY;
  const body = definition.body ?? NO_BODY;
  return {
    id: definition.id,
    method: definition.method,
    path: definition.path,
    summary: definition.summary,
    scope: definition.scope,
    query,
    body: definition.body ?? null,
    status: definition.status ?? 200,
    answer: definition.answer ?? null,
    audit: definition.audit ?? null,
    run: async (call) =>
      definition.handle({
        ...call,
        query: checked(query as Query, call.query, 'query'),
        body: checked(body as Body, call.body, ''),
      }),
  };
}

function checked<S extends Schema>(schema: S, input: unknown, at: string): v.InferOutput<S> {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  throw new HttpProblem('request.malformed', {
    detail: 'The call has fields that are missing, unknown or of the wrong kind.',
    errors: result.issues.map((issue) => fieldProblem(schema, issue, at)),
  });
}
