import * as v from 'valibot';
import { beforeAll, expect, test } from 'vitest';
import { type InProcess, inProcess } from '../in-process.fixture.ts';

interface Described {
  readonly operationId: string;
  readonly 'x-scope': string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: { readonly 'application/json': { schema: JsonSchema } };
  };
  readonly responses: Readonly<Record<string, { readonly content?: object }>>;
}
interface JsonSchema {
  readonly type?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean;
}

let server: InProcess;
let paths: readonly [path: string, method: string, described: Described][];

beforeAll(async () => {
  server = await inProcess();
  const { status, body } = await server.request('GET', '/admin/v1/openapi.json');
  expect(status).toBe(200);
  expect(body.openapi).toBe('3.1.0');
  paths = Object.entries(body.paths as Record<string, Record<string, Described>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => [path, method, described] as [string, string, Described]),
  );
});

const PROBLEM = v.object({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  detail: v.string(),
  code: v.string(),
  fix: v.string(),
});

test('it holds every call of the contract', () => {
  const calls = new Set(paths.map(([path, method]) => `${method.toUpperCase()} ${path.replace('/admin/v1', '')}`));
  for (const call of [
    'GET /apps',
    'POST /apps',
    'GET /apps/{app}',
    'PATCH /apps/{app}',
    'DELETE /apps/{app}',
    'GET /apps/{app}/rules',
    'POST /apps/{app}/rules',
    'GET /apps/{app}/rules/{rule}',
    'PUT /apps/{app}/rules/{rule}',
    'DELETE /apps/{app}/rules/{rule}',
    'POST /apps/{app}/events',
    'POST /apps/{app}/grants',
    'POST /apps/{app}/tokens',
    'POST /apps/{app}/revocations',
    'POST /apps/{app}/bans',
    'DELETE /apps/{app}/bans',
    'POST /apps/{app}/explain',
    'GET /apps/{app}/channels',
    'GET /apps/{app}/sessions',
    'DELETE /apps/{app}/sessions/{session}',
    'POST /apps/{app}/unsubscribe',
    'GET /audit',
  ]) {
    expect(calls).toContain(call);
  }
});

test('every operation it names is served, wants a token, and answers in problem details', async () => {
  expect(paths.length).toBeGreaterThan(25);
  for (const [path, method, { operationId, parameters, responses }] of paths) {
    const named = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
    expect(
      [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
      operationId,
    ).toEqual(named);
    const real = path.replace('{app}', 'shop').replaceAll(/\{\w+\}/g, '999');
    const anonymous = await server.request(method.toUpperCase(), real);
    expect(anonymous.status, operationId).toBe(401);
    expect(v.is(PROBLEM, anonymous.body), operationId).toBe(true);
    expect(Object.keys(responses), operationId).toContain('default');
  }
});

test('every body it describes is closed, and a field it does not name is refused', async () => {
  for (const [path, method, { operationId, requestBody }] of paths) {
    if (!requestBody) continue;
    const { schema } = requestBody.content['application/json'];
    expect(schema, operationId).toMatchObject({ type: 'object', additionalProperties: false });
    const real = path
      .replace('{app}', 'shop')
      .replaceAll(/\{\w+\}/g, '999')
      .replace('/admin/v1', '');
    const filled = Object.fromEntries((schema.required ?? []).map((name) => [name, sample(schema.properties?.[name])]));
    const refused = await server.admin(method.toUpperCase(), real, { ...filled, nonsense: 1 });
    expect(refused.status, operationId).toBe(400);
    expect(refused.body.errors, operationId).toContainEqual({
      path: 'nonsense',
      message: expect.stringMatching(/^unknown key/),
    });
  }
});

test('what it says is required is: leaving it out is refused by name', async () => {
  for (const [path, method, { operationId, requestBody }] of paths) {
    const required = requestBody?.content['application/json'].schema.required ?? [];
    const real = path
      .replace('{app}', 'shop')
      .replaceAll(/\{\w+\}/g, '999')
      .replace('/admin/v1', '');
    for (const name of required) {
      const refused = await server.admin(method.toUpperCase(), real, {});
      expect(refused.status, operationId).toBe(400);
      expect(
        refused.body.errors.map((error: { path: string }) => error.path),
        operationId,
      ).toContain(name);
    }
  }
});

function sample(schema: JsonSchema | undefined): unknown {
  switch (schema?.type) {
    case 'integer':
    case 'number':
      return 1;
    case 'array':
      return [];
    case 'boolean':
      return true;
    default:
      return 'x';
  }
}
