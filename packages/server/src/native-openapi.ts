/** A field of a body or answer, as JSON Schema. */
type Schema = Readonly<Record<string, unknown>>;

const text = (description: string): Schema => ({ type: 'string', description });
const timetoken: Schema = { type: 'string', pattern: '^\\d{17}$', description: '100 ns units since 1970.' };
const position: Schema = {
  type: ['object', 'null'],
  required: ['epoch', 'offset'],
  properties: { epoch: { type: 'string' }, offset: { type: 'integer' } },
};
const peer = (name: string): Schema => ({
  type: 'object',
  required: [name],
  properties: { [name]: { type: 'string' } },
  additionalProperties: false,
});

const publish: Schema = {
  type: 'object',
  required: ['channel', 'data'],
  additionalProperties: false,
  properties: {
    channel: { type: 'string' },
    data: { description: 'Any JSON.' },
    to: {
      description: 'To whom; absent: everyone joined.',
      oneOf: [{ enum: ['everyone', 'authenticated'] }, peer('session'), peer('user')],
    },
    key: {
      type: 'string',
      minLength: 1,
      maxLength: 64,
      description: 'A second publish under it is answered as the first was.',
    },
    meta: { type: 'object', description: 'Said beside the payload.' },
  },
};

const query = (name: string, description: string, schema: Schema = { type: 'string' }, required = false) => ({
  name,
  in: 'query',
  required,
  description,
  schema,
});
const KEY = query('key', 'The subscribe key: names the app.', { type: 'string' }, true);
const USER = query('user', 'A user id that is only stated.');

const json = (schema: Schema) => ({ 'application/json': { schema } });
const refused = {
  default: {
    description: 'Refused: problem details (RFC 9457); the code is in the header `X-Portcullis-Code` as well.',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  },
};

/** The OpenAPI 3.1 document of what native clients do over plain HTTP (`docs/protocol.md`). */
export function nativeOpenApi(version: string) {
  return {
    openapi: '3.1.0',
    info: { title: 'Portcullis for clients', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    security: [{ bearer: [] }, {}],
    paths: {
      '/v1/stream': {
        get: {
          operationId: 'openStream',
          summary: 'Listen to channels: server-sent events, each a message of the protocol.',
          parameters: [
            KEY,
            query('channel', 'Once for each channel.', { type: 'array', items: { type: 'string' } }, true),
            query('presence', 'Rosters and their changes.', { type: 'boolean' }),
            query('history', 'How many of the newest messages to send first, of each channel.', { type: 'integer' }),
            query('ticket', 'Instead of a bearer token; good once, within 30 s.'),
            query('lastEventId', 'As the header `Last-Event-ID`.'),
            USER,
          ],
          responses: { 200: { description: 'The stream.', content: { 'text/event-stream': {} } }, ...refused },
        },
      },
      '/v1/ticket': {
        post: {
          operationId: 'getTicket',
          summary: 'A ticket that stands for the bearer token in the address of one stream.',
          security: [{ bearer: [] }],
          parameters: [KEY, USER],
          responses: {
            201: {
              description: 'Good once, within 30 s.',
              content: json({
                type: 'object',
                required: ['ticket', 'expiresAt'],
                properties: {
                  ticket: { type: 'string' },
                  expiresAt: { type: 'integer', description: 'ms since 1970.' },
                },
              }),
            },
            ...refused,
          },
        },
      },
      '/v1/publish': {
        post: {
          operationId: 'publish',
          summary: 'Publish, as a user, as a server, or as nobody.',
          parameters: [KEY, USER],
          requestBody: { required: true, content: json(publish) },
          responses: {
            200: {
              description: 'Placed, and where the channel keeps history on disk.',
              content: json({
                type: 'object',
                required: ['position', 'timetoken'],
                properties: {
                  position,
                  timetoken,
                  repeated: { const: true, description: 'It had been published under the same key.' },
                },
              }),
            },
            ...refused,
          },
        },
      },
    },
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description:
            'A token of a user. To publish as a server: the app’s secret key, or an API key with the scope `publish` or `act`.',
        },
      },
      schemas: {
        Problem: {
          type: 'object',
          required: ['type', 'title', 'status', 'detail', 'code'],
          properties: {
            type: { type: 'string' },
            title: { type: 'string' },
            status: { type: 'integer' },
            detail: { type: 'string' },
            code: text('Stable; see docs/codes.md.'),
            fix: text('What would have to change, where clients are told.'),
          },
        },
      },
    },
  };
}
