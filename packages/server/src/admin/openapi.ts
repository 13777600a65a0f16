import { type ConversionConfig, toJsonSchema } from '@valibot/to-json-schema';
import type { Operation, Schema } from './operation.ts';
import { SCOPES } from './scopes.ts';

type Json = Record<string, unknown>;

const CONVERSION: ConversionConfig = { typeMode: 'input', errorMode: 'ignore' };

const problem = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', description: 'Stable; see docs/codes.md.' },
    fix: { type: 'string' },
    errors: {
      type: 'array',
      items: { type: 'object', properties: { path: { type: 'string' }, message: { type: 'string' } } },
    },
  },
};

/** The OpenAPI 3.1 document of these operations, made from the schemas that their handlers validate with. */
export function openApiDocument(operations: readonly Operation[], version: string): Json {
  const paths = new Map<string, Json>();
  for (const operation of operations) {
    const path = `/admin/v1${operation.path}`;
    paths.set(path, { ...paths.get(path), [operation.method]: describe(operation) });
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Portcullis management API', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    security: [{ bearer: [] }],
    paths: Object.fromEntries(paths),
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'The admin token, or an API key with the call’s scope.',
        },
      },
      schemas: { Problem: problem },
    },
  };
}

function describe(operation: Operation): Json {
  const { id, summary, scope, status, body, answer } = operation;
  return {
    operationId: id,
    summary,
    description: `Scope \`${scope}\`: ${SCOPES[scope]}`,
    'x-scope': scope,
    parameters: [...pathParameters(operation.path), ...queryParameters(operation.query)],
    ...(body && { requestBody: { required: body.type !== 'optional', content: json(convert(body)) } }),
    responses: {
      [status]: { description: 'Done.', ...(answer && { content: json(convert(answer)) }) },
      default: {
        description: 'Refused: problem details (RFC 9457).',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(query: Schema): Json[] {
  const { properties = {}, required = [] } = convert(query) as {
    properties?: Record<string, Json>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function convert(schema: Schema): Json {
  const { $schema: _, ...converted } = toJsonSchema(schema, CONVERSION);
  return converted;
}

function json(schema: Json) {
  return { 'application/json': { schema } };
}
